"""Predictions of a saved model, in a process that knows nothing but the model's folder.

python -m trainer_image.predict --model DIR --input '{"household_id": ["2375"]}' --k 10
python -m trainer_image.predict --model DIR --signature rating --input '{"household_id": …}'
python -m trainer_image.predict --model DIR --describe
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from trainer_image.job.leave import leave
from trainer_image.serving.saved_model import MEANINGS, BadInputError, SavedModel, complete


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    if not (Path(options.model) / "saved_model.pb").is_file():
        return _fail(f"--model: {options.model} holds no SavedModel.")
    if options.candidates is not None and not Path(options.candidates).is_file():
        return _fail(f"--candidates: there is no file {options.candidates}.")
    model = SavedModel(options.model)
    if options.signature not in model.signatures:
        known = ", ".join(model.signatures)
        return _fail(f"--signature: the model has no {options.signature!r}; it has {known}.")
    types = model.types(options.signature)
    if options.describe:
        print(json.dumps({key: MEANINGS[kind] for key, kind in types.items()}, indent=2))  # noqa: T201
        return 0
    try:
        result = model.call(options.signature, complete(json.loads(options.input), types))
    except json.JSONDecodeError as error:
        return _fail(f"--input is not valid JSON: {error}.")
    except BadInputError as error:
        return _fail(f"--input: {error}")
    answer: Any
    if "candidate_ids" in result:
        answer = _recommendations(result, _names(options.candidates), options.k)
    else:
        answer = {name: values.tolist() for name, values in result.items()}
    print(json.dumps(answer, indent=2, ensure_ascii=False))  # noqa: T201
    return 0


def _recommendations(result: Any, names: dict[str, str], k: int) -> list[list[dict[str, Any]]]:
    """For each row its best products: `product_id`, `name` (or None), `score`. A list that is
    shorter than others ends in products without an id."""
    return [
        [
            {"product_id": product, "name": names.get(product) or None, "score": round(score, 6)}
            for product, score in zip(
                (value.decode() for value in row_ids[:k]), row_scores[:k].tolist(), strict=True
            )
            if product
        ]
        for row_ids, row_scores in zip(result["candidate_ids"], result["scores"], strict=True)
    ]


def _names(path: str | None) -> dict[str, str]:
    if path is None:
        return {}
    import pyarrow.parquet as pq

    import trainer_image.examples.arrow  # noqa: F401

    table = pq.read_table(path, columns=["product_id", "name"])
    return dict(zip(*(column.to_pylist() for column in table.columns), strict=True))


def _fail(message: str) -> int:
    sys.stderr.write(f"{message}\n")
    return 2


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, received {count}")
    return count


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m trainer_image.predict", description="Recommendations from a saved model."
    )
    parser.add_argument("--model", required=True, help="folder of the SavedModel")
    parser.add_argument(
        "--signature",
        default="serving_default",
        help="rating, query_embedding or candidate_embedding instead of the model's main purpose",
    )
    parser.add_argument("--candidates", help="candidates.parquet, for the products' names")
    parser.add_argument("--k", type=_count, default=10, help="how many products for each row")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--input", help="raw features as JSON: a list of values for each feature")
    what.add_argument("--describe", action="store_true", help="print the features and their types")
    return parser


if __name__ == "__main__":
    leave(main())
