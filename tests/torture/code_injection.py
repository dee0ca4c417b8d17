"""Code injection: every string of every document, on its way into generated source."""

from __future__ import annotations

import ast
import itertools
import random
from functools import partial
from typing import Any

from pydantic import ValidationError

from shared.codegen import generate_preprocessing, generate_trainer, make_plan
from shared.codegen.check import UnexpectedSourceError
from shared.documents.dataset import Dataset
from shared.documents.feature_config import FeatureConfig
from shared.documents.model_config import ModelConfig
from shared.documents.quick_test import QuickTest
from shared.documents.sweep import Sweep, SweepTest
from shared.problems import InvalidError
from shared.rules.adapted import adapted
from shared.rules.sweep import quick_test_spec
from shared.services.inputs import check_fit
from tests.torture.hostile import DOCUMENTS, EVERYTHING, replaced, strings_of
from tests.torture.trial import Tally, trial

_EMBEDDED = {"type": "string_embedding", "embedding_dim": 8}
_BUCKETS = {"bucketize": {"enabled": True, "buckets": 10, "embedding_dim": 4}}
_COLUMNS = {
    "customer": "STRING",
    "product": "STRING",
    "moment": "TIMESTAMP",
    "price": "FLOAT",
    "title": "STRING",
    "spared": "STRING",
    "tags": "STRING",
    "labels": "STRING",
    "stars": "FLOAT",
}
# Of the tables of products and customers.
_JOINED = {"seen": "TIMESTAMP", "shelf": "STRING", "joined": "TIMESTAMP"}
_OPTIONS = {
    "encoding": "utf-8",
    "delimiter": "~",
    "quote": "'",
    "escape": "^",
    "zone": "Europe/Berlin",
    "missing": ["none"],
    "columns": {"moment": {"times": ["%d.%m.%Y"], "time_of_day": "hour"}},
}
_END = {"type": "dense", "units": 16, "activation": None}
# One example of each document, with a text in every place where there may be one.
_EXAMPLES: dict[str, Any] = {
    "Dataset": {
        "id": "ds-1",
        "name": "Shop",
        "description": "all of it",
        "spec": {
            "source": {
                "kind": "parquet",
                "uri": "/data/shop.parquet",
                "options": _OPTIONS,
            },
            "column_mapping": {
                "customer": "customer_id",
                "product": "product_id",
                "moment": "transaction_date",
                "title": "product_name",
            },
            "products": {
                "source": {
                    "kind": "parquet",
                    "uri": "/data/products.parquet",
                    "options": _OPTIONS,
                },
                "key": "sku",
                "latest_by": "seen",
                "available": {"column": "shelf", "op": "==", "value": "full"},
            },
            "customers": {
                "source": {
                    "kind": "parquet",
                    "uri": "/data/customers.parquet",
                    "options": _OPTIONS,
                },
                "key": "member",
                "latest_by": "joined",
            },
            "where": [
                {"column": "spared", "op": "in", "values": ["web", "app"]},
                {"column": "spared", "op": "!=", "value": "test"},
            ],
            "dates": {"since": "2020-01-01", "until": "2030-01-01"},
            "events": {
                "column": "spared",
                "kinds": {"bought": "target", "sent": "negative", "looked": "history"},
                "weights": {"looked": 0.25},
            },
        },
        "status": {
            "columns": [{"name": n, "type": t} for n, t in {**_COLUMNS, **_JOINED}.items()],
            "sides": {
                "products": {"columns": {"seen": "seen", "shelf": "shelf"}},
                "customers": {"columns": {"joined": "joined"}},
            },
            "insight": {"measured": {"varying_attributes": {"columns": {"price": 0.5}}}},
        },
    },
    "FeatureConfig": {
        "id": "fc-1",
        "name": "Rich",
        "description": "of everything",
        "spec": {
            "dataset_id": "ds-1",
            "buyer_model_features": [
                {"column": "customer", **_EMBEDDED},
                {"column": "product", "type": "history", "own_table": True},
                {"column": "spared", **_EMBEDDED},
                {"column": "tags", "type": "list", "delimiter": "|"},
                {"column": "price", "type": "numeric", "transforms": _BUCKETS},
                {
                    "column": "moment",
                    "type": "timestamp",
                    "transforms": {**_BUCKETS, "cyclical": {"weekly": True}},
                },
            ],
            "product_model_features": [
                {"column": "product", **_EMBEDDED},
                {"column": "title", **_EMBEDDED},
                {"column": "labels", "type": "list", "delimiter": ";"},
            ],
            "buyer_model_crosses": [
                {"features": ["customer", "price_bucket", "moment_bucket"], "hash_bucket_size": 500}
            ],
            "product_model_crosses": [{"features": ["product", "title"], "hash_bucket_size": 500}],
        },
    },
    "ModelConfig": {
        "id": "mc-1",
        "name": "Both",
        "description": "at once",
        "spec": {
            "model_type": "multitask",
            "output_embedding_dim": 16,
            "buyer_tower_layers": [_END],
            "product_tower_layers": [_END],
            "rating_head_layers": [{"type": "dense", "units": 1, "activation": None}],
        },
    },
    "QuickTest": {
        "id": "qt-1",
        "name": "Try",
        "description": "it",
        "spec": {
            "feature_config_id": "fc-1",
            "model_config_id": "mc-1",
            "rating_column": "stars",
            "leave_out": [{"tower": "buyer", "column": "spared"}],
            "segment_columns": ["spared"],
            "settings": {"temperature": 0.1},
            "tuning_id": "tn-1",
            "source_test_id": "qt-0",
            "champion_test_id": "qt-2",
            "warm_start_test_id": "qt-3",
            "rule_set_id": "rs-1",
            "model_name": "Weekly",
            "sweep_id": "sw-1",
        },
    },
    "Sweep": {
        "id": "sw-1",
        "name": "Many",
        "description": "of them",
        "spec": {
            "feature_config_ids": ["fc-1"],
            "model_config_ids": ["mc-1"],
            "rating_column": "stars",
            "overrides": [
                {
                    "leave_out": [{"tower": "buyer", "column": "spared"}],
                    "settings": {"temperature": 0.1},
                    "epochs": 3,
                }
            ],
        },
    },
}
_WAREHOUSE = {"kind": "bigquery", "table": "shop.sales.rows"}
_QUERY = {"kind": "bigquery", "query": "SELECT 1 AS one"}
_CONDITION = {"column": "shelf", "op": "in", "values": ["top"]}
_TABLES = [
    {
        "spec": {
            "source": source,
            "products": {"source": source, "key": "sku", "available": _CONDITION},
            "customers": {"source": source, "key": "member"},
        }
    }
    for source in (_WAREHOUSE, _QUERY)
]
# Not in source: what a job is told apart from the modules, and the system's own words.
_ELSEWHERE = {"created_by", "managed_by.path", "marks.tags[]"}


