"""One of everything that can be configured, and what each field may be changed to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from shared.columns import ColumnType
from shared.documents.dataset import BigQuerySource, DatasetSpec, FileSource
from shared.documents.feature_config import FeatureConfigSpec
from shared.documents.model_config import ModelConfigSpec
from shared.documents.online_experiment import ExperimentWish, VersionShare
from shared.documents.quick_test import LeftOut, QuickTestSpec, Split
from shared.documents.registered_model import ProductionWish, RegisteredModelSpec
from shared.documents.rule_set import RuleSetSpec
from shared.documents.schedule import ScheduleSpec
from shared.documents.source import ColumnFormat, FileOptions
from shared.documents.sweep import Overrides, SweepSpec
from shared.documents.tables import Dates, Events, ProductTable, RowFilter, SideTable
from shared.documents.tuning import Searched, TuningSpec
from shared.features import FEATURES
from shared.layers import LAYERS
from shared.rules_of_lists import FILTERS, Cap, Pin, Rules
from shared.tasks.reranker import Reranker
from shared.transforms import TRANSFORMS
from shared.transforms.cross import Cross

Place = tuple[str | int, ...]
COLUMNS = {
    "customer": ColumnType.STRING,
    "product": ColumnType.STRING,
    "bought_at": ColumnType.TIMESTAMP,
    "arrived_at": ColumnType.TIMESTAMP,
    "city": ColumnType.STRING,
    "shop": ColumnType.STRING,
    "brand": ColumnType.STRING,
    "price": ColumnType.FLOAT,
    "weight": ColumnType.FLOAT,
    "rating": ColumnType.FLOAT,
    "stars": ColumnType.FLOAT,
}
# Features of which the example below has none: type, kind and column.
_FURTHER = [
    (name, kind, f"{name}_source")
    for name, kind in FEATURES.items()
    if name not in ("string_embedding", "numeric", "timestamp", "history")
]
COLUMNS |= {column: kind.column_types[0] for _, kind, column in _FURTHER}


def _transforms(feature: str) -> dict[str, Any]:
    """Of each transform that a type of feature has, an example."""
    return {
        name: dict(kind.example)
        for name, kind in TRANSFORMS.items()
        if feature in kind.features and kind.example
    }


EVERYTHING: dict[str, Any] = {
    "schedule": {"model_id": "rm-grocery-0123456789", "cron": "0 3 * * mon"},
    "dataset": {
        "source": {
            "kind": "parquet",
            "uri": "purchases.parquet",
            "options": {"columns": {"price": {}}},
        },
        "column_mapping": {
            "customer": "customer_id",
            "product": "product_id",
            "bought_at": "transaction_date",
        },
    },
    "features": {
        "dataset_id": "ds-1",
        "buyer_model_features": [
            {"column": "city", "type": "string_embedding"},
            {
                "column": "bought_at",
                "type": "timestamp",
                "transforms": _transforms("timestamp"),
            },
            {"column": "customer", "type": "string_embedding"},
            {"column": "shop", "type": "string_embedding"},
            {"column": "product", "type": "history"},
        ],
        "product_model_features": [
            {"column": "product", "type": "string_embedding"},
            {
                "column": "price",
                "type": "numeric",
                "transforms": _transforms("numeric"),
            },
            *({"column": column, "type": name, **kind.example} for name, kind, column in _FURTHER),
        ],
        "buyer_model_crosses": [{"features": ["customer", "shop"], "hash_bucket_size": 500}],
    },
    "model": {
        "model_type": "multitask",
        "buyer_tower_layers": [
            *({"type": name, **kind.example} for name, kind in LAYERS.items()),
            {"type": "dense", "units": 32, "activation": None},
        ],
        "product_tower_layers": [{"type": "dense", "units": 32, "activation": None}],
        "rating_head_layers": [{"type": "dense", "units": 1, "activation": None}],
        "retrieval_algorithm": "scann",
        "reranker": {},
    },
    "test": {
        "feature_config_id": "fc-1",
        "model_config_id": "mc-1",
        "rating_column": "rating",
        "epochs": 3,
    },
}
_DENSE = {"type": "dense", "units": 16}
_EMBEDDED = {"column": "brand", "type": "string_embedding"}


def _features() -> Iterator[tuple[type[BaseModel], Place]]:
    """Each kind of feature and its settings, then each transform."""
    transforms: dict[type[BaseModel], Place] = {}
    for name, kind in FEATURES.items():
        place: Place = next(
            ("features", tower, number)
            for tower in ("buyer_model_features", "product_model_features")
            for number, feature in enumerate(EVERYTHING["features"][tower])
            if feature["type"] == name
        )
        yield kind, place
        for field, settings in _models(kind):
            yield settings, (*place, field)
            for inner, model in _models(settings):
                transforms.setdefault(model, (*place, field, inner))
    yield from transforms.items()


def _models(model: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    """Its fields that are models themselves."""
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield name, field.annotation


# Section, and its models with where in `EVERYTHING` an example of each is.
SECTIONS: list[tuple[str, list[tuple[type[BaseModel], Place]]]] = [
    (
        "Dataset",
        [
            (DatasetSpec, ("dataset",)),
            (FileSource, ("dataset", "source")),
            (FileOptions, ("dataset", "source", "options")),
            (ColumnFormat, ("dataset", "source", "options", "columns", "price")),
            (BigQuerySource, ("dataset", "source")),
            (ProductTable, ("dataset", "products")),
            (SideTable, ("dataset", "customers")),
            (RowFilter, ("dataset", "where", 0)),
            (Dates, ("dataset", "dates")),
            (Events, ("dataset", "events")),
        ],
    ),
    (
        "Feature config",
        [
            (FeatureConfigSpec, ("features",)),
            *_features(),
            (Cross, ("features", "buyer_model_crosses", 0)),
        ],
    ),
    (
        "Model config",
        [
            (ModelConfigSpec, ("model",)),
            (Reranker, ("model", "reranker")),
            *(
                (kind, ("model", "buyer_tower_layers", number))
                for number, kind in enumerate(LAYERS.values())
            ),
        ],
    ),
    (
        "Quick test",
        [
            (QuickTestSpec, ("test",)),
            (Split, ("test", "split")),
            (LeftOut, ("test", "leave_out", 0)),
        ],
    ),
    (
        "Sweep",
        [
            (SweepSpec, ("sweep",)),
            (Overrides, ("sweep", "overrides", 0)),
        ],
    ),
    (
        "Tuning",
        [
            (TuningSpec, ("tuning",)),
            (Searched, ("tuning", "space", 0)),
        ],
    ),
    (
        "Registered model",
        [
            (RegisteredModelSpec, ("registered",)),
            (ProductionWish, ("registered", "production")),
            (ExperimentWish, ("registered", "experiment")),
            (VersionShare, ("registered", "experiment", "versions", 0)),
        ],
    ),
    (
        "Rule set",
        [
            (RuleSetSpec, ("rule_set",)),
            (Rules, ("rule_set", "rules")),
            *((kind, ("rule_set", "rules", "filters", 0)) for kind in FILTERS.values()),
            (Cap, ("rule_set", "rules", "caps", 0)),
            (Pin, ("rule_set", "rules", "pins", 0)),
        ],
    ),
    ("Schedule", [(ScheduleSpec, ("schedule",))]),
]
# Values to change a field to, where the schema alone does not tell a sensible one.
OTHERS: dict[tuple[str, str], Any] = {
    ("DatasetSpec", "source"): {"kind": "csv", "uri": "purchases.csv"},
    ("FileSource", "uri"): "more/*.parquet",
    ("FileSource", "options"): {"delimiter": ";"},
    ("FileOptions", "encoding"): "cp1252",
    ("FileOptions", "delimiter"): ";",
    ("FileOptions", "quote"): "'",
    ("FileOptions", "escape"): "\\",
    ("FileOptions", "header"): 3,
    ("FileOptions", "missing"): ["unknown"],
    ("FileOptions", "decimal"): ",",
    ("FileOptions", "day_first"): True,
    ("FileOptions", "zone"): "Europe/Berlin",
    ("FileOptions", "columns"): {"price": {"decimal": ","}},
    ("ColumnFormat", "type"): "FLOAT",
    ("ColumnFormat", "times"): ["%d.%m.%Y %H:%M"],
    ("ColumnFormat", "time_of_day"): "clock",
    ("ColumnFormat", "decimal"): ",",
    ("FeatureConfigSpec", "buyer_model_features"): [
        *EVERYTHING["features"]["buyer_model_features"],
        _EMBEDDED,
    ],
    ("FeatureConfigSpec", "product_model_features"): [
        *EVERYTHING["features"]["product_model_features"],
        _EMBEDDED,
    ],
    ("FeatureConfigSpec", "product_model_crosses"): [
        {"features": ["product", "price_bucket"], "hash_bucket_size": 500}
    ],
    ("FeatureConfigSpec", "buyer_model_crosses"): [
        *EVERYTHING["features"]["buyer_model_crosses"],
        {"features": ["city", "bought_at_bucket"], "hash_bucket_size": 700},
    ],
    ("StringEmbedding", "vocab_settings"): {"max_size": 500},
    ("Numeric", "column"): "weight",
    ("Timestamp", "column"): "arrived_at",
    ("Numeric", "transforms"): {"log_transform": True},
    ("Timestamp", "transforms"): {"cyclical": {"daily": True}},
    ("NumericTransforms", "normalize"): {"enabled": True, "range": [0, 1]},
    ("NumericTransforms", "bucketize"): {"enabled": True, "buckets": 20},
    ("TimestampTransforms", "normalize"): {"enabled": True, "range": [0, 1]},
    ("TimestampTransforms", "bucketize"): {"enabled": True, "buckets": 20},
    ("TimestampTransforms", "cyclical"): {"weekly": True, "daily": True},
    ("Normalize", "range"): [0, 1],
    ("Cross", "features"): ["shop", "bought_at_bucket"],
    ("ModelConfigSpec", "buyer_tower_layers"): [
        _DENSE,
        *EVERYTHING["model"]["buyer_tower_layers"],
    ],
    ("ModelConfigSpec", "product_tower_layers"): [
        _DENSE,
        *EVERYTHING["model"]["product_tower_layers"],
    ],
    ("ModelConfigSpec", "rating_head_layers"): [
        _DENSE,
        *EVERYTHING["model"]["rating_head_layers"],
    ],
    ("ModelConfigSpec", "learning_rate"): 0.001,
    ("Dense", "l2_reg"): 0.01,
    ("Dropout", "rate"): 0.3,
    ("LayerNorm", "epsilon"): 1e-5,
    ("Reranker", "units"): [16],
    ("History", "half_lives"): [7.0, 30.0],
    ("QuickTestSpec", "learning_rate_override"): 0.001,
    ("QuickTestSpec", "rating_column"): "stars",
    ("Split", "holdout_percent"): 20,
    ("QuickTestSpec", "split"): {"holdout_percent": 20},
}
# What no single line shows.
IN_WORDS = {
    ("DatasetSpec", "column_mapping"): "*job:* `customer_key`, `product_key`, `timestamp_column`, "
    "`name_column`",
    ("BigQuerySource", "kind"): "*job:* `source`",
    ("BigQuerySource", "table"): "*job:* `source`",
    ("BigQuerySource", "query"): "*job:* `source`",
    ("DatasetSpec", "where"): "*job:* `view`, `where` or `where_joined`",
    ("DatasetSpec", "dates"): "*job:* `view`, `where`",
    ("DatasetSpec", "events"): "*job:* `view`, `kinds`",
    **{
        (model.__name__, name): "*job:* `view`"
        for model in (ProductTable, SideTable, RowFilter, Dates, Events)
        for name in model.model_fields
    },
    **{("DatasetSpec", name): "*job:* `view`" for name in ("products", "customers")},
    ("BigQuerySource", "as_of"): "*job:* `source`",
    **{(kind.__name__, "type"): "which transforms it may have" for kind in FEATURES.values()},
    ("Bucketize", "enabled"): "`bucketize(…)`, and an embedding in the tower",
    ("ModelConfigSpec", "model_type"): "`class TwoTowerModel`, its losses and serving signatures",
    ("ModelConfigSpec", "retrieval_algorithm"): "brute force: `tf.math.top_k` over all scores; "
    "ScaNN: `ScannIndex(…)`, where there are enough products",
    ("ModelConfigSpec", "output_embedding_dim"): "the last layer of both towers, which must match",
    ("ModelConfigSpec", "reranker"): "`fit_reranker(…)`, and the signatures `buy_again` and "
    "`discover`; *job:* `fitting_fraction`",
    ("Reranker", "fitting_percent"): "*job:* `fitting_fraction`",
    ("History", "column"): "`HistoryPool(…)` over the product tower's table of the column",
    ("History", "embedding_dim"): "the table is the product tower's",
    ("QuickTestSpec", "runner"): "*job:* `runner`",
    ("QuickTestSpec", "purpose"): "*job:* `purpose`",
    ("QuickTestSpec", "leave_out"): "neither module has the column in that tower, nor a cross "
    "that uses it",
    ("QuickTestSpec", "segment_columns"): "*job:* `segment_keys` of the examples, and their raw "
    "features; see [segments](segments.md)",
    ("QuickTestSpec", "rule_set_id"): "*job:* `rules`, as they were when the test was validated; "
    "see [rules](rules.md#what-rules-cost)",
    ("QuickTestSpec", "settings"): "what the configs' own fields would be",
    ("LeftOut", "tower"): "see `leave_out`",
    ("LeftOut", "column"): "see `leave_out`",
    ("QuickTestSpec", "feature_config_revision"): "which spec the modules are made of",
    ("QuickTestSpec", "model_config_revision"): "which spec the trainer is made of",
    ("QuickTestSpec", "champion_test_id"): "*job:* `champion`; see [schedules](schedules.md)",
    ("QuickTestSpec", "warm_start_test_id"): "*job:* `warm_start`; see "
    "[schedules](schedules.md#warm-start)",
    **{
        ("ScheduleSpec", name): "when a model is [trained again](schedules.md), and what follows"
        for name in ScheduleSpec.model_fields
    },
    ("QuickTestSpec", "model_name"): "what a full training is [registered](registry.md) under",
    **{
        (model.__name__, name): "which version [servers](registry.md) load"
        for model in (RegisteredModelSpec, ProductionWish)
        for name in model.model_fields
        if name != "experiment"
    },
    **{
        (model.__name__, name): "which version answers whom in an [experiment](online.md)"
        for model, names in (
            (RegisteredModelSpec, ["experiment"]),
            (ExperimentWish, ExperimentWish.model_fields),
            (VersionShare, VersionShare.model_fields),
        )
        for name in names
    },
    **{
        (model.__name__, name): "what a [list](rules.md) may hold"
        for model in (RuleSetSpec, Rules, *FILTERS.values(), Cap, Pin)
        for name in model.model_fields
    },
    **{("Searched", name): "the settings of trials" for name in Searched.model_fields},
    **{
        (series.__name__, name): f"see [QuickTestSpec](#quicktestspec)'s `{name}`"
        for series in (SweepSpec, TuningSpec)
        for name in series.model_fields.keys() & QuickTestSpec.model_fields.keys()
    },
    **{
        ("Overrides", name): f"see [QuickTestSpec](#quicktestspec)'s `{name}`"
        for name in Overrides.model_fields
    },
}
