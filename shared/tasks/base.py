"""What each task knows of itself."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Generic, Literal, NamedTuple, TypeVar

from pydantic import Field

from shared.kinds import Described
from shared.layers import Layer
from shared.models import SpecModel
from shared.problems import Problem

Layers = Annotated[list[Layer], Field(max_length=30)]
TOWERS: tuple[Literal["buyer"], Literal["product"]] = ("buyer", "product")


class TowerSettings(SpecModel):
    """The towers, which every task trains.

    Attributes:
        normalize_embeddings: towers end in unit vectors, so that a score is a cosine.
    """

    buyer_tower_layers: Layers = Field(title="Buyer tower")
    product_tower_layers: Layers = Field(title="Product tower")
    share_tower_weights: bool = Field(
        default=False,
        title="Shared weights",
        description="One tower for both: buyer and product go through the same layers. Helps on "
        "small data, where two towers would overfit.",
    )
    normalize_embeddings: bool = Field(
        default=True,
        title="Normalized embeddings",
        description="Embeddings of length 1, so that the score is a cosine. At least as good on "
        "all data that we measured.",
    )

    def layers(self, tower: Literal["buyer", "product"]) -> list[Layer]:
        return self.buyer_tower_layers if tower == "buyer" else self.product_tower_layers


class SettingInWords(NamedTuple):
    """A setting as comparisons show it; `number` where its size means something."""

    key: str
    label: str
    text: str
    number: float | None = None


class Constant(NamedTuple):
    """A setting at the top of a generated module, under a comment that says what it does."""

    name: str
    value: object
    comment: str


SettingsT = TypeVar("SettingsT", bound=TowerSettings)


class Task(Described, Generic[SettingsT]):
    """What a model is trained to do.

    Attributes:
        key: its name in documents.
        when_to_use: reasons to take it.
        retrieves: the model finds products for a customer.
        rates: the model predicts a rating of a product by a customer.
        settings: the fields that it adds to a model config; shared ones are inherited.
        main_metrics: what its tests are ranked by, the first that there is.
        preset: key of the preset that a new model begins with.
    """

    key: ClassVar[str]
    when_to_use: ClassVar[tuple[str, ...]] = ()
    retrieves: ClassVar[bool] = False
    rates: ClassVar[bool] = False
    settings: ClassVar[type[TowerSettings]]
    main_metrics: ClassVar[tuple[str, ...]]
    preset: ClassVar[str] = "standard"

    @abstractmethod
    def check(self, spec: SettingsT) -> Iterator[Problem]:
        """What is wrong with its settings, and with the towers for it."""

    @abstractmethod
    def in_words(self, spec: SettingsT) -> Iterator[SettingInWords]:
        """Its settings, for comparisons."""

    @abstractmethod
    def constants(self, spec: SettingsT) -> Iterator[Constant]:
        """Its settings at the top of the trainer module."""

    def given(self, spec: SettingsT) -> dict[str, bool | str]:
        """What it turns on, or puts in the place of names, in the fragments of the trainer module;
        see `shared/codegen/fragments/given.py`."""
        return {"RETRIEVES": self.retrieves, "RATES": self.rates}

    def filled_in(self, raw: dict[str, Any]) -> dict[str, Any]:
        """A model config's spec as somebody wrote it, with what the task can add to it."""
        return raw
