"""Documents that use every added kind."""

from __future__ import annotations

from typing import Any

COLUMNS = {
    "household_id": "INTEGER",
    "product_id": "INTEGER",
    "purchased_at": "TIMESTAMP",
    "category": "STRING",
    "brand": "STRING",
    "sales_value": "FLOAT",
    "quantity": "INTEGER",
}
STATISTICS: dict[str, dict[str, Any]] = {
    "category": {"unique_count": 8, "null_count": 0},
    "quantity": {"unique_count": 9, "null_count": 5, "min": 1, "max": 101},
}
DATASET: dict[str, Any] = {
    "id": "ds-1",
    "name": "Groceries",
    "spec": {
        "source": {"kind": "parquet", "uri": "/data/groceries.parquet"},
        "column_mapping": {
            "household_id": "customer_id",
            "product_id": "product_id",
            "purchased_at": "transaction_date",
        },
    },
    "status": {
        "columns": [
            {"name": name, "type": kind, "statistics": STATISTICS.get(name)}
            for name, kind in COLUMNS.items()
        ]
    },
}
FEATURES: dict[str, Any] = {
    "id": "fc-1",
    "name": "Added",
    "spec": {
        "dataset_id": "ds-1",
        "buyer_model_features": [
            {"column": "household_id", "type": "string_embedding", "embedding_dim": 8},
            {
                "column": "sales_value",
                "type": "numeric",
                "transforms": {"normalize": {"enabled": False}, "sign": {"enabled": True}},
            },
        ],
        "product_model_features": [
            {"column": "product_id", "type": "string_embedding", "embedding_dim": 8},
            {"column": "category", "type": "presence", "weight": 2.0},
        ],
    },
}
TOWER: list[dict[str, Any]] = [
    {"type": "gaussian_noise", "stddev": 0.05},
    {"type": "dense", "units": 8, "activation": None},
]
MODEL: dict[str, Any] = {
    "id": "mc-1",
    "name": "Added",
    "spec": {
        "model_type": "auxiliary",
        "auxiliary_weight": 0.4,
        "buyer_tower_layers": TOWER,
        "product_tower_layers": TOWER,
        "output_embedding_dim": 8,
        "rating_head_layers": [{"type": "dense", "units": 1, "activation": None}],
        "loss_function": "log_cosh",
        "optimizer": "nadam",
        "learning_rate": 0.05,
    },
}
TEST: dict[str, Any] = {
    "feature_config_id": "fc-1",
    "model_config_id": "mc-1",
    "rating_column": "quantity",
}
