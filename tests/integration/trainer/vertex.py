"""A stand-in for Vertex AI Pipelines: runs a compiled template's containers as processes here.

It does of the service what a container sees: parameters and artifacts in a task's invocation,
outputs under the pipeline root, and what a task wrote handed on to the next.
"""

from __future__ import annotations

import copy
import json
import os
import subprocess
from pathlib import Path
from typing import Any

from local.jobs.environment import REPOSITORY
from tests.integration.trainer.loaded import Forked
from tests.integration.trainer.support import TRAINER_PYTHON, Ended, Training, watching

PROJECT_NUMBER = "123456789012"
_LIMIT_SECONDS = 1200
Json = dict[str, Any]


class VertexJob:
    """One run of a template; `folder` is its pipeline root.

    Args:
        fresh: see `TrainerProcess`.
    """

    def __init__(
        self,
        folder: Path,
        template: Json,
        parameters: dict[str, str],
        job_id: str,
        *,
        fresh: bool = False,
    ) -> None:
        self.spec: Json = copy.deepcopy(template["pipelineSpec"])
        self.parameters = parameters
        self.job_folder = folder / PROJECT_NUMBER / job_id
        self._fresh = fresh
        self._outputs: dict[tuple[str, str], Json] = {}

    def again(self, parameters: dict[str, str], job_id: str) -> VertexJob:
        """Another job, whose tasks take over what this one's have made."""
        folder = self.job_folder.parents[1]
        job = VertexJob(folder, {"pipelineSpec": self.spec}, parameters, job_id)
        job._outputs = self._outputs
        return job

    @property
    def tasks(self) -> Json:
        tasks: Json = self.spec["root"]["dag"]["tasks"]
        return tasks

    def in_order(self) -> list[str]:
        done: list[str] = []
        while len(done) < len(self.tasks):
            done += [
                name
                for name, task in self.tasks.items()
                if name not in done and set(task.get("dependentTasks", [])) <= set(done)
            ]
        return done

    def run(self, name: str, **environment: str) -> Ended:
        """Runs a task's container, and takes over what it says of its outputs."""
        process = self.start(name, **environment)
        try:
            stdout, stderr = process.communicate(timeout=_LIMIT_SECONDS)
        finally:
            process.kill()
        output_file = Path(self.invocation(name)["outputs"]["outputFile"])
        if output_file.exists():
            said = json.loads(output_file.read_bytes())
            for key, listed in said.get("artifacts", {}).items():
                self._outputs[name, key] = listed["artifacts"][0]
        return Ended(process.returncode, stdout, stderr)

    def start(self, name: str, **environment: str) -> subprocess.Popen[str] | Forked:
        """Starts a task's container."""
        invocation = self.invocation(name)
        container = self.container(name)
        arguments = [
            json.dumps(invocation) if argument == "{{$}}" else argument
            for argument in container["args"]
        ]
        python, *command = container["command"]
        assert (python, command[0]) == ("python", "-m")
        environment = {
            **{key: value for key, value in os.environ.items() if key != "TF_USE_LEGACY_KERAS"},
            **watching(self._watched(name)),
            **environment,
        }
        if not self._fresh:
            self.job_folder.parent.mkdir(parents=True, exist_ok=True)
            said = [self._watched(name).with_suffix(suffix) for suffix in (".out", ".err")]
            return Forked(command[1], [*command[2:], *arguments], environment, *said)
        return subprocess.Popen(
            [TRAINER_PYTHON, *command, *arguments],
            cwd=REPOSITORY,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def training(self, name: str, worker: int = 0) -> Training:
        """What the training of a task saw, as one of its workers did."""
        file = self._watched(name)
        return Training.read(file.with_name(f"{file.name}.{worker}.npz") if worker else file)

    def _watched(self, name: str) -> Path:
        return self.job_folder.with_name(f"{self.job_folder.name}-{name}.npz")

    def container(self, name: str) -> Json:
        component = self.spec["components"][self.tasks[name]["componentRef"]["name"]]
        executors = self.spec["deploymentSpec"]["executors"]
        container: Json = executors[component["executorLabel"]]["container"]
        return container

    def invocation(self, name: str) -> Json:
        """An ExecutorInput (pipeline_spec.proto) as JSON."""
        task = self.tasks[name]
        component = self.spec["components"][task["componentRef"]["name"]]
        inputs = task.get("inputs", {})
        folder = self.job_folder / f"{name}_-{len(name)}00"
        parameters = {
            key: self.parameters[value["componentInputParameter"]]
            if "componentInputParameter" in value
            else value["runtimeValue"]["constant"]
            for key, value in inputs.get("parameters", {}).items()
        }
        artifacts = {
            key: {"artifacts": [self._made(value["taskOutputArtifact"])]}
            for key, value in inputs.get("artifacts", {}).items()
        }
        outputs = {
            key: {
                "artifacts": [
                    {
                        "name": f"projects/{PROJECT_NUMBER}/artifacts/{name}-{key}",
                        "uri": str(folder / key),
                        "type": output["artifactType"],
                    }
                ]
            }
            for key, output in component.get("outputDefinitions", {}).get("artifacts", {}).items()
        }
        return {
            "inputs": {"parameterValues": parameters, "artifacts": artifacts},
            "outputs": {
                "artifacts": outputs,
                "outputFile": str(folder / "executor_output.json"),
            },
        }

    def _made(self, producer: Json) -> Json:
        task, key = producer["producerTask"], producer["outputArtifactKey"]
        component = self.spec["components"][self.tasks[task]["componentRef"]["name"]]
        definition = component["outputDefinitions"]["artifacts"][key]
        return {**self._outputs[task, key], "type": definition["artifactType"]}
