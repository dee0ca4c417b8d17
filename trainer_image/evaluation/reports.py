"""The results as the files that the handlers read."""

from __future__ import annotations

import json

from shared.jobs import SampleTensors, VocabularyReport
from shared.segment_reports import SEGMENT_REPLICATES_FILE, SEGMENTS_FILE
from trainer_image.evaluation.evaluate import Evaluation
from trainer_image.job.locations import Locations, open_file
from trainer_image.training.weights import read_report


def write_reports(
    evaluation: Evaluation,
    vocabularies: list[VocabularyReport],
    tensors: SampleTensors,
    output: Locations,
) -> None:
    with open_file(output.tensors, "w") as file:
        file.write(tensors.model_dump_json())
    with open_file(output.vocabulary, "w") as file:
        json.dump([report.model_dump(mode="json") for report in vocabularies], file, indent=2)
    with open_file(output.replicates, "w") as file:
        file.write(evaluation.replicates.model_dump_json())
    for name, part in (
        (SEGMENTS_FILE, evaluation.segments.report),
        (SEGMENT_REPLICATES_FILE, evaluation.segments.replicates),
    ):
        with open_file(output[name], "w") as file:
            file.write(part.model_dump_json())
    began = {"warm_start": read_report(output.warm_start)}
    with open_file(output.metrics, "w") as file:
        file.write(evaluation.report.model_copy(update=began).model_dump_json(indent=2))
