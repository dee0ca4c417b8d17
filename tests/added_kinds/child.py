"""What the product with the added kinds makes of the documents, as JSON; or a job over them."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from shared.documents.dataset import Dataset
from shared.documents.feature_config import FeatureConfig
from shared.documents.model_config import ModelConfig, ModelConfigSpec
from tests.added_kinds.documents import DATASET, FEATURES, MODEL, TEST, TOWER

DOCUMENTS = (
    Dataset.model_validate(DATASET),
    FeatureConfig.model_validate(FEATURES),
    ModelConfig.model_validate(MODEL),
)


def main(folder: Path, *source: str) -> None:
    if source:
        _job(folder, Path(source[0]))
    else:
        (folder / "found.json").write_text(json.dumps(_found()))


def _found() -> dict[str, Any]:

    from functions.api import create_app
    from shared.codegen import generate_preprocessing, generate_trainer, make_plan
    from shared.documents.quick_test import QuickTestSpec
    from shared.rules.catalogue import catalogue
    from shared.rules.feature_config import check_feature_config
    from shared.rules.model_config import check_model_config
    from shared.rules.parameters import count_parameters
    from shared.rules.quick_test import check_quick_test
    from shared.rules.tensors import tensor_dims

    dataset, features, model = DOCUMENTS
    try:
        ModelConfigSpec.model_validate(
            {**MODEL["spec"], "buyer_tower_layers": [{**TOWER[0], "stddev": 2}]}
        )
        refused = []
    except ValidationError as error:
        refused = [problem["loc"] for problem in error.errors()]
    test = QuickTestSpec.model_validate(TEST)
    plan = make_plan(features, model, dataset, test)
    problems = [
        *check_feature_config(features.spec, dataset),
        *check_model_config(model.spec),
        *check_quick_test(test, features, model, dataset),
    ]
    return {
        "refused": refused,
        "problems": {problem.code: problem.message for problem in problems},
        "tensors": [
            tensor_dims(features.spec, tower).model_dump() for tower in ("buyer", "product")
        ],
        "parameters": count_parameters(model.spec, features.spec).model_dump(),
        "preprocessing": generate_preprocessing(plan),
        "trainer": generate_trainer(plan),
        "facts": _facts(),
        "openapi": create_app(ports=None).openapi()["components"]["schemas"],  # type: ignore[arg-type]
        "kinds": catalogue().model_dump(mode="json"),
        "page": _page(),
    }


def _facts() -> dict[str, str]:
    from shared.comparing.facts import facts_of
    from shared.comparing.loading import Tested
    from shared.documents.quick_test import Pinned, QuickTest
    from shared.jobs import MetricsReport

    dataset, features, model = DOCUMENTS
    tested = Tested(
        test=QuickTest.model_validate({"id": "qt", "name": "Try", "spec": TEST}),
        results=MetricsReport.model_validate(_metrics()),
        pinned=Pinned(
            dataset_id="ds-1",
            dataset_fingerprint="v1",
            feature_config_revision=1,
            model_config_revision=1,
        ),
        features=features,
        model=model,
        dataset=dataset,
    )
    return {key: fact.text for key, fact in facts_of([tested])["qt"].items()}


def _metrics() -> dict[str, Any]:
    sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))
    made: dict[str, Any] = importlib.import_module("scenario").metrics(0.2)
    return made


def _page() -> str:
    sys.path.insert(0, str(Path(__file__).parents[2] / "docs"))
    return str(importlib.import_module("generate_configuration").page())


def _job(folder: Path, source: Path) -> None:
    from tests.integration.trainer.support import make_job

    dataset, features, model = DOCUMENTS
    model.spec.learning_rate = 0.005
    documents = dataset, features, model
    make_job(folder / "job", documents, source, epochs=2, rating_column="quantity")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
