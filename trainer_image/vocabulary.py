"""How well the vocabularies, which come from the training rows, cover the held-out ones."""

from __future__ import annotations

import tensorflow as tf
import tensorflow_transform as tft

from shared.jobs import VocabularyRef, VocabularyReport

_BATCH = 16384


def report_vocabularies(
    vocabularies: list[VocabularyRef], transform_graph: str, eval_files: list[str]
) -> list[VocabularyReport]:
    """One report for each vocabulary, in the same order.

    Args:
        eval_files: glob patterns of TFRecords with the transformed held-out rows, gzipped where
            their names end in `.gz`.
    """
    if not vocabularies:
        return []
    transform = tft.TFTransformOutput(transform_graph)
    sizes = {ref.key: transform.vocabulary_size_by_name(ref.key) for ref in vocabularies}
    unknown = dict.fromkeys(sizes, 0)
    rows = 0
    spec = {key: tf.io.FixedLenFeature([], tf.int64) for key in sizes}
    files = sorted(path for pattern in eval_files for path in tf.io.gfile.glob(pattern))
    compression = "GZIP" if files and files[0].endswith(".gz") else ""
    for batch in tf.data.TFRecordDataset(files, compression_type=compression).batch(_BATCH):
        rows += len(batch)
        for key, ids in tf.io.parse_example(batch, spec).items():
            unknown[key] += int((ids.numpy() >= sizes[key]).sum())
    return [
        VocabularyReport(
            key=ref.key,
            column=ref.column,
            tower=ref.tower,
            vocabulary_size=sizes[ref.key],
            oov_rate=unknown[ref.key] / rows if rows else 0.0,
            truncated=sizes[ref.key] >= ref.max_size,
        )
        for ref in vocabularies
    ]
