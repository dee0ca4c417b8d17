"""One of everything that can be configured, and what each field may be changed to."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from shared.columns import ColumnType
from shared.documents.dataset import BigQuerySource, DatasetSpec, FileSource
from shared.documents.feature_config import (
    FeatureConfigSpec,
    Numeric,
    NumericTransforms,
    StringEmbedding,
    Timestamp,
    TimestampTransforms,
)
from shared.documents.model_config import ModelConfigSpec
from shared.documents.quick_test import LeftOut, QuickTestSpec, Split
from shared.documents.sweep import Overrides, SweepSpec
from shared.layers import BatchNorm, Dense, Dropout, LayerNorm
from shared.transforms.bucketize import Bucketize
from shared.transforms.cross import Cross
from shared.transforms.cyclical import Cyclical
from shared.transforms.normalize import Normalize
from shared.transforms.vocabulary import VocabularySettings

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
EVERYTHING: dict[str, Any] = {
    "dataset": {
        "source": {"kind": "parquet", "uri": "purchases.parquet"},
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
                "transforms": {"bucketize": {"enabled": True}, "cyclical": {"weekly": True}},
            },
            {"column": "customer", "type": "string_embedding"},
            {"column": "shop", "type": "string_embedding"},
        ],
        "product_model_features": [
            {"column": "product", "type": "string_embedding"},
            {
                "column": "price",
                "type": "numeric",
                "transforms": {"normalize": {"enabled": True}, "bucketize": {"enabled": True}},
            },
        ],
        "buyer_model_crosses": [{"features": ["customer", "shop"], "hash_bucket_size": 500}],
    },
    "model": {
        "model_type": "multitask",
        "buyer_tower_layers": [
            {"type": "dense", "units": 64},
            {"type": "dropout"},
            {"type": "batch_norm"},
            {"type": "layer_norm"},
            {"type": "dense", "units": 32, "activation": None},
        ],
        "product_tower_layers": [{"type": "dense", "units": 32, "activation": None}],
        "rating_head_layers": [{"type": "dense", "units": 1, "activation": None}],
        "retrieval_algorithm": "scann",
    },
    "test": {
        "feature_config_id": "fc-1",
        "model_config_id": "mc-1",
        "rating_column": "rating",
        "epochs": 3,
    },
}
_NUMERIC = ("features", "product_model_features", 1)
_TIMESTAMP = ("features", "buyer_model_features", 1)
_DENSE = {"type": "dense", "units": 16}
_EMBEDDED = {"column": "brand", "type": "string_embedding"}
# Section, and its models with where in `EVERYTHING` an example of each is.
SECTIONS: list[tuple[str, list[tuple[type[BaseModel], Place]]]] = [
    (
        "Dataset",
        [
            (DatasetSpec, ("dataset",)),
            (FileSource, ("dataset", "source")),
            (BigQuerySource, ("dataset", "source")),
        ],
    ),
    (
        "Feature config",
        [
            (FeatureConfigSpec, ("features",)),
            (StringEmbedding, ("features", "buyer_model_features", 0)),
            (VocabularySettings, ("features", "buyer_model_features", 0, "vocab_settings")),
            (Numeric, _NUMERIC),
            (NumericTransforms, (*_NUMERIC, "transforms")),
            (Timestamp, _TIMESTAMP),
            (TimestampTransforms, (*_TIMESTAMP, "transforms")),
            (Normalize, (*_NUMERIC, "transforms", "normalize")),
            (Bucketize, (*_NUMERIC, "transforms", "bucketize")),
            (Cyclical, (*_TIMESTAMP, "transforms", "cyclical")),
            (Cross, ("features", "buyer_model_crosses", 0)),
        ],
    ),
    (
        "Model config",
        [
            (ModelConfigSpec, ("model",)),
            (Dense, ("model", "buyer_tower_layers", 0)),
            (Dropout, ("model", "buyer_tower_layers", 1)),
            (BatchNorm, ("model", "buyer_tower_layers", 2)),
            (LayerNorm, ("model", "buyer_tower_layers", 3)),
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
]
# Values to change a field to, where the schema alone does not tell a sensible one.
OTHERS: dict[tuple[str, str], Any] = {
    ("DatasetSpec", "source"): {"kind": "csv", "uri": "purchases.csv"},
    ("FileSource", "uri"): "more/*.parquet",
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
    ("StringEmbedding", "type"): "which transforms it may have",
    ("Numeric", "type"): "which transforms it may have",
    ("Timestamp", "type"): "which transforms it may have",
    ("Bucketize", "enabled"): "`_bucketize(…)`, and an embedding in the tower",
    ("ModelConfigSpec", "model_type"): "`class TwoTowerModel`, its losses and serving signatures",
    ("ModelConfigSpec", "retrieval_algorithm"): "brute force: `tf.math.top_k` over all scores; "
    "ScaNN: `scann_index(…)`, where there are enough products",
    ("ModelConfigSpec", "output_embedding_dim"): "the last layer of both towers, which must match",
    ("QuickTestSpec", "runner"): "*job:* `runner`",
    ("QuickTestSpec", "purpose"): "*job:* `purpose`",
    ("QuickTestSpec", "leave_out"): "neither module has the column in that tower, nor a cross "
    "that uses it",
    ("LeftOut", "tower"): "see `leave_out`",
    ("LeftOut", "column"): "see `leave_out`",
    ("QuickTestSpec", "feature_config_revision"): "which spec the modules are made of",
    ("QuickTestSpec", "model_config_revision"): "which spec the trainer is made of",
    **{
        ("SweepSpec", name): f"see [QuickTestSpec](#quicktestspec)'s `{name}`"
        for name in SweepSpec.model_fields.keys() & QuickTestSpec.model_fields.keys()
    },
    **{
        ("Overrides", name): f"see [QuickTestSpec](#quicktestspec)'s `{name}`"
        for name in Overrides.model_fields
    },
}