@trial("abuse", "code injection through every string of every document", seconds=240)
def every_string(tally: Tally) -> None:
    places = _places(tally)
    free = [
        text
        for text, where in places.items()
        if "pattern" not in where and not text.endswith("_bucket")
    ]
    plain = _generated(_renamed({}))
    assert plain is not None
    expected = [_skeleton(source) for source in plain]
    seen = set()
    refused = shown = 0
    tries = list(itertools.product(places, EVERYTHING))
    random.Random(7).shuffle(tries)
    for text, hostile in [
        *((None, hostile) for hostile in EVERYTHING[:: tally.of(1, 2)]),
        *tries[: tally.of(900, 60)],
    ]:
        tally.tried()
        names = {text: hostile} if text else {one: f"{hostile}{n}" for n, one in enumerate(free)}
        what = f"{hostile[:40]!r} for {places[text] if text else 'everything'}"
        try:
            sources = _generated(_renamed(names))
        except UnexpectedSourceError as found:
            tally.lets_in(f"{what}: the generated code {found}")
            continue
        if sources is None:
            refused += 1
            continue
        for source, known in zip(sources, expected, strict=True):
            if source in seen:
                continue
            seen.add(source)
            shown += hostile in source or repr(hostile)[1:-1] in source
            if _skeleton(source) != known:
                tally.lets_in(f"{what}: more of the source changed than string constants")
            if not all(line.isprintable() for line in source.split("\n")):
                tally.lets_in(f"{what}: the source holds what cannot be seen")
    if not shown:
        tally.loses("no hostile text came into any source: nothing was tried")
    tally.figure(f"{len(seen):,} unlike modules, {refused:,} refused")


