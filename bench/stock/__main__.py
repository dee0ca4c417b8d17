"""The stock pipeline: `python -m bench.stock CSV_FOLDER OUTPUT`, in the trainer's environment.

Reads `train/`, `eval/` and `candidates/` of CSV files; leaves `metrics.json` in OUTPUT.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ["TF_USE_LEGACY_KERAS"] = "1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from tfx import v1 as tfx
from tfx.orchestration.data_types import RuntimeParameter

_HERE = Path(__file__).resolve().parent
# What the model config of `bench.shop` says.
_TRAINING = {"epochs": 2, "batch_size": 4096, "learning_rate": 0.01, "seed": 42}
_SPLITS = ("train", "eval", "candidates")


def main(rows: Path, output: Path) -> None:
    splits = [tfx.proto.Input.Split(name=name, pattern=f"{name}/*.csv") for name in _SPLITS]
    examples = tfx.components.CsvExampleGen(str(rows), input_config=tfx.proto.Input(splits=splits))
    statistics = tfx.components.StatisticsGen(examples=examples.outputs["examples"])
    schema = tfx.components.SchemaGen(
        statistics=statistics.outputs["statistics"], infer_feature_shape=True
    )
    transform = tfx.components.Transform(
        examples=examples.outputs["examples"],
        schema=schema.outputs["schema"],
        module_file=_module("preprocessing"),
        splits_config=tfx.proto.SplitsConfig(analyze=["train"], transform=list(_SPLITS)),
    )
    trainer = tfx.components.Trainer(
        examples=transform.outputs["transformed_examples"],
        transform_graph=transform.outputs["transform_graph"],
        module_file=_module("trainer"),
        train_args=tfx.proto.TrainArgs(splits=["train"]),
        eval_args=tfx.proto.EvalArgs(splits=["eval"]),
        custom_config={**_TRAINING, "metrics": str(output / "metrics.json")},
    )
    tfx.orchestration.LocalDagRunner().run(
        tfx.dsl.Pipeline(
            pipeline_name="stock",
            pipeline_root=str(output / "pipeline"),
            components=[examples, statistics, schema, transform, trainer],
            metadata_connection_config=(
                tfx.orchestration.metadata.sqlite_metadata_connection_config(
                    str(output / "metadata.sqlite")
                )
            ),
        )
    )


def _module(name: str) -> RuntimeParameter:
    # From a plain string TFX would build and install a wheel, which takes longer and needs pip.
    return RuntimeParameter(name=name, default=str(_HERE / f"{name}.py"), ptype=str)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
