"""What the stand-in runs. It is on its own: no import but of the standard library.

It notes every start in `starts.txt` of the home, and goes by files there:
`slow`: training lasts until it is gone.
`broken`: training diverges.
`varied`: results depend on how many columns are embedded, on the epochs, and on the share of the
    customers who are trained on.
`chance`: and a little on everything else that is in the generated code.
"""

from __future__ import annotations

import hashlib
import json
import random
import sqlite3
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

Metrics = dict[str, float]
REPLICATES = 200
# Metrics that are no means over customers: they have no intervals.
WHOLE: Metrics = {"coverage_at_10": 0.7, "identical_top_10": 0.1}

# Of the only product.
_EXPLANATION: dict[str, Any] = {
    "method": "exact",
    "method_words": "Exact: the model is a weighted sum of these parts.",
    "residual": 0.0,
    "groups": [
        {"key": "start", "side": None, "name": "Starting point", "value": 1.75},
        {
            "key": "purchases",
            "side": "buyer",
            "name": "Like what the customer bought",
            "value": -0.25,
            "parts": [
                {
                    "name": "Soap",
                    "detail": "3 times, last 3 days ago",
                    "value": -0.25,
                    "product_id": "p",
                }
            ],
        },
    ],
}


def serve() -> None:
    for line in sys.stdin:
        question = json.loads(line)
        if question["ask"] == "describe":
            _say({"answer": _inputs(question)})
            continue
        asked = question["request"]
        known = asked["customer_id"] == "c007"
        told = asked["history"]
        days = 3.2 if known and told is None else None
        if told is not None:
            days = next((one["days_ago"] for one in told if one["product_id"] == "p"), None)
        best = [
            {
                "product_id": "p",
                "name": str(asked["values"]),
                "score": 1.5,
                "rating": None,
                "bought_before": days is not None,
                "last_bought_days_ago": days,
                "explanation": _EXPLANATION if asked["explain"] else None,
            }
        ]
        if asked["list"] == ("buy_again" if days is None else "discover"):
            best = []
        rules = asked.get("rules")
        best, applied = _ruled(best, rules) if rules else (best, None)
        bought = [{"product_id": "p", "name": "Soap", "count": 3}] if days is not None else []
        answer: dict[str, Any] = {
            "answer": {
                "known": known,
                "query": asked["values"],
                "recommendations": best,
                "ratings": [],
                "applied": applied,
                "history": bought,
                "products_bought": len(bought),
                "unknown_products": [
                    one["product_id"] for one in told or [] if one["product_id"] != "p"
                ],
            }
        }
        if "sku" in asked["values"]:
            wrong = {"path": "values.sku", "code": "unknown_column", "message": "No such column."}
            answer = {"problems": [wrong]}
        _say(answer)


