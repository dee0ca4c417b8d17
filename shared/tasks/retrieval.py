"""Retrieval: in-batch softmax over the products of a batch, and an index that finds the best."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import Field, JsonValue

from shared.layers import Dense
from shared.problems import Problem, shorten
from shared.tasks.base import TOWERS, Constant, SettingInWords, Task, TowerSettings
from shared.tasks.reranker import Reranker, reranker_in_words
from shared.wording import plural

_SEARCHES: list[JsonValue] = [
    {
        "value": "brute_force",
        "label": "Brute force",
        "help": "Scores every product and misses none. Right up to some hundred thousand products.",
    },
    {
        "value": "scann",
        "label": "ScaNN",
        "help": "Approximate: scores only the partitions where good products are likely. Much "
        "faster with millions of products; may miss a few.",
    },
]


class RetrievalSettings(TowerSettings):
    """Attributes:
    output_embedding_dim: width in which both towers end, for retrieval.
    logq_correction: subtract the log of each product's sampling probability from its in-batch
        logit (Yi et al., 2019, "Sampling-Bias-Corrected Neural Modeling for Large Corpus Item
        Recommendations"); without it, popular products are punished for being popular.
    remove_accidental_hits: other rows of the batch with the same product are no negatives.
    temperature: in-batch logits are divided by it; matters with normalized embeddings.
    scann_num_leaves: None takes the square root of the number of products.
    scann_leaves_to_search: None takes as many as find 97 % of the best for a sample of
        queries.
    reranker: a second stage, which orders what the towers find; null has none.
    """

    output_embedding_dim: int = Field(
        default=32,
        ge=8,
        le=512,
        title="Output dimension",
        description="Width in which both towers end: their dot product is the similarity. Wider "
        "embeddings can tell more products apart, and make serving slower.",
        examples=[8, 16, 32, 64, 128],
    )
    logq_correction: bool = Field(
        default=True,
        title="LogQ correction",
        description="Popular products turn up more often as in-batch negatives; this makes up for "
        "it. Without it, models usually end below plain popularity.",
    )
    remove_accidental_hits: bool = Field(
        default=True,
        title="Remove accidental hits",
        description="Other rows of a batch may have the same product; they are not counted as its "
        "negatives.",
    )
    temperature: float = Field(
        default=0.1,
        ge=0.01,
        le=1.0,
        title="Temperature",
        description="Scores are divided by it in training. A smaller one puts more weight on the "
        "hardest negatives; 0.05 to 0.2 differ little. Use 1 for embeddings of any length.",
        examples=[0.05, 0.1, 0.2, 1],
        json_schema_extra={"x-step": 0.01},
    )
    retrieval_algorithm: Literal["brute_force", "scann"] = Field(
        default="brute_force", title="Search", json_schema_extra={"x-options": _SEARCHES}
    )
    top_k: int = Field(
        default=100,
        ge=1,
        le=1000,
        title="Top k",
        description="Products to return for each customer, best first.",
        examples=[10, 50, 100, 200],
    )
    scann_num_leaves: int | None = Field(
        default=None,
        ge=1,
        le=1_000_000,
        title="Leaves",
        description="Partitions of the catalogue. The square root of the number of products is "
        "usual.",
    )
    scann_leaves_to_search: int | None = Field(
        default=None,
        ge=1,
        le=1_000_000,
        title="Leaves to search",
        description="Searching more finds more, and takes longer. A tenth of them is usual.",
    )
    reranker: Reranker | None = Field(
        default=None,
        title="Re-ranker",
        description="A second stage that orders what the towers find by what customers did before. "
        "It finds most where customers buy the same things again.",
    )


class Retrieval(Task[RetrievalSettings]):
    key = "retrieval"
    label = "Retrieval"
    help = "Finds products that a customer may buy next, among all there are."
    when_to_use = (
        "For large catalogues, up to millions of products",
        "Learns from purchases alone",
        "Measured by recall@k: how often the product bought next is among the first k",
    )
    position = 1
    retrieves = True
    settings: ClassVar[type[TowerSettings]] = RetrievalSettings
    main_metrics = ("recall_at_100",)
    preset = "recommended"

    def check(self, spec: RetrievalSettings) -> Iterator[Problem]:
        for tower in TOWERS:
            yield from _tower_end(spec, tower)
        yield from _scann(spec)
        yield from _temperature(spec)

    def in_words(self, spec: RetrievalSettings) -> Iterator[SettingInWords]:
        width, temperature = spec.output_embedding_dim, spec.temperature
        yield SettingInWords("output_embedding_dim", "Output embedding", str(width), width)
        yield SettingInWords("logq", "LogQ correction", _yes(spec.logq_correction))
        removed = _yes(spec.remove_accidental_hits)
        yield SettingInWords("accidental", "Accidental hits removed", removed)
        yield SettingInWords("normalized", "Normalized embeddings", _yes(spec.normalize_embeddings))
        yield SettingInWords("temperature", "Temperature", f"{temperature:g}", temperature)
        yield SettingInWords("algorithm", "Retrieval algorithm", _algorithm(spec))
        yield reranker_in_words(spec.reranker)
        yield SettingInWords("top_k", "Products returned", f"{spec.top_k:,}", spec.top_k)

    def constants(self, spec: RetrievalSettings) -> Iterator[Constant]:
        yield Constant("TEMPERATURE", spec.temperature, "In-batch logits are divided by it.")
        yield Constant("TOP_K", spec.top_k, "How many products are recommended at most.")
        if spec.retrieval_algorithm == "scann":
            yield Constant(
                "SCANN_NUM_LEAVES",
                spec.scann_num_leaves,
                "None takes the square root of the number of products.",
            )
            yield Constant(
                "SCANN_LEAVES_TO_SEARCH",
                spec.scann_leaves_to_search,
                "None takes as many as find 97 % of the best products for a sample of queries.",
            )
        if spec.reranker is not None:
            yield from spec.reranker.constants()

    def given(self, spec: RetrievalSettings) -> dict[str, bool | str]:
        return {
            **super().given(spec),
            "LOGQ_CORRECTION": spec.logq_correction,
            "REMOVE_ACCIDENTAL_HITS": spec.remove_accidental_hits,
            "SCANN": spec.retrieval_algorithm == "scann",
            "RERANKS": spec.reranker is not None,
        }


def _tower_end(spec: RetrievalSettings, tower: Literal["buyer", "product"]) -> Iterator[Problem]:
    """Both towers end in vectors of one width: their dot product is the score."""
    path = f"spec.{tower}_tower_layers"
    layers = spec.layers(tower)
    right = f"a dense layer of {spec.output_embedding_dim} units (the width of the embeddings)"
    if not layers:
        yield Problem(
            path=path,
            code="empty_tower",
            message=f"The {tower} tower has no layers. It must end in {right}.",
            received=[],
        )
        return
    last = layers[-1]
    path = f"{path}[{len(layers) - 1}]"
    if not isinstance(last, Dense):
        yield Problem(
            path=path,
            code="tower_output",
            message=f"The {tower} tower ends in {last.type}. It must end in {right}.",
            received=shorten(last.model_dump(mode="json")),
        )
    elif last.units != spec.output_embedding_dim:
        yield Problem(
            path=f"{path}.units",
            code="tower_output",
            message=f"The {tower} tower ends in {plural(last.units, 'unit')}. It must end "
            f"in {right}.",
            received=last.units,
        )
    elif last.activation not in (None, "linear"):
        yield Problem(
            path=f"{path}.activation",
            code="activated_output",
            message=f"The {tower} tower's last layer has activation {last.activation!r}. Linear "
            "embeddings usually rank better, for they may point in every direction.",
            received=last.activation,
            level="warning",
        )


def _scann(spec: RetrievalSettings) -> Iterator[Problem]:
    leaves, searched = spec.scann_num_leaves, spec.scann_leaves_to_search
    if leaves is not None and searched is not None and searched > leaves:
        yield Problem(
            path="spec.scann_leaves_to_search",
            code="more_leaves_searched_than_exist",
            message=f"{plural(searched, 'leaf', 'leaves')} cannot be searched of {leaves}. "
            f"Take at most {leaves}; a tenth to a fifth of them is usual.",
            received=searched,
        )


def _temperature(spec: RetrievalSettings) -> Iterator[Problem]:
    if spec.normalize_embeddings and spec.temperature == 1:
        yield Problem(
            path="spec.temperature",
            code="flat_softmax",
            message="Scores of normalized embeddings lie between -1 and 1, so that the softmax "
            "over a batch is nearly flat at temperature 1. Usual is 0.05 to 0.2.",
            received=spec.temperature,
            level="warning",
        )
    if not spec.normalize_embeddings and spec.temperature < 1:
        yield Problem(
            path="spec.temperature",
            code="temperature_without_normalization",
            message=f"A temperature of {spec.temperature:g} only scales embeddings whose length "
            "is learned anyway. Normalize the embeddings, or leave it at 1.",
            received=spec.temperature,
            level="warning",
        )


def _algorithm(spec: RetrievalSettings) -> str:
    if spec.retrieval_algorithm == "brute_force":
        return "brute force"
    leaves, searched = spec.scann_num_leaves, spec.scann_leaves_to_search
    return f"ScaNN, {leaves or 'automatic'} leaves, {searched or 'automatic'} searched"


def _yes(value: bool) -> str:
    return "yes" if value else "no"
