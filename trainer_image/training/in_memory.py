"""A runner of Apache Beam for pipelines of many small steps over rows that one process reads.

Beam's own portable runner encodes, decodes and schedules each step as if it ran elsewhere, which
takes most of the time of an analysis, and it stops where analyzers depend on each other three deep.
This one calls the steps.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from apache_beam import Flatten, GroupByKey, ParDo, Reshuffle
from apache_beam.pipeline import AppliedPTransform, PipelineVisitor
from apache_beam.pvalue import PBegin, PCollection
from apache_beam.runners.common import DoFnRunner, Receiver
from apache_beam.runners.runner import PipelineResult, PipelineRunner, PipelineState
from apache_beam.transforms.combiners import Count
from apache_beam.transforms.core import CombinePerKey, Impulse
from apache_beam.transforms.sideinputs import SideInputMap
from apache_beam.transforms.window import GlobalWindows
from apache_beam.utils.windowed_value import WindowedValue

Push = Callable[[WindowedValue], None]
_everything = GlobalWindows.windowed_value


class InMemoryRunner(PipelineRunner):  # type: ignore[misc]
    """Runs a bounded pipeline in one window, in the process that built it.

    Steps are called in stages: an element goes through all steps of a stage before the next one is
    read, so that what is between them is never held. A step begins a stage of its own where it
    reads what a whole stage has come to: what is grouped, combined or flattened, or a side input.
    What is combined is held combined.

    Args:
        done: is told how much of the pipeline is, 0 to 1.

    Raises:
        NotImplementedError: a step is none of these, or makes windows of its own.
    """

    def __init__(self, done: Callable[[float], None] = lambda _: None) -> None:
        super().__init__()
        self._done = done

    def run_pipeline(self, pipeline: Any, options: Any) -> PipelineResult:
        steps = _Steps()
        pipeline.visit(steps)
        plan = _Plan(steps.found)
        for stage in range(len(plan.stages)):
            plan.run(stage)
            self._done((stage + 1) / len(plan.stages))
        return PipelineResult(PipelineState.DONE)


class _Steps(PipelineVisitor):  # type: ignore[misc]
    """The steps of a pipeline in an order in which each comes after what it reads."""

    def __init__(self) -> None:
        self.found: list[AppliedPTransform] = []
        self._inside: AppliedPTransform | None = None

    def enter_composite_transform(self, node: AppliedPTransform) -> None:
        whole = isinstance(node.transform, Reshuffle | CombinePerKey | Count.PerElement)
        if self._inside is None and whole and not node.side_inputs:
            self.found.append(node)
            self._inside = node

    def leave_composite_transform(self, node: AppliedPTransform) -> None:
        if self._inside is node:
            self._inside = None

    def visit_transform(self, node: AppliedPTransform) -> None:
        if self._inside is None:
            self.found.append(node)


class _Plan:
    """Steps by stages.

    Attributes:
        stages: the steps of each.
    """

    def __init__(self, steps: Iterable[AppliedPTransform]) -> None:
        self.stages: list[list[AppliedPTransform]] = []
        # Collections: the stages that they are made in, who reads them there and then, how many
        # reads are to come, and elements that wait for those.
        self._made_in: dict[PCollection, int] = {}
        self._readers: dict[PCollection, list[AppliedPTransform]] = defaultdict(list)
        self._reads: dict[PCollection, int] = defaultdict(int)
        self._held: dict[PCollection, list[WindowedValue]] = {}
        gathered: set[PCollection] = set()
        for step in steps:
            read = _inputs(step)
            place = self._made_in[read[0]] if len(read) == 1 and read[0] not in gathered else None
            if place is None or any(self._made_in[s.pvalue] >= place for s in step.side_inputs):
                place = len(self.stages)
                self.stages.append([])
                for value in read:
                    self._reads[value] += 1
            else:
                self._readers[read[0]].append(step)
            for side in step.side_inputs:
                self._reads[side.pvalue] += 1
            self.stages[place].append(step)
            self._made_in |= dict.fromkeys(step.outputs.values(), place)
            if isinstance(step.transform, GroupByKey | CombinePerKey | Count.PerElement | Flatten):
                gathered.update(step.outputs.values())

    def run(self, number: int) -> None:
        stage, self.stages[number] = self.stages[number], []  # with what its steps hold
        pushes: dict[int, Push] = {}
        ends: list[Callable[[], None]] = []
        for step in reversed(stage):  # so that whom a step tells is there
            outputs = {tag: self._outlet(value, pushes) for tag, value in step.outputs.items()}
            pushes[id(step)], end = _started(step, outputs, self._held)
            ends.append(end)
        for step in stage:
            if not step.inputs or isinstance(step.inputs[0], PBegin):
                pushes[id(step)](_everything(b""))
            for value in self._waited_for(step):
                for element in self._held[value]:
                    pushes[id(step)](element)
        for end in reversed(ends):
            end()
        for step in stage:
            for value in [*self._waited_for(step), *(side.pvalue for side in step.side_inputs)]:
                self._reads[value] -= 1
                if not self._reads[value]:
                    del self._held[value]

    def _outlet(self, value: PCollection, pushes: Mapping[int, Push]) -> _Outlet:
        to = [pushes[id(step)] for step in self._readers[value]]
        if self._reads[value]:
            to.append(self._held.setdefault(value, []).append)
        return _Outlet(to)

    def _waited_for(self, step: AppliedPTransform) -> list[PCollection]:
        """What a step reads that an earlier stage has made."""
        return [value for value in _inputs(step) if step not in self._readers[value]]


def _inputs(step: AppliedPTransform) -> list[PCollection]:
    return [value for value in step.inputs if not isinstance(value, PBegin)]


class _Outlet(Receiver):  # type: ignore[misc]
    """Where the elements of a collection go."""

    def __init__(self, to: list[Push]) -> None:
        self._to = to

    def receive(self, windowed_value: WindowedValue) -> None:
        for push in self._to:
            push(windowed_value)


def _started(
    step: AppliedPTransform,
    outputs: Mapping[str | None, _Outlet],
    held: Mapping[PCollection, list[WindowedValue]],
) -> tuple[Push, Callable[[], None]]:
    """What takes a step's elements, and what ends it."""
    transform = step.transform
    if not all(value.windowing.is_default() for value in step.outputs.values()):
        raise NotImplementedError(f"{step.full_label} makes windows.")
    if isinstance(transform, ParDo):
        return _of_function(step, outputs, held)
    push = outputs[None].receive
    if isinstance(transform, Impulse | Flatten | Reshuffle):
        return push, _nothing
    if isinstance(transform, CombinePerKey):
        return _of_combiner(transform, push)
    if isinstance(transform, Count.PerElement):
        return _of_counts(push)
    if isinstance(transform, GroupByKey):
        return _of_groups(push)
    raise NotImplementedError(f"{step.full_label} is a {type(transform).__name__}.")


