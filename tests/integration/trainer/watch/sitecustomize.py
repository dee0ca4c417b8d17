"""Watches trainings from inside, or disturbs them: for tests.

Python imports this by itself in every process that has the folder on its PYTHONPATH, the product's
own trainers included, which know nothing of it. What it does is said by the environment:

RECSMITH_TEST_WEIGHT_NOISE: standard deviation of normal noise that is added to the weights that a
    training starts from. No test may mind 1e-6.
RECSMITH_TEST_WATCH: `.npz` file for what the process's first training saw: its initial weights
    as `weights_<n>`, those at its end as `ended_<n>`, the SHA-256 of each batch as `batches`, the
    loss of each step as `losses`. Of several workers, those after the first append their number.
RECSMITH_TEST_BENCH_ROWS: how many rows the benchmark of trainings trains on.
RECSMITH_TEST_ROWS_AT_ONCE: how many rows of examples are read at once.
"""

from __future__ import annotations

import hashlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

NOISE, WATCH = "RECSMITH_TEST_WEIGHT_NOISE", "RECSMITH_TEST_WATCH"
ROWS_AT_ONCE = "RECSMITH_TEST_ROWS_AT_ONCE"
BENCH_ROWS = "RECSMITH_TEST_BENCH_ROWS"


def _shorten(module: Any) -> None:
    module.ROWS_AT_ONCE = int(os.environ[ROWS_AT_ONCE])


def _few_rows(module: Any) -> None:
    module.ROWS = int(os.environ[BENCH_ROWS])


def _wrap(training: Any) -> None:
    model_class = training.Model
    fit = model_class.fit

    def watched(self: Any, x: Any, *args: Any, callbacks: Any = (), **options: Any) -> Any:
        noise, file = float(os.environ.get(NOISE) or 0), os.environ.pop(WATCH, None)
        worker = json.loads(os.environ.get("TF_CONFIG", "{}")).get("task", {}).get("index")
        if file and worker:
            file += f".{worker}.npz"
        if noise:
            _disturb(self, noise)
        if file is None:
            return fit(self, x, *args, callbacks=callbacks, **options)
        watch = _Watch(self)
        if hasattr(callbacks, "append"):  # a list, of Keras' too
            callbacks.append(watch.callback())
        else:
            callbacks = [*callbacks, watch.callback()]
        found = fit(self, watch.over(x), *args, callbacks=callbacks, **options)
        watch.save(file)
        return found

    model_class.fit = watched


def _disturb(model: Any, deviation: float) -> None:
    import numpy as np

    random = np.random.default_rng(11)
    for variable in model.trainable_variables:
        variable.assign_add(random.normal(0, deviation, variable.shape).astype("float32"))


class _Watch:
    def __init__(self, model: Any) -> None:
        self._model = model
        self._weights = self._numbers()
        self._batches: list[str] = []
        self._losses: list[float] = []

    def _numbers(self) -> list[Any]:
        return [variable.numpy() for variable in self._model.trainable_variables]

    def over(self, examples: Any) -> Any:
        """The same batches, noted as they are drawn."""
        import tensorflow as tf

        def noted(batch: dict[str, Any]) -> dict[str, Any]:
            keys = sorted(batch)
            values = tf.numpy_function(
                self._note, [batch[key] for key in keys], [batch[key].dtype for key in keys]
            )
            shaped = zip(keys, values, strict=True)
            return {key: tf.ensure_shape(value, batch[key].shape) for key, value in shaped}

        return examples.map(noted)

    def _note(self, *columns: Any) -> list[Any]:
        digest = hashlib.sha256()
        for column in columns:
            digest.update(repr(column.tolist()).encode())
        self._batches.append(digest.hexdigest())
        return list(columns)

    def callback(self) -> Any:
        import tensorflow as tf

        def note(_: int, logs: dict[str, Any]) -> None:
            self._losses.append(float(logs["total_loss"]))

        return tf.keras.callbacks.LambdaCallback(on_batch_end=note)

    def save(self, file: str) -> None:
        import numpy as np

        weights = {f"weights_{number}": value for number, value in enumerate(self._weights)}
        ended = {f"ended_{number}": value for number, value in enumerate(self._numbers())}
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        np.savez(file, batches=self._batches, losses=self._losses, **weights, **ended)


class _Finder(importlib.abc.MetaPathFinder):
    """Changes modules once somebody imports them.

    Args:
        changes: what is done to a module, by its name.
    """

    def __init__(self, changes: dict[str, Callable[[Any], None]]) -> None:
        self._changes = changes

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        change = self._changes.pop(fullname, None)
        if change is None:
            return None
        spec = importlib.util.find_spec(fullname)
        assert spec is not None
        assert spec.loader is not None
        load = spec.loader.exec_module

        def loaded(module: ModuleType) -> None:
            load(module)
            change(module)

        spec.loader.exec_module = loaded  # type: ignore[method-assign]
        return spec


_changes: dict[str, Callable[[Any], None]] = {}
if os.environ.get(NOISE) or os.environ.get(WATCH):
    _changes["tf_keras.src.engine.training"] = _wrap
if os.environ.get(BENCH_ROWS):
    _changes["bench.training"] = _few_rows
if os.environ.get(ROWS_AT_ONCE):
    for name in ("mapped", "raw_rows", "tables"):
        _changes[f"trainer_image.examples.{name}"] = _shorten
for name in [name for name in _changes if name in sys.modules]:
    _changes.pop(name)(sys.modules[name])
if _changes:
    sys.meta_path.insert(0, _Finder(_changes))
