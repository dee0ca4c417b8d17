"""Whole trainings of models that look back, seen from inside, in the trainer's environment.

python -m tests.integration.trainer.looking_back JOBS.json FOLDER

JOBS.json has the folder of a job for each name, as `make_job` leaves it. Of each job the stages up
to the training are run; `FOLDER/<name>.json` and `FOLDER/<name>.npz` say what the training saw and
made of it. The job named `base` also leaves its model in its folder, and what it answers.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa

from shared.jobs import JobRequest
from trainer_image.evaluation.held_out import numbered
from trainer_image.evaluation.reranked import reranked
from trainer_image.examples.read import Examples, read_examples
from trainer_image.examples.tables import save_examples, transformed_files
from trainer_image.job.locations import Locations
from trainer_image.job.modules import import_module
from trainer_image.serving.served import calls, load_model

# Customers who are asked for; a purchase is a product and how many days ago it was bought.
ASKED = 30
Past = list[tuple[str, float]]


def main() -> None:
    out = Path(sys.argv[2])
    for name, folder in json.loads(Path(sys.argv[1]).read_text()).items():
        run(name, Path(folder), out)


def run(name: str, folder: Path, out: Path) -> None:
    request = JobRequest.model_validate_json((folder / "request.json").read_bytes())
    places = Locations(str(folder / "output"))
    examples = read_examples(request.examples)
    save_examples(examples, request.examples, places)
    modules = Path(request.preprocessing.uri.removeprefix("file://")).parent
    transform(modules / f"{folder.name}-preprocessing.py", request, examples, places, folder)
    module = import_module(modules / f"{folder.name}-trainer.py")
    told: dict[str, Any] = {"fits": []}
    arrays: dict[str, Any] = {}
    serving, fit = watched(module, told, arrays)
    with contextlib.redirect_stdout(io.StringIO()):
        module.run_fn(
            SimpleNamespace(
                train_files=[places.transformed("train")],
                # The held-out rows are no business of a training that has a fitting slice.
                eval_files=["/there/is/no/such/file"],
                transform_output=places.transform_graph,
                serving_model_dir=places.model,
                model_run_dir=str(folder / "run"),
                custom_config={
                    "fit": fit,
                    "candidate_files": [places.transformed("candidates")],
                    "fitting_files": [places.transformed("fitting")],
                    "history_files": [places.transformed("history")],
                },
            )
        )
    graph = module.tft.TFTransformOutput(places.transform_graph)
    told["splits"] = {
        split: digests(module.find_examples([places.transformed(split)], graph).batches())
        for split in examples.splits()
    }
    told["epochs"] = json.loads((folder / "run" / "progress.json").read_text())
    (out / f"{name}.json").write_text(json.dumps(told))
    if serving and module.__dict__.get("HISTORY_INPUTS"):
        arrays |= {
            f"facts_{number}": value.numpy()
            for number, value in enumerate(serving[0].product_facts.variables)
        } | {
            f"item_item_{number}": value.numpy()
            for number, value in enumerate(serving[0].item_item.variables)
        }
    if name == "base":
        answer(serving[0], request, examples, out)
        arrays |= ranked(request, examples, places)
    np.savez(out / f"{name}.npz", **arrays)


def transform(
    module: Path, request: JobRequest, examples: Examples, places: Locations, folder: Path
) -> None:
    from trainer_image.training.transform import analyze, materialize

    analyze(
        import_module(module).preprocessing_fn,
        request.examples.features,
        [places.examples("train"), places.examples("fitting")],
        places.transform_graph,
        str(folder / "temporary"),
    )
    materialize(places.transform_graph, transformed_files(examples, places))


def watched(module: Any, told: dict[str, Any], arrays: dict[str, Any]) -> tuple[list[Any], Any]:
    """Has the module tell which rows it trains on and validates by, and which lists it makes.

    Returns:
        where it puts what it serves, and what it is to fit by.
    """
    serving: list[Any] = []
    serve = module.ServingModel

    def fit(model: Any, rows: Any, validation_data: Any = None, **options: Any) -> None:
        seen = {"rows": digests(rows)}
        if validation_data is not None:
            seen["validation"] = digests(validation_data)
        told["fits"].append(seen)
        model.fit(rows, validation_data=validation_data, **options)

    def served(*arguments: Any) -> Any:
        serving.append(serve(*arguments))
        return serving[0]

    module.ServingModel = served
    if "lists_of" in vars(module):
        lists = module.lists_of

        def listed(*arguments: Any) -> Any:
            found = lists(*arguments)
            arrays.update(zip(("features", "own_in_lists", "bought", "starts"), found, strict=True))
            return found

        module.lists_of = listed
    return serving, fit


def digests(batches: Any) -> list[str]:
    """A hash of each row, sorted."""
    found = []
    for batch in batches:
        columns = [batch[key].numpy().tolist() for key in sorted(batch)]
        found += [hashlib.md5(repr(row).encode()).hexdigest() for row in zip(*columns, strict=True)]
    return sorted(found)


def pasts(request: JobRequest, examples: Examples) -> dict[str, Past]:
    """What the customers with most rows bought, as of the end of the training rows."""
    spec = request.examples
    rows = zip(
        examples.train[spec.customer_key].to_pylist(),
        examples.train[spec.product_key].to_pylist(),
        examples.train_times.to_pylist(),
        strict=True,
    )
    known = [row for row in rows if row[2] > -(2**63)]
    end = max(time for _, _, time in known) + 1
    found: dict[str, Past] = {}
    for customer, product, time in known:
        found.setdefault(customer, []).append((product, (end - time) / 86_400))
    most = sorted(found, key=lambda customer: (-len(found[customer]), customer))
    return {customer: found[customer] for customer in most[:ASKED]}


def asked(given: dict[str, Past], customers: list[str]) -> dict[str, list[Any]]:
    """Raw features of a query for each customer, with what is given of the past."""
    longest = max(map(len, given.values()), default=0)
    told = [given.get(customer, []) for customer in customers]
    return {
        "household_id": customers,
        "purchased_at": [-(2**63)] * len(customers),
        "history_ids": [[one for one, _ in past] + [""] * (longest - len(past)) for past in told],
        "history_ages": [[age for _, age in past] + [0.0] * (longest - len(past)) for past in told],
    }


def questions(request: JobRequest, examples: Examples) -> dict[str, dict[str, list[Any]]]:
    """By what they ask for."""
    known = pasts(request, examples)
    customers = [*known]
    shuffled = {customer: past[::-1] for customer, past in known.items()}
    odd: Past = [("no such product", 1.0), (known[customers[0]][0][0], -5.0), ("", 3.0)]
    even: Past = [(known[customers[0]][0][0], 0.0)]
    return {
        "stored": asked({}, customers),
        "given": asked(shuffled, customers),
        "of strangers": asked(
            {f"new {customer}": past for customer, past in known.items()},
            [f"new {customer}" for customer in customers],
        ),
        "odd": asked({"nobody": odd, "": odd}, ["nobody", ""]),
        "even": asked({"nobody": even, "": even}, ["nobody", ""]),
        "nothing": asked({}, ["nobody", ""]),
    }


def answer(serving: Any, request: JobRequest, examples: Examples, out: Path) -> None:
    """`questions.json`, and `answers.json` by the training process, for each signature."""
    import tensorflow as tf

    methods = {
        "serving_default": serving.recommend,
        "buy_again": serving.buy_again,
        "discover": serving.discover,
        "query_embedding": serving.query_embedding,
    }
    types = {"household_id": tf.string, "purchased_at": tf.int64, "history_ids": tf.string}
    given = questions(request, examples)
    found: dict[str, Any] = {}
    for name, rows in given.items():
        raw = {key: tf.constant(rows[key], types.get(key, tf.float32)) for key in rows}
        for signature, method in methods.items():
            answers = {key: values.numpy().tolist() for key, values in method(raw).items()}
            if "candidate_ids" in answers:
                ids = answers["candidate_ids"]
                answers["candidate_ids"] = [[one.decode() for one in row] for row in ids]
            found[f"{name}/{signature}"] = answers
    (out / "questions.json").write_text(json.dumps(given))
    (out / "answers.json").write_text(json.dumps(found))


def ranked(request: JobRequest, examples: Examples, places: Locations) -> dict[str, Any]:
    """Ranks by the re-ranker where towers put products at random; and the candidates row by row."""
    model = load_model(places.model)
    spec = request.examples
    # One customer's rows at one moment share a query.
    doubled = pa.concat_tables([examples.eval, examples.eval.slice(0, 20)]).combine_chunks()
    examples = Examples(**{**vars(examples), "eval": doubled})
    held_out = numbered(spec, examples)
    towers = np.random.default_rng(3).integers(1, held_out.candidates + 1, len(examples.eval))
    found = reranked(model, spec, examples, held_out, towers)
    one_by_one = [
        (call["products"].numpy()[0], call["own"].numpy()[0])
        for call in calls(model.signatures["candidates"], examples.eval, 1)
    ]
    longest = max(len(row) for row, _ in one_by_one)
    padded = [np.pad(row, (0, longest - len(row)), constant_values=-1) for row, _ in one_by_one]
    own = [np.pad(row, (0, longest - len(row))) for _, row in one_by_one]
    return {
        "towers": towers,
        "ranks": found.ranks,
        "in_list": found.in_list,
        "own": np.array(own),
        "repeat": held_out.repeat,
        "lists": found.lists,
        "candidates": np.array(padded),
        "held_out_product": held_out.product,
        "held_out_first": held_out.first,
        "products": np.array(held_out.candidates),
    }


if __name__ == "__main__":
    main()
