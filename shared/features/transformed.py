"""Features that are numbers: any of several transforms of each, found in `shared.transforms`."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import create_model

from shared.columns import Column
from shared.features.base import FeatureModel, Part
from shared.models import SpecModel
from shared.problems import Problem
from shared.transforms import TRANSFORMS, Transform
from shared.transforms.base import Code, Read, output_target
from shared.transforms.bucketize import Bucketize
from shared.wording import alternatives

_BUCKET = f"_{Bucketize.part}"


class Transforms(SpecModel):
    """The transforms of a feature, each by its settings."""

    if TYPE_CHECKING:
        bucketize: Bucketize

    def steps(self) -> list[Transform]:
        """In the order of the code and of the tower's input: first those that change the number
        for all others."""
        steps = [value for value in vars(self).values() if isinstance(value, Transform)]
        return sorted(steps, key=lambda step: bool(step.endings))


TransformsT = TypeVar("TransformsT", bound=Transforms)


def with_all(feature: str) -> Callable[[type[TransformsT]], type[TransformsT]]:
    """Adds the transforms that name this type of feature in their files and have no field yet."""

    def added(model: type[TransformsT]) -> type[TransformsT]:
        fields: dict[str, Any] = {
            name: (kind, kind())
            for name, kind in TRANSFORMS.items()
            if feature in kind.features and name not in model.model_fields
        }
        if not fields:
            return model
        return create_model(
            model.__name__,
            __base__=model,
            __module__=model.__module__,
            __doc__=model.__doc__,
            **fields,
        )

    return added


class TransformedFeature(FeatureModel):
    """A feature of numbers."""

    if TYPE_CHECKING:
        transforms: Transforms

    @abstractmethod
    def number(self, read: Read) -> Code:
        """The code of `read.number`: the raw values as float64, NaN where missing."""

    def parts(self, key: str) -> list[Part]:
        return [
            Part(f"{self.column}_{step.part}", step.outputs(key))
            for step in self.transforms.steps()
            if step.part
        ]

    def code(self, key: str, read: Read) -> list[Code]:
        steps = self.transforms.steps()
        codes: list[Code] = []
        number_is_read = any(step.reads_number and step.outputs(key) for step in steps)
        if number_is_read:
            codes.append(self.number(read))
        for step in steps:
            if number_is_read or not step.reads_number:
                codes += step.code(key, read)
        return codes

    def in_words(self) -> str:
        said = (step.in_words() for step in self.transforms.steps())
        return ", ".join(filter(None, said)) or "unused"

    def check(self, path: str, column: Column | None) -> Iterator[Problem]:
        if self.outputs(self.column):
            return
        choices = alternatives(step.choice for step in self.transforms.steps() if step.choice)
        yield Problem(
            path=f"{path}.transforms",
            code="no_transform",
            message=f"Feature {self.column!r} has no transform that feeds the tower. "
            f"Enable {choices}, or remove the feature.",
            received=self.transforms.model_dump(mode="json"),
        )

    @property
    def buckets(self) -> int | None:
        bucketize = self.transforms.bucketize
        return bucketize.buckets if bucketize.enabled else None

    @property
    def cross_name(self) -> str | None:
        return None if self.buckets is None else self.column + _BUCKET

    def crossed(self, key: str, raw: str) -> str:
        (bucket,) = self.transforms.bucketize.outputs(key)
        return output_target(bucket.key)

    def not_crossed(self, name: str, tower: str) -> str | None:
        if name == self.column + _BUCKET:
            return (
                f"{name!r} needs buckets: enable bucketize on {self.column!r} in the {tower} tower."
            )
        if name == self.column:
            return (
                f"{name!r} is a {self.type} feature; a cross takes its buckets. "
                f"Enable bucketize on it and write {name + _BUCKET!r}."
            )
        return None
