"""Whether results can be split by the columns that a test marks: told before it trains."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from shared.examples import ExamplesSpec
from shared.segments import MOST_VALUES
from shared.wording import plural
from trainer_image.job.status import JobFailedError


def check_segments(spec: ExamplesSpec, held_out: pa.Table) -> None:
    """Raises JobFailedError: a marked column has no value among the held-out rows, or too many."""
    column_of = {feature.key: feature.column for feature in spec.features}
    for number, key in enumerate(spec.segment_keys):
        values = pc.unique(held_out[key])
        known = len(values) - int(pc.sum(pc.equal(values, "")).as_py() or 0)
        name = f"segment_columns[{number}]: column {column_of[key]!r}"
        if not known:
            raise JobFailedError(
                f"{name} has no value in any of {plural(len(held_out), 'held-out row')}, so that "
                "results cannot be split by it. Leave it out, or take another column."
            )
        if known > MOST_VALUES:
            raise JobFailedError(
                f"{name} has {known:,} values among the held-out rows; results are split by at "
                f"most {MOST_VALUES}. Leave it out, or take a column of fewer values."
            )
