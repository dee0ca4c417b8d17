"""A schedule: when a registered model is trained again on what has come in since, and what may
become of the version that this makes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from shared.cron import LONGEST, CronError, parse_cron
from shared.documents.base import Document, Status
from shared.documents.registered_model import PromotionVerdict
from shared.documents.settings import (
    Epochs,
    PatienceOverride,
    SamplePercent,
    WarmStartWanted,
)
from shared.documents.source import Zone
from shared.models import Moment, SpecModel, StatusModel

MOST_RUNS = 30
# Between two occurrences at least: a training takes minutes to hours, and so does new data.
LEAST_MINUTES = 60


def _cron(text: str) -> str:
    try:
        closest = parse_cron(text).closest()
    except CronError as error:
        raise ValueError(str(error)) from None
    if closest < LEAST_MINUTES:
        raise ValueError(
            f"It fires twice within {closest} min; at least {LEAST_MINUTES} min have to lie "
            "between two times. Name one minute, as in '0 3 * * *' or '0 */6 * * *'."
        )
    return " ".join(text.split())


CronText = Annotated[
    str,
    Field(
        max_length=LONGEST,
        title="Cron expression",
        description="Minute, hour, day of the month, month, day of the week.",
        examples=["0 3 * * *", "0 3 * * mon", "30 4 1 * *"],
    ),
    AfterValidator(_cron),
]
ChannelName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
Policy = Literal["never", "unless_worse"]


class ScheduleSpec(SpecModel):
    """The user's part.

    Attributes:
        model_id: the registered model that is trained again, with the configs and the settings of
            its version in production; of its latest version where none is in production.
        cron: five fields of local time. A time that does not exist, where clocks are put forward,
            fires at the next moment that does; one that happens twice fires the first time.
        zone: whose local time that is, such as `Europe/Berlin`.
        enabled: false pauses it; a run that is under way goes on.
        epochs, early_stopping_patience, data_sample_percent: in place of those of the version that
            is trained again; null leaves them.
        warm_start: begin with the weights of the version that is trained again, where that can be;
            otherwise the run trains from scratch and says why.
        promotion: `unless_worse` brings the new version into production where that needs no
            reason: it is better than the one there, or shows no clear difference, over the same
            newest held-out rows. `never` leaves that to people.
        tell: names of the channels that are told how runs end; none of them: all that take
            messages about schedules.
    """

    model_id: str = Field(min_length=1, max_length=200)
    cron: CronText
    zone: Zone = "UTC"
    enabled: bool = True
    epochs: Epochs | None = None
    early_stopping_patience: PatienceOverride | None = None
    data_sample_percent: SamplePercent | None = None
    warm_start: WarmStartWanted = False
    promotion: Policy = "unless_worse"
    tell: list[ChannelName] = Field(default=[], max_length=10)


Stage = Literal["refreshing", "training", "promoting", "ended"]
RunOutcome = Literal["promoted", "not_promoted", "unchanged", "failed", "skipped"]


class ScheduledRun(StatusModel):
    """What one occurrence has led to.

    Attributes:
        due_at: when it was due; of one that was started by hand, when that was.
        by_hand: whether somebody started it.
        missed: how many further occurrences had passed, while nothing ran here, before this run.
        revision: of the schedule's spec, by which it goes to its end.
        base_version: the version whose training is repeated.
        champion_version: the one that was in production when the training began; None: none was.
        quick_test_id: the full training; None while there is none.
        version: what that was registered as.
        wish_revision: of the model's spec, with the wish for that version.
        note: how the training began, in words, where the schedule asks for a warm start.
        outcome: `unchanged` where the data was that of the latest version, so that nothing was
            trained; `skipped` where the run before it had not ended.
        verdict: on the version beside the one in production.
        sentence: the outcome, for people; nothing of it comes from the data.
        error: what was wrong, in full; it may quote the data.
    """

    due_at: Moment
    by_hand: bool = False
    missed: int = 0
    revision: int = Field(ge=1)
    stage: Stage = "refreshing"
    started_at: Moment
    ended_at: Moment | None = None
    base_version: int | None = None
    champion_version: int | None = None
    quick_test_id: str | None = None
    note: str = ""
    version: int | None = None
    wish_revision: int | None = None
    outcome: RunOutcome | None = None
    verdict: PromotionVerdict | None = None
    sentence: str = ""
    error: str | None = None


class ScheduleStatus(Status):
    """The system's part.

    Attributes:
        next_at: the next occurrence; None while it is paused or not valid.
        planned_revision: of the spec, by which `next_at` is.
        due_at: when the clock has something to do for it: with the next occurrence, or at once
            while a run is under way or asked for; None: nothing.
        requested_at: when somebody asked for a run that has not begun.
        run: the one under way.
        history: those that have ended, latest first; the last 30.
    """

    next_at: Moment | None = None
    planned_revision: int = 0
    due_at: Moment | None = None
    requested_at: Moment | None = None
    run: ScheduledRun | None = None
    history: list[ScheduledRun] = []


class Schedule(Document[ScheduleSpec, ScheduleStatus]):
    status: ScheduleStatus = ScheduleStatus()
