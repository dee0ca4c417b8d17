"""Other share held out."""

from __future__ import annotations

from collections.abc import Iterator

from shared.problems import Problem
from shared.rules.fixes import Fix, Tried, sample_more, settings
from shared.rules.warnings.base import Finished, ResultWarning, rounded_percent

_OTHER_SHARE = 0.25  # of the share that was asked for


class OtherHoldoutShare(ResultWarning):
    """Held out is not what was asked for."""

    name = "other_holdout_share"
    label = "Other share held out"
    help = "The share that is held out differs by more than a quarter from what was asked for."
    position = 90

    def check(self, finished: Finished) -> Iterator[Problem]:
        protocol = finished.results.protocol
        asked, share = protocol.holdout_fraction, protocol.holdout_share
        if (
            protocol.split in ("leave_one_out", "products")
            or abs(share - asked) <= _OTHER_SHARE * asked
        ):
            return
        told = (
            f"{rounded_percent(share)} of the sample's rows are held out, where "
            f"{rounded_percent(asked)} were asked for."
        )
        if protocol.split == "random":
            yield self.problem(
                "status.results.protocol.holdout_share",
                f"{told} A random split keeps all rows of a customer and product together, and "
                "there are few such pairs, or some with very many rows. Raise data_sample_percent.",
                share,
            )
        elif protocol.ties == "whole":
            why = (
                "All of them have the last moment"
                if share > asked
                else "The moment before is larger"
            )
            yield self.problem(
                "status.results.protocol.holdout_share",
                f"{told} {why}, and a temporal split does not tear the rows of one moment apart. "
                "Set split.ties to 'hash' to hold out a part of them, or map a column with finer "
                "times.",
                share,
            )
        else:
            yield self.problem(
                "status.results.protocol.holdout_share",
                f"{told} Too few rows have a time, or one customer bought one product too often in "
                "one moment. Fill in the times, or take a random split.",
                share,
            )

    def fixes(self, problem: Problem, tried: Tried) -> Iterator[Fix]:
        protocol = tried.test.status.results.protocol if tried.test.status.results else None
        if protocol is not None and protocol.split == "temporal" and protocol.ties == "whole":
            split = {**tried.test.spec.split.model_dump(), "ties": "hash"}
            yield from settings(tried, "Hold out a part of the moment", split=split)
        elif protocol is not None and protocol.split == "random":
            yield from sample_more(tried)
