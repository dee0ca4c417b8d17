"""Predictions of a saved model, in a process that knows nothing but the model's folder.

python -m trainer_image.predict --model DIR --input '{"household_id": ["2375"]}' --k 10
python -m trainer_image.predict --model DIR --signature rating --input '{"household_id": …}'
python -m trainer_image.predict --model DIR --describe
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from pathlib import Path
from typing import Any

from shared.examples import MISSING_TIMESTAMP

# By the name of the input's TensorFlow type.
_MISSING = {"string": "", "float32": math.nan, "int64": MISSING_TIMESTAMP}
_MEANINGS = {
    "string": "text",
    "float32": "number",
    "int64": "timestamp, seconds since 1970-01-01T00:00:00Z",
}


class BadInput(ValueError):  # noqa: N818
    """Input that the model does not take; the message names the feature."""


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if not (Path(options.model) / "saved_model.pb").is_file():
        return _fail(f"--model: {options.model} holds no SavedModel.")
    if options.candidates is not None and not Path(options.candidates).is_file():
        return _fail(f"--candidates: there is no file {options.candidates}.")
    import scann  # noqa: F401 - registers the operations of a saved index
    import tensorflow as tf

    # The signatures live only as long as the model that they come from.
    model = tf.saved_model.load(options.model)
    if options.signature not in model.signatures:
        known = ", ".join(sorted(set(model.signatures) - {"index"}))
        return _fail(f"--signature: the model has no {options.signature!r}; it has {known}.")
    signature = model.signatures[options.signature]
    _, inputs = signature.structured_input_signature
    types = {key: spec.dtype.name for key, spec in sorted(inputs.items())}
    if options.describe:
        print(json.dumps({key: _MEANINGS[kind] for key, kind in types.items()}, indent=2))  # noqa: T201
        return 0
    try:
        columns = complete(json.loads(options.input), types)
        result = signature(**{key: tf.constant(columns[key], inputs[key].dtype) for key in types})
    except json.JSONDecodeError as error:
        return _fail(f"--input is no JSON: {error}.")
    except BadInput as error:
        return _fail(f"--input: {error}")
    if "candidate_ids" in result:
        answer = _recommendations(result, _names(options.candidates), options.k)
    else:
        answer = {name: values.numpy().tolist() for name, values in result.items()}
    print(json.dumps(answer, indent=2, ensure_ascii=False))  # noqa: T201
    return 0


def _recommendations(result: Any, names: dict[str, str], k: int) -> list[list[dict[str, Any]]]:
    """For each row its best products: `product_id`, `name` (or None), `score`."""
    return [
        [
            {"product_id": product, "name": names.get(product) or None, "score": round(score, 6)}
            for product, score in zip(
                (value.decode() for value in row_ids[:k]), row_scores[:k].tolist(), strict=True
            )
        ]
        for row_ids, row_scores in zip(
            result["candidate_ids"].numpy(), result["scores"].numpy(), strict=True
        )
    ]


def complete(given: Any, types: dict[str, str]) -> dict[str, list[Any]]:
    """Raw features for a signature, each a list with a value for each row.

    Args:
        given: `{feature: [value for each row]}`; features may be left out, and values null.
        types: name of the TensorFlow type, by feature.

    Raises:
        BadInput: unknown features, unequal lengths, values of a wrong type.
    """
    if not isinstance(given, dict) or not all(isinstance(v, list) for v in given.values()):
        raise BadInput('give an object of lists, such as {"household_id": ["2375"]}.')
    if unknown := sorted(set(given) - set(types)):
        raise BadInput(f"unknown feature {unknown[0]!r}; the model takes {', '.join(types)}.")
    rows = {len(values) for values in given.values()}
    if len(rows) != 1 or rows == {0}:
        raise BadInput(
            "every feature needs equally many values, and at least one; received "
            + (", ".join(f"{len(values)} for {key}" for key, values in given.items()) or "none")
            + "."
        )
    (count,) = rows
    return {
        key: [_value(key, value, kind) for value in given.get(key, [None] * count)]
        for key, kind in types.items()
    }


def _value(key: str, value: Any, kind: str) -> Any:
    if value is None:
        return _MISSING[kind]
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind == "string" and (isinstance(value, str) or (number and isinstance(value, int))):
        return str(value)
    if kind == "float32" and number:
        return float(value)
    if kind == "int64" and number and isinstance(value, int) and -(2**63) <= value < 2**63:
        return value
    raise BadInput(f"{key}: expected a {_MEANINGS[kind]} or null, received {value!r}.")


def _names(path: str | None) -> dict[str, str]:
    if path is None:
        return {}
    import pyarrow.parquet as pq

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
    sys.exit(main())