def _ruled(
    best: list[dict[str, Any]], rules: dict[str, Any]
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """A list under rules: of filters, those that leave out products by their ids; pins first."""
    out = {
        product
        for one in rules["filters"]
        if one["type"] == "except"
        for product in one["product_ids"]
    }
    pinned = [
        {
            "product_id": pin["product_id"],
            "name": None,
            "score": 0.0,
            "rating": None,
            "bought_before": False,
            "last_bought_days_ago": None,
            "explanation": None,
            "pinned": True,
        }
        for pin in rules["pins"]
    ]
    kept = [one for one in best if one["product_id"] not in out]
    told = [f"{one['type']} filter" for one in rules["filters"]]
    applied = {"rules": told, "products": 60, "fitting": 60 - 7 * len(rules["filters"])}
    return pinned + kept, applied


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _inputs(question: dict[str, Any]) -> dict[str, Any]:
    """What a model asks for, as `trainer_image/serving/predictor.py` describes it."""
    known = [{"customer_id": f"c{n:03}", "purchases": 20 - n} for n in range(20)]
    search = question["search"] or ""
    found = [one for one in known if search.lower() in str(one["customer_id"])]
    return {
        "columns": [{"column": "customer", "type": "text", "example": "c001"}],
        "customer_column": "customer",
        "customers": found[: question["limit"]],
        "customer_count": len(known),
        "recommends": True,
        "rates": False,
        "rating_column": None,
        "max_k": 60,
        "looks_back": True,
        "max_explained": 50,
    }


class Run:
    def __init__(self, job: Path) -> None:
        self.job = job
        self.home = job.parent.parent
        self.request = json.loads((job / "request.json").read_text())
        self.output = Path(urlsplit(self.request["output_uri"]).path)
        self.spec = self._document(f"quick_tests/{self.request['quick_test_id']}").get("spec", {})
        model = self._document(f"model_configs/{self.spec.get('model_config_id')}")
        self.model_type = model.get("spec", {}).get("model_type", "retrieval")

    def marked(self, name: str) -> bool:
        return (self.home / name).exists()

    def main(self) -> int:
        (self.output / "model").mkdir(parents=True, exist_ok=True)
        (self.output / "model" / "saved_model.pb").write_bytes(b"")
        with (self.home / "starts.txt").open("a") as file:
            file.write(self.job.name + "\n")
        for task in ("examples", "transform", "train", "evaluate"):
            self._say(task, "running")
            if task == "train":
                while self.marked("slow"):
                    time.sleep(0.05)
                if self.marked("broken"):
                    error = "ValueError: the loss became nan in epoch 1"
                    self._say(task, "failed", error)
                    sys.stderr.write(f"{error}\n")
                    return 1
                self._write("progress", self._epochs())
            if task == "evaluate":
                self._results()
            self._say(task, "succeeded")
        return 0

    def _epochs(self) -> list[dict[str, float]]:
        """The held-out loss falls at first, then rises."""
        return [
            {
                "epoch": n,
                "loss": 10.0 - n if n < 10 else 9 / n,
                "validation_loss": 9.8 - 0.9 * n + 0.05 * n**2,
                "seconds": 0.1,
            }
            for n in range(1, self.request["epochs"] + 1)
        ]

    def _results(self) -> None:
        examples = self.request["examples"]
        seen = (
            *("source", "split", "holdout_fraction", "sample_percent", "sample_by", "seed"),
            "judged_percent",
        )
        rows = {name: examples[name] for name in (*seen, "data_fingerprint")}
        fingerprint = hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()[:32]
        metrics, baselines = self._measured()
        means = {name: value for name, value in metrics.items() if name not in WHOLE}
        drawn = _replicates(fingerprint, means, self._code())
        of_baselines = {
            name: _replicates(fingerprint, values, "") for name, values in baselines.items()
        }
        label = next(
            (f["column"] for f in examples["features"] if f["key"] == examples["label_key"]), None
        )
        report = {
            "metrics": metrics,
            "intervals": {name: _interval(values) for name, values in drawn.items()},
            "baselines": baselines,
            "differences": {
                baseline: {
                    name: _interval([a - b for a, b in zip(drawn[name], others[name], strict=True)])
                    for name in drawn
                    if name in others
                }
                for baseline, others in of_baselines.items()
            },
            "protocol": {
                **{name: examples[name] for name in seen[1:]},
                "trained_percent": examples["trained_percent"],
                "train_rows": round(9 * examples["trained_percent"]),
                "holdout_rows": 100,
                "holdout_customers": 80,
                "candidates": 60,
                "holdout_fingerprint": fingerprint,
                "candidates_fingerprint": fingerprint,
                "repeat_rows": 40,
                "rating_column": label,
            },
        }
        replicates = {"holdout_fingerprint": fingerprint, "customers": 80, "metrics": drawn}
        lacking = {"missing_rate": 0.05, "unseen_rate": 0.1, "rare_rate": 0.1, "cut_rate": 0.0}
        vocabulary = [
            {
                **{key: item[key] for key in ("key", "column", "tower")},
                "vocabulary_size": 12,
                "oov_rate": 0.25,
                **lacking,
            }
            for item in self.request["vocabularies"]
        ]
        if tensors := self._tensors():
            self._write("sample_tensors", tensors)
        self._write("vocabulary", vocabulary)
        self._write("bootstrap", replicates)
        self._write("metrics", report)

    def _measured(self) -> tuple[Metrics, dict[str, Metrics]]:
        """Of the model, and of what needs none."""
        metrics: Metrics = {}
        baselines: dict[str, Metrics] = {}
        quality = self._quality()
        if self.model_type != "ranking":
            plain = {f"recall_at_{k}": k / 200 for k in (5, 10, 50, 100)}
            plain |= {"mrr": 0.06, "ndcg_at_10": 0.04}
            for name, value in list(plain.items()):
                plain |= {f"{name}_repeat": 1.3 * value, f"{name}_new": 0.8 * value}
            metrics = {name: quality * value for name, value in plain.items()}
            metrics |= WHOLE
            reach = 0.5 if self.marked("varied") else 1.0
            baselines = {
                baseline: {name: reach * share * value for name, value in plain.items()}
                for baseline, share in (("popularity", 0.5), ("own_history", 0.7), ("random", 0.2))
            }
        if self.request["examples"]["label_key"] is not None:
            errors = {"rmse": 1.25, "mae": 0.9}
            metrics |= {name: value * (2 - quality) for name, value in errors.items()}
            baselines["global_mean"] = {name: 1.4 * value for name, value in errors.items()}
            baselines["customer_product_means"] = {
                name: 1.2 * value for name, value in errors.items()
            }
        return metrics, baselines

    def _quality(self) -> float:
        quality = 1.0
        if self.marked("varied"):
            quality = len(self.request["vocabularies"]) / 10
            quality *= 1 + 0.1 * (self.request["epochs"] - 2)
            quality *= (self.request["examples"]["trained_percent"] / 100) ** 0.1
        if self.marked("chance"):
            quality *= random.Random(self._code()).uniform(0.99, 1.01)
        return quality

    def _code(self) -> str:
        return "".join(self.request[name]["sha256"] for name in ("preprocessing", "trainer"))

    def _tensors(self) -> dict[str, dict[str, list[float]]] | None:
        """As wide as the feature config says; None where there is no such document."""
        status = self._document(f"feature_configs/{self.spec.get('feature_config_id')}").get(
            "status", {}
        )
        chance = random.Random(1)
        found = {}
        for side, tower, letter in (("customers", "buyer", "c"), ("products", "product", "p")):
            if not status.get(f"{tower}_tensor"):
                return None
            width = status[f"{tower}_tensor"]["total"]
            ids = [f"{letter}{n:04}" for n in range(25)]
            found[side] = {name: [chance.uniform(-1, 1) for _ in range(width)] for name in ids}
        return found

    def _document(self, path: str) -> dict[str, Any]:
        """What the home's state says of a document; {} where it says nothing."""
        state = self.home / "state.db"
        if not state.exists():
            return {}
        with closing(sqlite3.connect(state, timeout=30)) as connection:
            row = connection.execute(
                "SELECT data FROM documents WHERE path = ?", (path,)
            ).fetchone()
        return dict(json.loads(row[0])) if row else {}

    def _say(self, task: str, state: str, error: str | None = None) -> None:
        now = datetime.now(UTC).isoformat()
        with (self.job / "status.jsonl").open("a") as file:
            line = {"task": task, "state": state, "error": error, "at": now}
            file.write(json.dumps(line) + "\n")

    def _write(self, name: str, content: Any) -> None:
        (self.output / f"{name}.json").write_text(json.dumps(content))


def _replicates(fingerprint: str, metrics: Metrics, code: str) -> dict[str, list[float]]:
    """Draws of customers move all tests over the same rows alike; each model adds a little."""
    drawn = {}
    for name, value in metrics.items():
        common, own = random.Random(fingerprint + name), random.Random(code + name)
        drawn[name] = [
            value * (1 + common.gauss(0, 0.06) + own.gauss(0, 0.02)) for _ in range(REPLICATES)
        ]
    return drawn


def _interval(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {"low": ordered[REPLICATES // 40], "high": ordered[-REPLICATES // 40 - 1]}


if __name__ == "__main__":
    if sys.argv[2] == "trainer_image.serve":
        serve()
        sys.exit()
    folder = Path(sys.argv[3])
    returncode = Run(folder).main()
    (folder / "exit.json").write_text(json.dumps({"returncode": returncode}))
    sys.exit(returncode)
