"""Several values in one text: split, numbered by a vocabulary, pooled by the tower."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.literals import literal
from shared.transforms.base import Bag, Code, Combiner, Output, Read, output_target
from shared.transforms.vocabulary import VocabularySettings, vocabulary_keys

if TYPE_CHECKING:  # for what generated modules have of this file
    import tensorflow as tf
    import tensorflow_transform as tft


@dataclass(frozen=True)
class Splitting:
    """How a text becomes values.

    Attributes:
        separator: what stands between two values: a regular expression of RE2, which TensorFlow and
            Arrow both have.
        most: how many values of a text count, the first ones.
        lower: whether "Milk" and "milk" are one value.
        pairs: whether two neighbouring values are a value too.
    """

    separator: str
    most: int
    lower: bool = False
    pairs: bool = False

    def output(
        self, key: str, dim: int, settings: VocabularySettings, combiner: Combiner
    ) -> Output:
        length = 2 * self.most - 1 if self.pairs else self.most
        bag = Bag(length, combiner)
        return Output(key, dim, "int64", oov_buckets=settings.oov_buckets, bag=bag)

    def code(self, output: Output, read: Read, settings: VocabularySettings) -> list[Code]:
        assert output.bag is not None
        how = [f"{name}=True" for name in ("lower", "pairs") if getattr(self, name)]
        return [
            Code(
                target=read.number,
                function=split_values,
                arguments=(read.raw, literal(self.separator), f"most={self.most}", *how),
            ),
            Code(
                target=output_target(output.key),
                function=bag_rows,
                arguments=(
                    read.number,
                    literal(output.key),
                    f"length={output.bag.length}",
                    f"max_size={settings.max_size}",
                    f"min_frequency={settings.min_frequency}",
                    f"oov_buckets={settings.oov_buckets}",
                ),
            ),
        ]


def split_values(
    texts: tf.Tensor, separator: str, most: int, lower: bool = False, pairs: bool = False
) -> tf.RaggedTensor:
    """The values in each text, [batch, values]: the first `most`, without empty ones.

    Args:
        separator: a regular expression of what stands between two values.
        lower: "Milk" and "milk" are one value.
        pairs: after the single values come the pairs of neighbours.
    """
    if lower:
        texts = tf.strings.lower(texts, encoding="utf-8")
    values = tf.strings.split(tf.strings.regex_replace(texts, separator, "\x1f"), "\x1f")
    values = values.with_flat_values(tf.strings.strip(values.flat_values))
    values = tf.ragged.boolean_mask(values, values != "")[:, :most]
    if pairs:
        both = tf.strings.join([values[:, :-1], values[:, 1:]], separator=" ")
        values = tf.concat([values, both], axis=1)
    return values


def bag_rows(
    values: tf.RaggedTensor,
    name: str,
    length: int,
    max_size: int,
    min_frequency: int,
    oov_buckets: int,
) -> tf.Tensor:
    """Row numbers of several values each, [batch, length], -1 after the last.

    The most frequent value has the first row. Rare and unseen values share the `oov_buckets` rows
    after the vocabulary.
    """
    rows = tft.compute_and_apply_vocabulary(
        values.with_flat_values(vocabulary_keys(values.flat_values)),
        top_k=max_size,
        frequency_threshold=min_frequency,
        num_oov_buckets=oov_buckets,
        vocab_filename=name,
    )
    return rows.to_tensor(-1, shape=[None, length])
