"""Hypothesis strategies: datasets with hostile names, valid feature configs over them, models."""

from __future__ import annotations

from hypothesis import strategies as st

from shared.columns import Column, ColumnType
from shared.documents.dataset import Dataset
from shared.documents.feature_config import FeatureConfig, FeatureConfigSpec
from shared.documents.model_config import ModelConfig

HOSTILE_NAMES = [
    "quote \" and ' quote",
    'triple """ quote',
    "back\\slash\\",
    "new\nline",
    "{} {0} {column} %s %(x)s",
    "# comment",
    "__import__('os').system('true')",
    "Größe (cm)",
    "価格",
    "price_bucket",
    "price",
    "Price",
    "class",
    "1st",
    "_",
    "a/b",
    "\u202eright to left",
    "x" * 250,
]

texts = st.one_of(st.sampled_from(HOSTILE_NAMES), st.text(min_size=1, max_size=40))


@st.composite
def datasets(draw: st.DrawFn) -> Dataset:
    names = draw(st.lists(texts, min_size=5, max_size=10, unique_by=lambda name: name.casefold()))
    types = [ColumnType.STRING, ColumnType.STRING, ColumnType.TIMESTAMP]
    types += draw(
        st.lists(
            st.sampled_from(list(ColumnType)), min_size=len(names) - 3, max_size=len(names) - 3
        )
    )
    roles = ["customer_id", "product_id", "transaction_date"]
    return Dataset.model_validate(
        {
            "id": "ds-1",
            "name": draw(texts),
            "spec": {
                "source": {"kind": "parquet", "uri": "/data/purchases.parquet"},
                "column_mapping": dict(zip(names, roles, strict=False)),
            },
            "status": {
                "columns": [
                    Column(name=name, type=kind) for name, kind in zip(names, types, strict=True)
                ],
                "row_count": 1000,
                "fingerprint": "f",
            },
        }
    )


@st.composite
def _feature(draw: st.DrawFn, column: Column, of_buyer: bool) -> dict[str, object]:
    dims = st.integers(4, 256)
    kinds = []
    if column.type in (ColumnType.STRING, ColumnType.INTEGER, ColumnType.BOOLEAN):
        kinds.append("string_embedding")
    if column.type is ColumnType.STRING:
        kinds += ["text", "list", "vector"]
    if column.type.is_numeric:
        kinds.append("numeric")
    if column.type is ColumnType.TIMESTAMP:
        kinds += ["timestamp", "days_since"] if of_buyer else ["timestamp"]
    kind = draw(st.sampled_from(kinds))
    if kind in ("string_embedding", "text", "list"):
        of_bags: dict[str, object] = {}
        if kind != "string_embedding":
            of_bags["length"] = draw(st.integers(1, 200))
            of_bags["combiner"] = draw(st.sampled_from(["mean", "sum", "sqrtn"]))
        if kind == "text":
            of_bags["pairs"] = draw(st.booleans())
        if kind == "list":
            of_bags["delimiter"] = draw(
                st.text(
                    st.characters(codec="utf-8", exclude_categories=["C", "Z"]),
                    min_size=1,
                    max_size=5,
                )
            )
        return {
            "column": column.name,
            "type": kind,
            "embedding_dim": draw(dims),
            "vocab_settings": {
                "max_size": draw(st.integers(1, 1000)),
                "oov_buckets": draw(st.integers(1, 20)),
                "min_frequency": draw(st.integers(1, 10)),
            },
            **of_bags,
        }
    if kind == "vector":
        return {
            "column": column.name,
            "type": kind,
            "dimensions": draw(st.integers(2, 100)),
            "normalize": draw(st.booleans()),
            "projection": draw(st.sampled_from([0, 1, 24])),
        }
    transforms: dict[str, object] = {
        "normalize": {"enabled": True, "range": draw(st.sampled_from([[-1, 1], [0, 1]]))},
        "bucketize": {
            "enabled": draw(st.booleans()),
            "buckets": draw(st.integers(2, 50)),
            "embedding_dim": draw(dims),
        },
    }
    if kind == "numeric":
        transforms["log_transform"] = draw(st.booleans())
    elif kind == "timestamp":
        cycles = ["annual", "quarterly", "monthly", "weekly", "daily"]
        transforms["cyclical"] = {cycle: draw(st.booleans()) for cycle in cycles}
    return {"column": column.name, "type": kind, "transforms": transforms}


@st.composite
def _tower(
    draw: st.DrawFn, columns: list[Column], of_buyer: bool
) -> tuple[list[dict[str, object]], list[object]]:
    chosen = draw(
        st.lists(st.sampled_from(columns), min_size=1, max_size=5, unique_by=lambda c: c.name)
    )
    features = [draw(_feature(column, of_buyer)) for column in chosen]
    crossed = [
        feature
        for feature in features
        if feature["type"] == "string_embedding"
        or feature.get("transforms", {}).get("bucketize", {}).get("enabled")  # type: ignore[attr-defined]
    ]
    crossable = [
        feature["column"]
        if feature["type"] == "string_embedding"
        else f"{feature['column']}_bucket"
        for feature in crossed
    ]
    # A column named like another's buckets would be meant by their name.
    columns_named = {column.name for column in chosen}
    crossable = [
        name
        for name, feature in zip(crossable, crossed, strict=True)
        if name == feature["column"] or name not in columns_named
    ]
    crosses: list[object] = []
    if len(set(crossable)) >= 2 and draw(st.booleans()):
        names = draw(st.lists(st.sampled_from(crossable), min_size=2, max_size=3, unique=True))
        crosses.append(
            {
                "features": names,
                "hash_bucket_size": draw(st.integers(100, 5000)),
                "embedding_dim": draw(st.integers(4, 64)),
            }
        )
    return features, crosses


