"""Which defaults learn? Trains the standard model under many settings on several kinds of data.

    PYTHONPATH=. .venv-trainer/bin/python bench/defaults_study.py

Part of `make study`. The demo data must be there (`make demo`). Runs in the trainer's environment,
through the same generated code and stages as a quick test. Two epochs, seed 42, recall over all
products of the held-out tenth. `bench/study_page.py` writes the page.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import logging
import os
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

os.environ["TF_USE_LEGACY_KERAS"] = "1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from bench import shapes  # noqa: E402
from shared.codegen import generate_preprocessing, generate_trainer, make_plan  # noqa: E402
from shared.documents.dataset import Dataset  # noqa: E402
from shared.documents.feature_config import FeatureConfig  # noqa: E402
from shared.documents.model_config import ModelConfig  # noqa: E402
from shared.documents.quick_test import QuickTestSpec  # noqa: E402
from shared.examples import ExamplesSpec  # noqa: E402
from shared.rules.presets import preset  # noqa: E402
from shared.tasks.rating_head import rating_head  # noqa: E402
from trainer_image.evaluation.evaluate import Evaluation, evaluate  # noqa: E402
from trainer_image.examples.read import Examples, read_examples  # noqa: E402
from trainer_image.examples.tables import save_examples, transformed_files  # noqa: E402
from trainer_image.job.locations import Locations  # noqa: E402
from trainer_image.serving.served import load_model  # noqa: E402
from trainer_image.training.transform import analyze, materialize  # noqa: E402

DEMO_NAME = "groceries (demo)"
DEMO = ROOT / ".recsmith" / "demo" / "completejourney.parquet"


@dataclass(frozen=True)
class Setting:
    """What differs from the defaults of a model config."""

    name: str
    changes: dict[str, Any] = field(default_factory=dict)

    @property
    def rates(self) -> bool:
        return self.changes.get("model_type") == "ranking"


def optimizer(name: str, rate: float, **changes: Any) -> Setting:
    task = " ranking" if changes else ""
    return Setting(f"{name} {rate:g}{task}", {"optimizer": name, "learning_rate": rate, **changes})


RETRIEVAL = (
    Setting("the defaults"),
    Setting(
        "TFRS tutorial: adagrad 0.1, batch 4,096, plain dot product, no logQ",
        {
            "optimizer": "adagrad",
            "learning_rate": 0.1,
            "batch_size": 4096,
            "normalize_embeddings": False,
            "temperature": 1.0,
            "logq_correction": False,
            "remove_accidental_hits": False,
        },
    ),
    Setting("no logQ correction", {"logq_correction": False}),
    Setting("not normalized, temperature 1", {"normalize_embeddings": False, "temperature": 1.0}),
    Setting("temperature 0.05", {"temperature": 0.05}),
    Setting("temperature 0.2", {"temperature": 0.2}),
    Setting("batch 256", {"batch_size": 256}),
    Setting("batch 1,024", {"batch_size": 1024}),
    optimizer("adagrad", 0.1),
    optimizer("adam", 0.001),
    optimizer("rmsprop", 0.001),
    optimizer("ftrl", 0.1),
    optimizer("sgd", 0.01),
    Setting("batch 4,096", {"batch_size": 4096}),
)
RANKING = tuple(
    optimizer(name, rate, model_type="ranking")
    for name, rate in (
        ("adam", 0.001),
        ("adagrad", 0.1),
        ("rmsprop", 0.001),
        ("ftrl", 0.1),
        ("ftrl", 0.01),
        ("sgd", 0.01),
        ("sgd", 0.0005),
        ("sgd", 0.0001),
    )
)


@dataclass(frozen=True)
class Data:
    """Purchases that have been through the examples and transform stages.

    Attributes:
        spec: with the rating, for the transform graph is the same for all tasks.
    """

    name: str
    dataset: Dataset
    features: FeatureConfig
    test: QuickTestSpec
    spec: ExamplesSpec
    examples: Examples
    places: Locations


def prepare(
    name: str, dataset: Dataset, features: FeatureConfig, percent: float, rating: str
) -> Data:
    test = QuickTestSpec(
        feature_config_id="f",
        model_config_id="m",
        data_sample_percent=percent,
        rating_column=rating,
    )
    everything = {"model_type": "multitask", "reranker": {}}
    both = model_config(Setting("both tasks, and a re-ranker", everything))
    plan = make_plan(features, both, dataset, test)
    spec = plan.examples
    folder = tempfile.mkdtemp(prefix="recsmith-study-")
    places = Locations(folder)
    examples = read_examples(spec)
    save_examples(examples, spec, places)
    module = load(generate_preprocessing(plan), Path(folder, "preprocessing.py"))
    analyze(
        module.preprocessing_fn,
        spec.features,
        [*places.example_files("train"), *places.example_files("fitting")],
        places.transform_graph,
        tempfile.mkdtemp(prefix="recsmith-study-"),
    )
    materialize(places.transform_graph, transformed_files(examples, places))
    return Data(name, dataset, features, test, spec, examples, places)


def training_files(module: Any, places: Locations) -> dict[str, Any]:
    """What a generated trainer is given of all that is transformed: the fitting slice apart, where
    it keeps one."""
    train, fitting = places.all_transformed("train"), places.all_transformed("fitting")
    fits = hasattr(module, "FITTING_FRACTION")
    return {
        "train_files": [train] if fits else [train, fitting],
        "custom_config": {
            "candidate_files": [places.all_transformed("candidates")],
            "fitting_files": [fitting],
        },
    }


def load(source: str, path: Path) -> Any:
    path.write_text(source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def model_config(setting: Setting) -> ModelConfig:
    spec = preset("standard").spec
    whole = {
        **spec.model_dump(mode="json"),
        "rating_head_layers": [
            layer.model_dump(mode="json") for layer in rating_head(spec.buyer_tower_layers)
        ],
        **setting.changes,
    }
    return ModelConfig.model_validate({"id": "mc", "name": "study", "spec": whole})


def measure(data: Data, setting: Setting) -> dict[str, float]:
    """Metrics of one training, with `seconds`; empty where it diverged."""
    started = time.monotonic()
    try:
        report = train_and_evaluate(data, setting).report
    except ValueError as error:
        if "the loss became" not in str(error):
            raise
        return {}
    baseline = report.baselines["global_mean" if setting.rates else "popularity"]
    return {
        **report.metrics,
        **{f"baseline {name}": value for name, value in baseline.items()},
        "seconds": time.monotonic() - started,
    }


def train_and_evaluate(data: Data, setting: Setting, training_seed: int = 42) -> Evaluation:
    model = model_config(setting)
    test = data.test.model_copy(update={"training_seed": training_seed})
    source = generate_trainer(make_plan(data.features, model, data.dataset, test))
    folder = Path(tempfile.mkdtemp(prefix="recsmith-study-"))
    module = load(source, folder / "trainer.py")
    module.RAW_FEATURES.setdefault(data.spec.label_key, (module.tf.float32, float("nan")))
    places = data.places
    with contextlib.redirect_stdout(io.StringIO()):
        module.run_fn(
            SimpleNamespace(
                **training_files(module, places),
                eval_files=[places.all_transformed("eval")],
                transform_output=places.transform_graph,
                serving_model_dir=str(folder / "model"),
                model_run_dir=str(folder / "run"),
            )
        )
    spec = data.spec if setting.rates else data.spec.model_copy(update={"label_key": None})
    return evaluate(load_model(str(folder / "model")), spec, data.examples)


def demo_data(percent: float = 10) -> Data:
    from local.demo_data import MAPPING  # the light package is on the path, DuckDB in both

    columns = ("household_id", "product_id", "purchased_at", "category", "product_type", "brand")
    dataset = dataset_of("demo", DEMO, MAPPING, dict.fromkeys(columns, "STRING"))
    return prepare(
        DEMO_NAME,
        dataset,
        feature_config(
            ["household_id"], "purchased_at", ["product_id", "category", "product_type"]
        ),
        percent,
        "quantity",
    )


def shape_data(shape: shapes.Shape, rating: str = "rating") -> Data:
    path = Path(tempfile.mkdtemp(prefix="recsmith-study-"), "purchases.parquet")
    shapes.write(shape, path)
    dataset = dataset_of("shape", path, shapes.MAPPING, shapes.COLUMNS)
    return prepare(
        shape.name,
        dataset,
        feature_config(["customer", "segment"], "bought_at", ["product", "category"]),
        100,
        rating,
    )


def dataset_of(
    document_id: str, path: Path, mapping: dict[str, str], columns: dict[str, str]
) -> Dataset:
    return Dataset.model_validate(
        {
            "id": document_id,
            "name": document_id,
            "spec": {"source": {"kind": "parquet", "uri": str(path)}, "column_mapping": mapping},
            "status": {"columns": [{"name": n, "type": t} for n, t in columns.items()]},
        }
    )


def feature_config(buyer: list[str], time_column: str, product: list[str]) -> FeatureConfig:
    def embedding(column: str) -> dict[str, Any]:
        settings = {"min_frequency": 1}
        return {"column": column, "type": "string_embedding", "vocab_settings": settings}

    cycles = {
        "column": time_column,
        "type": "timestamp",
        "transforms": {
            "normalize": {"enabled": False},
            "cyclical": {"weekly": True, "monthly": True},
        },
    }
    spec = {
        "dataset_id": "study",
        "buyer_model_features": [*map(embedding, buyer), cycles],
        "product_model_features": [*map(embedding, product)],
    }
    return FeatureConfig.model_validate({"id": "fc", "name": "study", "spec": spec})


class Results:
    """What has been measured, kept in a file: an interrupted study goes on where it stopped."""

    def __init__(self, path: Path) -> None:
        self.path = path
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        self.found = {(name, data): found for name, data, found in map(json.loads, lines)}

    def add(self, setting: Setting, data: Data) -> None:
        if (setting.name, data.name) not in self.found:
            found = self.found[setting.name, data.name] = measure(data, setting)
            line = json.dumps([setting.name, data.name, found])
            with self.path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
            print(line, flush=True)


def main() -> None:
    """Measures what is missing."""
    logging.disable(logging.WARNING)
    results = Results(ROOT / "bench" / "defaults_results.jsonl")
    data = [demo_data(), *map(shape_data, shapes.SHAPES)]
    for setting, one in (
        *((setting, one) for setting in RANKING for one in data[:2]),
        *((setting, one) for setting in RETRIEVAL for one in data),
    ):
        results.add(setting, one)


if __name__ == "__main__":
    main()