def _of_function(
    step: AppliedPTransform,
    outputs: Mapping[str | None, _Outlet],
    held: Mapping[PCollection, list[WindowedValue]],
) -> tuple[Push, Callable[[], None]]:
    transform = step.transform
    function = DoFnRunner(
        transform.fn,
        transform.args,
        transform.kwargs,
        [
            SideInputMap(type(side), side._view_options(), held[side.pvalue])
            for side in step.side_inputs
        ],
        step.inputs[0].windowing,
        tagged_receivers=outputs,
        step_name=step.full_label,
    )
    function.setup()
    function.start()

    def end() -> None:
        function.finish()
        function.teardown()

    return function.process, end


def _of_combiner(transform: CombinePerKey, push: Push) -> tuple[Push, Callable[[], None]]:
    combiner, args, kwargs = transform.fn, transform.args, transform.kwargs
    combiner.setup(*args, **kwargs)
    combined: dict[Any, Any] = {}
    missing = object()

    def add(element: WindowedValue) -> None:
        key, value = element.value
        before = combined.get(key, missing)
        if before is missing:
            before = combiner.create_accumulator(*args, **kwargs)
        combined[key] = combiner.add_input(before, value, *args, **kwargs)

    def end() -> None:
        for key, accumulator in combined.items():
            # As runners do that combine in several places.
            parts = [combiner.compact(accumulator, *args, **kwargs)]
            whole = combiner.merge_accumulators(parts, *args, **kwargs)
            push(_everything((key, combiner.extract_output(whole, *args, **kwargs))))
        combiner.teardown(*args, **kwargs)

    return add, end


def _of_counts(push: Push) -> tuple[Push, Callable[[], None]]:
    counts: dict[Any, int] = defaultdict(int)

    def add(element: WindowedValue) -> None:
        counts[element.value] += 1

    def end() -> None:
        for counted in counts.items():
            push(_everything(counted))

    return add, end


def _of_groups(push: Push) -> tuple[Push, Callable[[], None]]:
    groups: dict[Any, list[Any]] = defaultdict(list)

    def add(element: WindowedValue) -> None:
        key, value = element.value
        groups[key].append(value)

    def end() -> None:
        for group in groups.items():
            push(_everything(group))

    return add, end


def _nothing() -> None:
    """Has nothing to end."""