@st.composite
def _histories(
    draw: st.DrawFn, buyer: list[dict[str, object]], product: list[dict[str, object]]
) -> list[dict[str, object]]:
    """Histories of columns that the product tower embeds and the buyer tower does not read."""
    taken = {feature["column"] for feature in buyer}
    free = [
        feature
        for feature in product
        if feature["type"] == "string_embedding" and feature["column"] not in taken
    ]
    owning = draw(st.lists(st.booleans(), min_size=len(free), max_size=len(free)))
    return [
        {
            "column": feature["column"],
            "type": "history",
            "own_table": own,
            "embedding_dim": draw(st.integers(4, 64)) if own else feature["embedding_dim"],
            "length": draw(st.integers(1, 500)),
            "half_lives": draw(st.lists(st.floats(0.01, 3650), min_size=1, max_size=8)),
        }
        for feature, own in zip(free, owning, strict=True)
        if draw(st.booleans())
    ]


@st.composite
def feature_configs(draw: st.DrawFn, dataset: Dataset) -> FeatureConfig:
    """Valid feature configs over a dataset."""
    buyer, buyer_crosses = draw(_tower(dataset.status.columns, of_buyer=True))
    product, product_crosses = draw(_tower(dataset.status.columns, of_buyer=False))
    buyer += draw(_histories(buyer, product))
    return FeatureConfig(
        id="fc-1",
        name=draw(texts),
        description=draw(texts),
        spec=FeatureConfigSpec.model_validate(
            {
                "dataset_id": dataset.id,
                "buyer_model_features": buyer,
                "product_model_features": product,
                "buyer_model_crosses": buyer_crosses,
                "product_model_crosses": product_crosses,
            }
        ),
    )


@st.composite
def model_configs(draw: st.DrawFn) -> ModelConfig:
    """Valid model configs of every task."""
    width = draw(st.integers(8, 64))
    activations = ["relu", "leaky_relu", "gelu", "tanh", "sigmoid", "linear", None]
    layer = st.one_of(
        st.fixed_dictionaries(
            {
                "type": st.just("dense"),
                "units": st.integers(1, 64),
                "activation": st.sampled_from(activations),
                "l2_reg": st.sampled_from([0.0, 0.001, 0.1]),
            }
        ),
        st.fixed_dictionaries({"type": st.just("dropout"), "rate": st.floats(0, 0.9)}),
        st.just({"type": "batch_norm"}),
        st.fixed_dictionaries({"type": st.just("layer_norm"), "epsilon": st.floats(1e-7, 1e-3)}),
    )
    end = {"type": "dense", "units": width, "activation": None}
    rating = {"type": "dense", "units": 1, "activation": None}
    buyer = [*draw(st.lists(layer, max_size=5)), end]
    share = draw(st.booleans())
    product = buyer if share else [*draw(st.lists(layer, max_size=5)), end]
    leaves = draw(st.none() | st.integers(1, 1000))
    task = draw(st.sampled_from(["retrieval", "ranking", "multitask"]))
    reranker = st.fixed_dictionaries(
        {
            "candidates": st.integers(10, 2000),
            "popular": st.integers(1, 1000),
            "units": st.lists(st.integers(1, 512), min_size=1, max_size=4),
            "fitting_percent": st.floats(1, 50),
        }
    )
    optional = {
        "optimizer": st.sampled_from(["adagrad", "adam", "sgd", "rmsprop", "adamw", "ftrl"]),
        "loss_function": st.sampled_from(["mse", "binary_crossentropy", "huber"]),
        "retrieval_algorithm": st.sampled_from(["brute_force", "scann"]),
        "learning_rate": st.floats(1e-5, 1),
        "logq_correction": st.booleans(),
        "remove_accidental_hits": st.booleans(),
        "normalize_embeddings": st.booleans(),
        "temperature": st.floats(0.01, 1),
        "retrieval_weight": st.floats(0.1, 1),
        "ranking_weight": st.floats(0, 1),
        "top_k": st.integers(1, 1000),
    }
    return ModelConfig.model_validate(
        {
            "id": "mc-1",
            "name": draw(texts),
            "spec": {
                "buyer_tower_layers": buyer,
                "product_tower_layers": product,
                "rating_head_layers": [*draw(st.lists(layer, max_size=3)), rating],
                "share_tower_weights": share,
                "output_embedding_dim": width,
                "model_type": task,
                "reranker": draw(st.none() | reranker) if task != "ranking" else None,
                "scann_num_leaves": leaves,
                "scann_leaves_to_search": leaves and draw(st.integers(1, leaves)),
                **draw(st.fixed_dictionaries(optional)),
            },
            "status": {},
        }
    )