def _places(tally: Tally) -> dict[str, str]:
    """The texts of the examples, with the places where each stands."""
    found: dict[str, list[str]] = {}
    for kind in DOCUMENTS:
        free = strings_of(kind)
        standing: list[tuple[str, str]] = []
        for example in [_EXAMPLES[kind.__name__], *(_TABLES if kind is Dataset else [])]:
            replaced(example, partial(_noted, standing))
        for place, text in standing:
            if place in free:
                pattern = " by a pattern" if "pattern" in free[place] else ""
                found.setdefault(text, []).append(f"{kind.__name__}.{place}{pattern}")
        seen = {place for place, _ in standing}
        wanted = {place for place in free if not place.startswith("status.")} - _ELSEWHERE
        for place in sorted(wanted - seen):
            tally.loses(f"{kind.__name__}.{place} has no example here: give it one")
    return {text: ", ".join(places) for text, places in found.items()}


def _renamed(names: dict[str, str]) -> dict[str, Any]:
    """The examples with other texts, wherever each stands; a number's buckets go by its name."""
    buckets = {f"{old}_bucket": f"{new}_bucket" for old, new in names.items()}
    known = {**buckets, **names}
    return {
        name: replaced(example, lambda _, text: known.get(text, text))
        for name, example in {
            **_EXAMPLES,
            **{f"table {n}": {"id": "t", "name": "T", **one} for n, one in enumerate(_TABLES)},
        }.items()
    }


def _generated(examples: dict[str, Any]) -> list[str] | None:
    """The modules of a quick test, and of a test of a sweep; None where a document is refused."""
    try:
        dataset = Dataset.model_validate(examples["Dataset"])
        for number in range(len(_TABLES)):
            Dataset.model_validate(examples[f"table {number}"])
        features = FeatureConfig.model_validate(examples["FeatureConfig"])
        model = ModelConfig.model_validate(examples["ModelConfig"])
        test = QuickTest.model_validate(examples["QuickTest"])
        sweep = Sweep.model_validate(examples["Sweep"])
        check_fit(features, dataset)
    except (ValidationError, InvalidError):
        return None
    sources = []
    of_sweep = SweepTest(
        quick_test_id=test.id,
        label="",
        feature_config_id=sweep.spec.feature_config_ids[0],
        model_config_id=sweep.spec.model_config_ids[0],
        feature_config_revision=1,
        model_config_revision=1,
        overrides=sweep.spec.overrides[0],
    )
    for spec in (test.spec, quick_test_spec(sweep.id, sweep.spec, of_sweep)):
        plan = make_plan(*adapted(features, model, spec), dataset, spec)
        sources += [generate_preprocessing(plan), generate_trainer(plan)]
    return sources


def _skeleton(source: str) -> bytes:
    """All that is no plain string constant: code, comments, docstrings and f-strings; without the
    blanks and commas of a layout. Raises SyntaxError."""
    tree = ast.parse(source)
    compile(tree, "generated", "exec")
    kept = {
        id(constant)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr | ast.JoinedStr)
        for constant in ([node.value] if isinstance(node, ast.Expr) else ast.walk(node))
    }
    lines = source.encode().split(b"\n")
    spans = [
        (node.lineno - 1, node.col_offset, node.end_col_offset)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in kept
    ]
    for line, start, end in sorted(spans, reverse=True):
        lines[line] = lines[line][:start] + b"''" + lines[line][end:]
    return b"\n".join(lines).translate(None, b" \n,")


def _noted(texts: list[tuple[str, str]], place: str, text: str) -> str:
    texts.append((place, text))
    return text
