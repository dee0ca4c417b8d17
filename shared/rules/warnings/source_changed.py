"""Source changed."""

from __future__ import annotations

from collections.abc import Iterator

from shared.problems import Problem
from shared.rules.warnings.base import Finished, ResultWarning


class SourceChanged(ResultWarning):
    """The data that was read is not the data that the test was planned by."""

    name = "source_changed"
    label = "Source changed"
    help = "The source has changed between the profile of the dataset and the training."
    remedy = "data"
    position = 10

    def check(self, finished: Finished) -> Iterator[Problem]:
        read = finished.results.protocol.source_fingerprint
        if read and finished.profiled and read != finished.profiled:
            yield self.problem(
                "status.results.protocol.source_fingerprint",
                "The source has changed between the dataset's profile and this training: the model "
                "was trained and measured on other rows than those that the number of rows and the "
                "sizes of vocabularies speak of. It is not compared with tests of either. No "
                "setting mends that: profile the dataset again, and repeat the test.",
                read,
            )
