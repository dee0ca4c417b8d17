"""Recommendations for many customers, or vectors of products or customers, into a folder of files.

python -m trainer_image.batch --artifacts URI --out FOLDER --k 10
python -m trainer_image.batch --model ID --alias production --store URI --out gs://bucket/folder
python -m trainer_image.batch --artifacts URI --write products --format jsonl --out FOLDER

Says how far it is in JSON, a line at a time, and at last `{"complete": MANIFEST}`. Whatever ends
it, the same command goes on where it was. Exit status 1 where it cannot, with the reason on stderr,
and in the file that RECSMITH_REASON names: of a container Vertex AI says no more than that status.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import traceback
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from shared.batches import (
    FORMATS,
    MAX_SHARDS,
    REASON,
    BatchError,
    BatchModel,
    BatchSettings,
    Content,
    FileFormat,
    Manifest,
    Reason,
    shard_count,
)
from shared.examples import ExamplesSpec
from shared.predictions import MAX_K, ListName
from shared.registry import Alias
from shared.rules_of_lists.stored import StoredRuleSet
from shared.tables.faults import without_values
from shared.version import version
from trainer_image.job.leave import leave
from trainer_image.job.locations import Locations, open_file, path_of
from trainer_image.job.status import JobFailedError, describe
from trainer_image.job.store import STORE
from trainer_image.serving.batches.embeddings import Customers, Products
from trainer_image.serving.batches.folder import Folder, folder_of
from trainer_image.serving.batches.models import model_of_alias, model_of_job, moved, request_of
from trainer_image.serving.batches.recommendations import Recommendations
from trainer_image.serving.batches.run import Tell, Work, going_on, run
from trainer_image.serving.batches.subjects import (
    Subjects,
    all_customers,
    known_customers,
    listed_customers,
)
from trainer_image.serving.predictor import Predictor
from trainer_image.serving.rule_sets import RuleSets
from trainer_image.serving.saved_model import SavedModel

Load = Callable[[str], SavedModel]


def main(arguments: list[str] | None = None, load: Load = SavedModel) -> int:
    os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    options = parsed(arguments)
    try:
        batch(options, _say, load)
    except (BatchError, JobFailedError) as error:
        return _failed(str(error))
    except KeyboardInterrupt:
        sys.stderr.write("Stopped. What is done stays; the same command goes on.\n")
        return 130
    except Exception as error:
        sys.stderr.write(without_values(traceback.format_exc()))
        return _failed(describe(error))
    return 0


def _failed(why: str) -> int:
    """Says it, and returns the exit status."""
    sys.stderr.write(f"{why}\n")
    if told := os.environ.get(REASON):
        try:
            with open_file(path_of(told), "w") as file:
                file.write(Reason(message=why).model_dump_json())
        except Exception as error:  # of a disk, or whatever TensorFlow says of a bucket
            sys.stderr.write(f"{told} cannot be written: {describe(error)}\n{why}\n")
    return 1


def batch(options: argparse.Namespace, tell: Tell, load: Load = SavedModel) -> Manifest:
    """Begins a run, or goes on with the one in the folder.

    Raises:
        BatchError: it cannot; what is done of it stays, and what is not begun leaves nothing.
    """
    folder = folder_of(options.out)
    noted = folder.claim()
    try:
        manifest, ids, work = _prepared(options, noted, folder, load)
        if noted is None:
            folder.note(manifest)
        tell({"run": manifest.run_id, "model": str(manifest.model), "resumed": noted is not None})
        manifest = run(folder, manifest, ids, work, tell)
        if (note := moved(manifest.model, options.store)) is not None:
            manifest = manifest.model_copy(update={"notes": [*manifest.notes, note]})
        manifest = manifest.model_copy(update={"complete": True})
        folder.finish(manifest)
    finally:
        folder.leave()
    tell({"complete": manifest.model_dump(mode="json", exclude={"shards"})})
    return manifest


def _prepared(
    options: argparse.Namespace, noted: Manifest | None, folder: Folder, load: Load
) -> tuple[Manifest, pa.Array, Work]:
    model = _model(options, noted)
    places = Locations(path_of(model.artifacts_uri))
    spec = request_of(model.artifacts_uri).examples
    rule_sets = RuleSets(places.root, now=lambda: 0.0)  # as they are now, to the end of the run
    rule_set = _rule_set(options, rule_sets)
    try:
        subjects, make = _work(options, spec, places, load, rule_sets)
        manifest = _begun(options, model, subjects, rule_set)
        if noted is not None:
            manifest = going_on(noted, manifest, folder)
        return manifest, subjects.ids, make(manifest)
    except Exception as error:
        if isinstance(error, OSError | pa.ArrowException) or _is_tensorflows(error):
            missing = getattr(error, "filename", None) or describe(error)
            raise BatchError(f"The model in {places.root} is not whole: {missing}") from error
        raise


def _is_tensorflows(error: Exception) -> bool:
    return type(error).__module__.startswith("tensorflow")


def _model(options: argparse.Namespace, noted: Manifest | None) -> BatchModel:
    """That of the run that goes on, where the same alias is asked for: what it means by now does
    not matter, nor whether that can be read."""
    if options.artifacts is not None:
        return model_of_job(options.artifacts)
    if noted is not None and (noted.model.model_id, noted.model.alias) == (
        options.model,
        options.alias,
    ):
        return noted.model
    return model_of_alias(options.store, options.model, options.alias)


def _rule_set(options: argparse.Namespace, rule_sets: RuleSets) -> StoredRuleSet | None:
    if options.rules is None:
        return None
    try:
        found = rule_sets.find(options.rules)
        found = found and rule_sets.find(found.id)  # by which requests name it
        why = "" if found is not None else rule_sets.none_found()
    except Exception as error:  # of a disk, or whatever TensorFlow says of a bucket
        raise BatchError(f"--rules: rule sets cannot be read: {describe(error)}") from error
    if found is None:
        raise BatchError(f"--rules: {why} Received: {options.rules!r}.")
    return found


def _work(
    options: argparse.Namespace,
    spec: ExamplesSpec,
    places: Locations,
    load: Load,
    rule_sets: RuleSets,
) -> tuple[Subjects, Callable[[Manifest], Work]]:
    """Whom a run is about, and what makes its rows."""
    if options.write is Content.PRODUCTS:
        products = Products(load(places.model), places, spec, options.format)
        return products.subjects, lambda _: products
    known = known_customers(places, spec)
    if options.customers is None:
        subjects = all_customers(known)
    else:
        subjects = listed_customers(options.customers, spec, known, unknown=options.unknown)
    if options.write is Content.CUSTOMERS:
        return subjects, lambda _: Customers(load(places.model), places, spec)
    return subjects, lambda manifest: Recommendations(
        Predictor(places.root, load, rule_sets), manifest
    )


def _begun(
    options: argparse.Namespace,
    model: BatchModel,
    subjects: Subjects,
    rule_set: StoredRuleSet | None,
) -> Manifest:
    now = datetime.now(UTC)
    lists = options.write is Content.RECOMMENDATIONS
    settings = BatchSettings(
        content=options.write,
        format=options.format,
        k=options.k if lists else None,
        list=options.list if lists else None,
        shards=options.shards,
        customers=subjects.digest,
        unknown=options.unknown,
        rule_set=rule_set and rule_set.id,
        rules=rule_set and hashlib.sha256(rule_set.rules.model_dump_json().encode()).hexdigest(),
    )
    settings.check()
    return Manifest(
        run_id=f"{now:%Y%m%d-%H%M%S}-{uuid.uuid4().hex[:6]}",
        made_at=now,
        recsmith=version(),
        model=model,
        settings=settings,
        subjects=len(subjects.ids),
        left_out=subjects.left_out,
        shard_count=options.shards or shard_count(len(subjects.ids)),
    )


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def parsed(arguments: list[str] | None) -> argparse.Namespace:
    options = _parser().parse_args(arguments)
    if options.model is not None and not options.store:
        _parser().error(f"--model needs --store, or {STORE} in the environment")
    if options.rules is not None and options.write is not Content.RECOMMENDATIONS:
        _parser().error("--rules is for recommendations")
    if options.format is None:
        options.format = FORMATS[options.write][0]
    return options


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m trainer_image.batch",
        description="Recommendations for many customers, or vectors, into a folder of files.",
    )
    model = parser.add_mutually_exclusive_group(required=True)
    model.add_argument("--artifacts", metavar="URI", help="folder of the job that left the model")
    model.add_argument("--model", metavar="ID", help="of a registered model")
    parser.add_argument("--alias", type=Alias, default=Alias.PRODUCTION, help="of that model")
    parser.add_argument(
        "--store",
        metavar="URI",
        default=os.environ.get(STORE),
        help=f"where registered models have their pointers; by default {STORE} says so",
    )
    parser.add_argument("--out", required=True, help="folder, or gs://bucket/folder; must be new")
    parser.add_argument("--write", type=Content, default=Content.RECOMMENDATIONS)
    parser.add_argument("--format", type=FileFormat, help="by default the first that there is")
    parser.add_argument(
        "--customers", metavar="FILE", help="Parquet, CSV, or an id on each line; gs://… too"
    )
    parser.add_argument("--unknown", action="store_true", help="answer strangers of the list too")
    parser.add_argument("--k", type=_number(MAX_K), default=10, help="how many products for each")
    parser.add_argument("--list", type=ListName, default=ListName.ALL)
    parser.add_argument("--rules", metavar="RULES", help="a rule set, by its id or name")
    parser.add_argument("--shards", type=_number(MAX_SHARDS), help="how many files")
    return parser


def _number(most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        number = int(text)
        if not 1 <= number <= most:
            raise argparse.ArgumentTypeError(f"must be from 1 to {most}, received {number}")
        return number

    read.__name__ = "number"
    return read


if __name__ == "__main__":
    leave(main())
