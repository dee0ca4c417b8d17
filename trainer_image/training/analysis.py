"""What a preprocessing function needs of the training rows, found without a pipeline.

TensorFlow Transform describes analyzers as a graph of operations, and makes steps for Apache Beam
of them. Here the operations of the usual analyzers are evaluated over batches of rows, with
TensorFlow Transform's own combiners; only vocabularies are counted by code of ours.
"""

from __future__ import annotations

import heapq
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import tensorflow as tf
import tensorflow_transform as tft
from tensorflow.python.eager import wrap_function
from tensorflow_metadata.proto.v0 import schema_pb2
from tensorflow_transform import (
    analyzer_nodes,
    analyzers,
    annotators,
    graph_context,
    graph_tools,
    impl_helper,
    nodes,
    schema_inference,
    tf2_utils,
    tf_utils,
)
from tensorflow_transform.saved import saved_transform_io_v2
from tensorflow_transform.tf_metadata import metadata_io

PreprocessingFn = Callable[[dict[str, tf.Tensor]], dict[str, tf.Tensor]]
Batches = Callable[[], Iterable[dict[str, tf.Tensor]]]
Arrays = tuple[npt.NDArray[Any], ...]


class UnknownAnalyzerError(Exception):
    """Only Apache Beam can evaluate this analyzer."""


def analyze(
    preprocessing_fn: PreprocessingFn,
    specs: Mapping[str, tf.TensorSpec],
    batches: Batches,
    output: str,
    temporary: str,
) -> None:
    """Writes the transform graph of a preprocessing function.

    Args:
        specs: its inputs.
        batches: gives all rows, and is called once for each pass.
        output: folder for a tft.TFTransformOutput.
        temporary: folder for files that the graph reads when it is saved, such as vocabularies.

    Raises:
        UnknownAnalyzerError: the function has analyzers that are not evaluated here.
        ValueError: it returns nothing; other exceptions are its own.
    """
    first = traced = _Traced(preprocessing_fn, specs, temporary, {})
    for sink in traced.waiting:
        _check(sink.future.parent_operation)
    analyzers_of = graph_tools.get_analyzers_fingerprint(first.graph, first.inputs)
    found: dict[str, tf.Tensor] = {}
    # What an analyzer reads may depend on what another one has found.
    while traced.waiting:
        found |= _found(traced, batches(), temporary)
        traced = _Traced(preprocessing_fn, specs, temporary, found)
        impl_helper._validate_analyzers_fingerprint(analyzers_of, traced.graph, traced.inputs)
    tf.saved_model.save(traced.module, f"{output}/{tft.TFTransformOutput.TRANSFORM_FN_DIR}")
    folder = f"{output}/{tft.TFTransformOutput.TRANSFORMED_METADATA_DIR}"
    metadata_io.write_metadata(tft.DatasetMetadata(traced.schema()), folder)
    if assets := annotators.get_asset_annotations(traced.graph):
        with tf.io.gfile.GFile(f"{folder}/{tft.TFTransformOutput.ASSET_MAP}", "w") as file:
            file.write(json.dumps(assets))


