"""The direct runner: the four stages in one process, without orchestrator or metadata store."""

from __future__ import annotations

import importlib
import tempfile
import threading
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from shared import code_version
from shared.examples import ExamplesSpec
from shared.jobs import PROGRESS_FILE, WARM_START_FILE, WEIGHTS_FILE, JobRequest, Stage
from trainer_image.evaluation.held_out import numbered
from trainer_image.evaluation.reports import write_reports
from trainer_image.evaluation.retrieval import Recommended, begun
from trainer_image.examples.read import Examples, read_examples
from trainer_image.examples.reuse import PARTS, ExampleCache, cache_key
from trainer_image.examples.tables import load_examples, save_examples, transformed_files
from trainer_image.job.finished import Finished
from trainer_image.job.locations import FURTHER_SPLITS, MODEL_FOLDER, Locations, path_of
from trainer_image.job.memory import are_few, end_stage
from trainer_image.job.modules import fetch_module, import_module
from trainer_image.job.status import StatusLog, Tell


def run_direct(request: JobRequest, job_dir: Path, status: StatusLog, checkpoints: str) -> None:
    """Runs a job; its files lie under the request's `output_uri` afterwards. What an earlier
    process of the job has finished is not done again.

    Args:
        checkpoints: folder for those of the training.

    Raises:
        JobFailedError: for a reason that the job's owner can mend; other exceptions for others.
    """
    output = Locations(path_of(request.output_uri))
    # TensorFlow takes as long to import as DuckDB to read, and both leave a core to the other.
    threading.Thread(
        target=importlib.import_module, args=["trainer_image.training.transform"], daemon=True
    ).start()

    local = Path(output.root) if "://" not in output.root else None
    finished = Finished(job_dir, local, code_version.LOADED)
    examples = _examples(request, job_dir, status, output, finished)
    with _baselines(request.examples, examples) as of_others:
        with status.stage(Stage.TRAIN), status.progress_of(output.progress):
            if not finished.has(Stage.TRAIN):
                finished.begin(MODEL_FOLDER, WARM_START_FILE, WEIGHTS_FILE)
                tell = status.steps(Stage.TRAIN)
                _train(request, examples, job_dir, output, checkpoints, tell)
                kept = (MODEL_FOLDER, PROGRESS_FILE, WARM_START_FILE, WEIGHTS_FILE)
                finished.add(Stage.TRAIN, *kept)
                end_stage(len(examples.train))

        with status.stage(Stage.EVALUATE):
            _evaluate(request, examples, output, of_others)


def _examples(
    request: JobRequest, job_dir: Path, status: StatusLog, output: Locations, finished: Finished
) -> Examples:
    """The first two stages; their examples are transformed afterwards."""
    cache = ExampleCache.from_environment() if "://" not in output.root else None
    key = cache_key(request) if cache else None
    transformed, reused = finished.has(Stage.TRANSFORM), False
    with status.stage(Stage.EXAMPLES):
        if transformed:
            examples = load_examples(output)
        else:
            finished.begin(*PARTS)
            reused = cache is not None and key is not None and cache.take(key, Path(output.root))
            if reused:
                status.reused(Stage.EXAMPLES)
                examples = load_examples(output)
            else:
                examples = read_examples(request.examples)
                save_examples(examples, request.examples, output)
                end_stage(len(examples.train))

    with status.stage(Stage.TRANSFORM):
        module = fetch_module(request.preprocessing, job_dir / "code", "preprocessing")
        if reused:
            status.reused(Stage.TRANSFORM)
        elif not transformed:
            _transform(request, examples, module, output, job_dir, status.steps(Stage.TRANSFORM))
            # A source that has changed meanwhile is not what the key speaks of.
            if cache is not None and key is not None and cache_key(request) == key:
                cache.keep(key, Path(output.root))
        if not transformed:
            finished.add(Stage.TRANSFORM, *PARTS)
            end_stage(len(examples.train))
    return examples


def _train(
    request: JobRequest,
    examples: Examples,
    job_dir: Path,
    output: Locations,
    checkpoints: str,
    tell: Tell,
) -> None:
    from trainer_image.training.train import TrainArguments, custom_config, train
    from trainer_image.training.warm_start import check_unseen

    check_unseen(request, examples)
    module = fetch_module(request.trainer, job_dir / "code", "trainer")
    train(
        import_module(module).run_fn,
        TrainArguments(
            train_files=[output.all_transformed("train")],
            eval_files=[output.all_transformed("eval")],
            transform_output=output.transform_graph,
            serving_model_dir=output.model,
            model_run_dir=str(job_dir / "model_run"),
            custom_config=custom_config(
                {split: output.all_transformed(split) for split in FURTHER_SPLITS},
                output.progress,
            ),
        ),
        module,
        checkpoints,
        request,
        output,
        tell,
    )


def _baselines(
    spec: ExamplesSpec, examples: Examples
) -> AbstractContextManager[Future[Recommended] | None]:
    """What recommends without a model, beside the training, which leaves a core to it. Not of many
    rows, for which both would hold too much at once; and where there are ratings only the model
    tells whether it recommends at all."""
    if spec.label_key is not None or not are_few(len(examples.train)):
        return nullcontext()
    return begun(lambda: numbered(spec, examples))


def _evaluate(
    request: JobRequest,
    examples: Examples,
    output: Locations,
    of_others: Future[Recommended] | None,
) -> None:
    from trainer_image.evaluation.champion import measure_champion
    from trainer_image.evaluation.evaluate import evaluate, sample_tensors
    from trainer_image.evaluation.vocabulary import report_vocabularies
    from trainer_image.serving.served import load_model, make_ready

    model = load_model(output.model)
    make_ready(model, examples.eval)
    evaluation = evaluate(model, request.examples, examples, request.rules, of_others)
    measure_champion(request, examples, output)
    tensors = sample_tensors(model, request.examples, examples)
    vocabularies = report_vocabularies(request.vocabularies, output.transform_graph, examples)
    write_reports(evaluation, vocabularies, tensors, output)


def _transform(
    request: JobRequest,
    examples: Examples,
    module: Path,
    output: Locations,
    job_dir: Path,
    tell: Tell,
) -> None:
    from trainer_image.training.transform import analyze, materialize

    preprocessing = import_module(module)
    with tempfile.TemporaryDirectory(dir=job_dir, prefix="transform-") as temporary:
        analyze(
            preprocessing.preprocessing_fn,
            request.examples.features,
            [*output.example_files("train"), *output.example_files("fitting")],
            output.transform_graph,
            temporary,
            lambda done: tell("learning from the training rows", done / 2),
        )
    materialize(
        output.transform_graph,
        transformed_files(examples, output),
        lambda done: tell("transforming all rows", 0.5 + done / 2),
    )
