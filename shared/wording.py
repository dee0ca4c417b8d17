"""How percentages, counts, names and messages are written in sentences for people, everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

# What a field is called where its last name alone does not say it.
_FIELDS = {
    "source": "the source",
    "source.uri": "the source's address",
    "source.kind": "the source's kind",
    "source.table": "the source's table",
    "column_mapping": "the columns' roles",
    "dataset_id": "the dataset",
    "feature_config_id": "the feature config",
    "feature_config_ids": "the feature configs",
    "model_config_id": "the model config",
    "model_config_ids": "the model configs",
    "source_test_id": "the test to train in full",
    "champion_test_id": "the training to compare with",
    "warm_start_test_id": "the training to begin with",
    "model_id": "the registered model",
    "cron": "the cron expression",
    "zone": "the time zone",
    "tell": "the channels to tell",
    "data_sample_percent": "the sample",
    "split.holdout_percent": "the share held out",
    "buyer_model_features": "the buyer tower's features",
    "product_model_features": "the product tower's features",
    "buyer_model_crosses": "the buyer tower's crosses",
    "product_model_crosses": "the product tower's crosses",
    "buyer_tower_layers": "the buyer tower's layers",
    "product_tower_layers": "the product tower's layers",
    "rating_head_layers": "the rating head's layers",
    "output_embedding_dim": "the width of the embeddings",
}

# What Markdown would take for more than text, or HTML for a tag.
_MARKED = re.compile(r"([\\`*_{}\[\]<>#|~&])")


def percent(share: float, digits: int = 1) -> str:
    """A share: `0.185` → `18.5%`."""
    return f"{100 * share:.{digits}f}%"


def percentage(value: float) -> str:
    """What is in percent already: `10.0` → `10%`."""
    return f"{value:g}%"


def plural(number: int, noun: str, nouns: str | None = None) -> str:
    """`1 row`, `1,200 rows`."""
    return f"{number:,} {noun if number == 1 else nouns or f'{noun}s'}"


def first_of(names: Sequence[str], most: int) -> str:
    """`a, b`, or `a, b and 3 more` where there are more than `most`."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"


def capital(text: str) -> str:
    """The same with a capital first: `none is dropped` → `None is dropped`."""
    return f"{text[:1].upper()}{text[1:]}"


def uncapital(text: str) -> str:
    """The same within a sentence: `Batch size` → `batch size`, `L2 regularization` as it is."""
    return f"{text[:1].lower()}{text[1:]}" if re.match("[A-Z][a-z]", text) else text


def sentence(text: str) -> str:
    """The same with a capital first, unless it begins with a name, and one full stop last."""
    text = text.strip()
    if not text.endswith(("!", "?", "…")):
        text = f"{text.rstrip('. ')}."
    first = text.split(maxsplit=1)[0] if text else ""
    return capital(text) if first.isalpha() else text


def field(path: str) -> str:
    """What a field is called: `spec.source.uri` → `the source's address`.

    >>> field("spec.buyer_tower_layers[2].units")
    "the buyer tower's layers, number 3, units"
    """
    path = path.removeprefix("spec.").removeprefix("status.")
    known = max(
        (name for name in _FIELDS if re.match(rf"{re.escape(name)}(?![\w])", path)),
        key=len,
        default="",
    )
    parts = [_FIELDS[known]] if known else []
    for part in re.findall(r"\[\d+\]|[^.\[\]]+", path[len(known) :]):
        number = part.strip("[]")
        parts.append(f"number {int(number) + 1}" if part != number else part.replace("_", " "))
    return ", ".join(parts)


def alternatives(names: Iterable[str]) -> str:
    """`a, b or c`."""
    *first, last = [str(name) for name in names]
    return f"{', '.join(first)} or {last}" if first else last


def listed(names: Iterable[str]) -> str:
    """`a, b and c`."""
    *first, last = [str(name) for name in names]
    return f"{', '.join(first)} and {last}" if first else last


def in_markdown(text: str) -> str:
    """Text that people wrote, in one line, of which nothing is markup."""
    return _MARKED.sub(r"\\\1", " ".join(text.split()))