class _Traced:
    """A preprocessing function as a graph.

    Attributes:
        module: what is saved.
        waiting: placeholders for what analyzers have yet to find, with their operations.
    """

    def __init__(
        self,
        preprocessing_fn: PreprocessingFn,
        specs: Mapping[str, tf.TensorSpec],
        temporary: str,
        found: Mapping[str, tf.Tensor],
    ) -> None:
        """
        Args:
            found: what analyzers have found, by the names of its placeholders.
        """

        def annotated(inputs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
            outputs = preprocessing_fn(inputs)
            if not isinstance(outputs, dict) or not outputs:
                raise ValueError(
                    "A preprocessing function returns a dict of one tensor or more. Received: "
                    f"{outputs!r}."
                )
            self._annotations = _annotations(outputs)
            return outputs

        self.module = tf.Module()
        context = graph_context.TFGraphContext(self.module, temporary, found)
        self.function = saved_transform_io_v2.trace_and_update_module(
            self.module,
            impl_helper.get_traced_transform_fn(annotated, specs, context),
            "transform_fn",
            strip_control_dependencies=False,
        )
        self.graph = self.function.graph
        self.inputs = tf2_utils.get_structured_inputs_from_func_graph(self.graph)
        self.waiting = self.graph.get_collection(analyzer_nodes.TENSOR_REPLACEMENTS)

    def ready(self) -> list[analyzer_nodes.TensorSink]:
        """Those of `waiting` that read only what is known by now."""
        sinks = [(tf_utils.hashable_tensor_or_op(sink.tensor), False) for sink in self.waiting]
        known = graph_tools.InitializableGraphAnalyzer(
            self.graph, self.inputs, sinks, graph_tools.describe_path_as_analyzer_cache_hash
        )
        return [
            sink
            for sink in self.waiting
            if all(map(known.ready_to_run, _read_by(sink.future.parent_operation)))
        ]

    def part(self, tensors: Any) -> Callable[[dict[str, tf.Tensor]], Any]:
        """A function from the inputs to some tensors of the graph."""
        whole = wrap_function.WrappedFunction(
            self.graph, variable_holder=wrap_function.VariableHolder(share_variables=True)
        )
        part: Callable[..., Any] = whole.prune(
            feeds=self.function.inputs,
            fetches=tensors,
            input_signature=self.function.structured_input_signature,
        )
        return part

    def schema(self) -> schema_pb2.Schema:
        """The schema of the outputs; nothing may be `waiting`."""
        # Annotations depend on no row.
        row = tf2_utils.supply_missing_inputs(self.inputs, batch_size=1)
        return schema_inference.infer_feature_schema_v2(
            self.function.structured_outputs,
            lambda: self.part(self._annotations)(row),
            evaluate_schema_overrides=True,
        )


def _annotations(outputs: Mapping[str, tf.Tensor]) -> dict[str, Any]:
    """What the function being traced says about the schema of its outputs. TensorFlow Transform
    would trace it once more to learn that."""
    rules = schema_inference
    graph = tf.compat.v1.get_default_graph()
    names = rules._get_tensor_value_to_key_map(outputs)
    ranges = (rules._TF_METADATA_TENSOR_MIN_COLLECTION, rules._TF_METADATA_TENSOR_MAX_COLLECTION)
    notes = (
        rules._TF_METADATA_EXTRA_ANNOTATION_TYPE_URL,
        rules._TF_METADATA_EXTRA_ANNOTATION_PROTO,
    )
    everywhere = rules._TF_METADATA_EXTRA_ANNOTATION_GLOBAL
    found = {
        **rules._get_schema_overrides(graph, names, rules._TF_METADATA_TENSOR_COLLECTION, ranges),
        **rules._get_schema_overrides(
            graph, names, rules._TF_METADATA_EXTRA_ANNOTATION, notes, everywhere
        ),
        rules._METADATA_SPARSE_OUTPUT_OVERRIDES_FIELD: [
            rules._get_sparse_output_annotations_v2(graph, names)
        ],
    }
    annotations: dict[str, Any] = tf.nest.map_structure(tf.convert_to_tensor, found)
    return annotations


def _operations(last: nodes.OperationNode) -> Iterator[nodes.OperationNode]:
    """An operation and all that it depends on."""
    yield last
    for value in last.inputs:
        yield from _operations(value.parent_operation)


def _read_by(last: nodes.OperationNode) -> list[tf.Tensor]:
    return [
        tensor
        for operation in _operations(last)
        if isinstance(operation.operation_def, analyzer_nodes.TensorSource)
        for tensor in operation.operation_def.tensors
    ]


def _found(traced: _Traced, batches: Iterable[Any], temporary: str) -> dict[str, tf.Tensor]:
    """What the analyzers find that can be evaluated now, in one pass."""
    sinks = traced.ready()
    gathered: dict[str, tuple[list[str], _Gathering]] = {}
    tensors: dict[str, tf.Tensor] = {}
    for sink in sinks:
        for operation in _operations(sink.future.parent_operation):
            kind = _GATHERED.get(type(operation.operation_def))
            if kind and operation.operation_def.label not in gathered:
                read = _read_by(operation)
                tensors |= {tensor.name: tensor for tensor in read}
                gathered[operation.operation_def.label] = (
                    [tensor.name for tensor in read],
                    kind(operation.operation_def),
                )
    part = traced.part(tensors)
    for batch in batches:
        values = {name: value.numpy() for name, value in part(batch).items()}
        for names, gathering in gathered.values():
            gathering.add(tuple(values[name] for name in names))
    outcome = _Outcome({label: one for label, (_, one) in gathered.items()}, temporary)
    results = nodes.Traverser(outcome)
    return {
        sink.tensor.name: tf.constant(results.visit_value_node(sink.future), sink.tensor.dtype)
        for sink in sinks
    }


class _Gathering(Protocol):
    """What is accumulated over all batches."""

    def add(self, batch: Arrays) -> None: ...

    def result(self) -> Any: ...


class _Combined:
    """One accumulator of a combiner, for all batches."""

    def __init__(self, operation: analyzer_nodes.CacheableCombineAccumulate) -> None:
        self._combiner = operation.combiner
        self._accumulator = self._combiner.create_accumulator()

    def add(self, batch: Arrays) -> None:
        self._accumulator = self._combiner.add_input(self._accumulator, batch)

    def result(self) -> Any:
        return self._combiner.compact(self._accumulator)


class _Counted:
    """How often each value occurs."""

    def __init__(self, _: analyzer_nodes.VocabularyAccumulate) -> None:
        self._counts: Counter[Any] = Counter()

    def add(self, batch: Arrays) -> None:
        (values,) = batch
        self._counts.update(values.tolist())

    def result(self) -> list[tuple[int, Any]]:
        return [(count, value) for value, count in self._counts.items()]


_GATHERED: dict[type, Callable[[Any], _Gathering]] = {
    analyzer_nodes.CacheableCombineAccumulate: _Combined,
    analyzer_nodes.VocabularyAccumulate: _Counted,
}


class _Outcome(nodes.Visitor):  # type: ignore[misc]
    """Evaluates operations once all batches are gathered."""

    def __init__(self, gathered: Mapping[str, _Gathering], temporary: str) -> None:
        self._gathered = gathered
        self._temporary = temporary

    def visit(self, operation: Any, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        if operation.label in self._gathered:
            return (self._gathered[operation.label].result(),)
        if isinstance(operation, analyzer_nodes.TensorSource):
            return (None,)
        if isinstance(operation, analyzer_nodes.CacheableCombineMerge):
            return (_merged(operation.combiner, *inputs),)
        if isinstance(operation, analyzer_nodes.ExtractCombineMergeOutputs):
            return tuple(*inputs)
        if isinstance(operation, analyzer_nodes.VocabularyMerge):
            return inputs  # counted in one place
        if isinstance(operation, analyzer_nodes.VocabularyCount):
            return (np.int64(max(len(*inputs), 1)),)
        if isinstance(operation, analyzer_nodes.VocabularyPrune):
            return (_pruned(operation, *inputs),)
        return (self._written(operation, *inputs),)

    def validate_value(self, value: Any) -> None:
        """Anything may be one."""

    def _written(
        self, operation: analyzer_nodes.VocabularyOrderAndWrite, counts: list[tuple[int, bytes]]
    ) -> str:
        if not operation.input_is_sorted:
            counts = sorted(counts, reverse=True)
        path = f"{self._temporary}/{operation.vocab_filename}"
        with tf.io.gfile.GFile(path, "wb") as file:
            for count, value in counts or [_nothing(operation)]:
                line = tf.compat.as_bytes(value)
                file.write(
                    b"%d %s\n" % (count, line) if operation.store_frequency else line + b"\n"
                )
        return path


def _merged(combiner: analyzer_nodes.Combiner, accumulator: Any) -> Any:
    return combiner.extract_output(combiner.merge_accumulators([accumulator]))


def _pruned(
    operation: analyzer_nodes.VocabularyPrune, counts: list[tuple[int, Any]]
) -> list[tuple[int, bytes]]:
    kept = [counted for counted in counts if counted[0] >= operation.frequency_threshold]
    if operation.input_dtype != tf.string.name:
        kept = [(count, str(value).encode()) for count, value in kept]
    if operation.top_k is None:
        return kept
    return heapq.nlargest(operation.top_k, kept) or [_nothing(operation)]


def _nothing(operation: Any) -> tuple[int, bytes]:
    """The only line in the file of an empty vocabulary."""
    count, value = analyzers.get_empy_vocabulary_dummy_value(operation.input_dtype)
    return count, value


def _check(last: nodes.OperationNode) -> None:
    """Raises UnknownAnalyzerError unless all that an operation depends on is known."""
    for node in _operations(last):
        operation = node.operation_def
        known = type(operation) in _KNOWN and all(
            getattr(operation, field, usual) == usual for field, usual in _USUAL.items()
        )
        if not known:
            raise UnknownAnalyzerError(f"{operation.label} is evaluated by Apache Beam only.")


_KNOWN = {
    *_GATHERED,
    analyzer_nodes.TensorSource,
    analyzer_nodes.CacheableCombineMerge,
    analyzer_nodes.ExtractCombineMergeOutputs,
    analyzer_nodes.VocabularyMerge,
    analyzer_nodes.VocabularyCount,
    analyzer_nodes.VocabularyPrune,
    analyzer_nodes.VocabularyOrderAndWrite,
}
# Settings of these operations; with any other value Apache Beam evaluates them.
_USUAL = {
    "vocab_ordering_type": analyzers._VocabOrderingType.FREQUENCY,
    "fingerprint_shuffle": False,
    "key_fn": None,
    "file_format": "text",
}
