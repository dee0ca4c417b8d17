"""A tuning: quick tests that search a space of settings, and a verdict on the best of them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from shared.documents.estimate import Estimate
from shared.documents.feature_config import Tower
from shared.documents.marks import MarkedDocument
from shared.documents.quick_test import LeftOut, Split, TestState
from shared.documents.series import SeriesStatus
from shared.documents.settings import Epochs, SampleBy, SamplePercent, Seed
from shared.documents.sweep import Id
from shared.jobs import Interval
from shared.models import SpecModel, StatusModel

MAX_TRIALS = 200
# With how many training seeds the best trial and the default are tested in the end.
SEEDS = 3
INCLUDED = "included"


class Searched(SpecModel):
    """A setting that is searched: between two bounds, among some values, or a column in or out.

    Attributes:
        setting: a tunable of the catalogue, or `included`, which asks whether a column is worth
            having.
        tower, column: of `included`.
        low, high: bounds that may be reached.
        values: instead of bounds, in their order.
    """

    setting: str = Field(min_length=1, max_length=50)
    tower: Tower | None = None
    column: str | None = Field(default=None, min_length=1, max_length=300)
    low: float | None = None
    high: float | None = None
    values: list[float] | None = Field(default=None, max_length=20)

    @property
    def key(self) -> str:
        """What a trial calls it: `temperature`, `buyer.city`."""
        return f"{self.tower}.{self.column}" if self.setting == INCLUDED else self.setting


Space = Annotated[list[Searched], Field(max_length=50)]


class TuningSpec(SpecModel):
    """The user's part.

    The first trial is the default: both configs as they are. Trials see the training and the
    validation slice. The best of them is then compared with the default on the test slice.

    Attributes:
        space: what is searched; null takes what the catalogue suggests for these configs.
        trials: at most so many.
        in_flight: trials under way at the same time where machines are rented. A laptop runs one
            after another.
        budget_minutes, budget_usd: what all tests together may take, those of the comparison in the
            end among them. None: no such bound.
        seed: of the sample, the split, the training and the search.
    """

    feature_config_id: Id
    model_config_id: Id
    space: Space | None = None
    trials: int = Field(default=20, ge=2, le=MAX_TRIALS, title="Trials", examples=[10, 20, 50])
    budget_minutes: float | None = Field(
        default=None, gt=0, le=100_000, title="Time budget in minutes"
    )
    budget_usd: float | None = Field(default=None, gt=0, le=100_000, title="Budget in US dollars")
    in_flight: int = Field(default=2, ge=1, le=10, title="Parallel trials")
    rating_column: str | None = Field(default=None, min_length=1, max_length=300)
    data_sample_percent: SamplePercent = 10.0
    sample_by: SampleBy = "customer"
    split: Split = Split()
    seed: Seed = 42
    epochs: Epochs = 3
    runner: Literal["direct", "tfx"] = "direct"


class TuningTest(StatusModel):
    """One of a tuning's quick tests.

    Attributes:
        state: `cancelled` too where its test has been deleted.
        value: of the tuning's metric.
    """

    quick_test_id: str
    state: TestState = TestState.PENDING
    progress: int = 0
    value: float | None = None


class Trial(TuningTest):
    """One trial. Its value is of the validation slice.

    Attributes:
        number: from 1, which is the default.
        label: what it sets: "temperature 0.05, without buyer.city".
        params: where it lies in the space, by the settings' keys; what the default says elsewhere
            has none.
        settings, leave_out: its quick test's.
        config: digest of what is trained: no two trials have the same.
        pruned: its validation loss was worse than the median of the trials before it.
        losses: of its epochs on the validation slice, as far as it was judged.
    """

    number: int
    label: str
    params: dict[str, float] = {}
    settings: dict[str, float] = {}
    leave_out: list[LeftOut] = []
    config: str = ""
    pruned: bool = False
    losses: list[float] = []


class ConfirmingTest(TuningTest):
    """A test of the comparison on the test slice. `of`: what it tests."""

    of: Literal["best", "default"]
    training_seed: int
    created: bool = False


class Refusal(StatusModel):
    """Settings that were drawn and are not valid, and why."""

    label: str
    reason: str


class TuningVerdict(StatusModel):
    """What a tuning comes to.

    Attributes:
        verdict: `better` only where the interval says so; `default_as_good` otherwise; `unknown`
            where the comparison has no results.
        metric: what was compared.
        value, default_value: means of the training seeds, on the test slice; None where the best
            trial is the default itself, which needs no comparison.
        difference: the best trial's minus the default's, paired by customer.
        sentence: all of this, for people.
    """

    verdict: Literal["better", "default_as_good", "unknown"]
    metric: str
    value: float | None = None
    default_value: float | None = None
    difference: Interval | None = None
    sentence: str


class TuningStatus(SeriesStatus):
    """The system's part.

    Attributes:
        space: what is searched, fixed when the tuning is validated.
        feature_config_revision, model_config_revision: fixed then too.
        parallel: how many trials are under way at once.
        estimate: of all tests, if all trials are run.
        estimate_of_one: of a trial.
        metric: what trials are ranked by.
        refused: settings that were drawn and are not valid; they cost nothing, and are no trials.
        refusals: the first of them.
        best: number of the best completed trial.
        importance: share of each setting in what sets trials apart, by its key; the most first.
        stop_requested: no more trials.
        why_no_more: why the search ended before all trials were run.
    """

    space: list[Searched] = []
    feature_config_revision: int | None = None
    model_config_revision: int | None = None
    parallel: int = 1
    estimate_of_one: Estimate | None = None
    metric: str | None = None
    trials: list[Trial] = []
    refused: int = 0
    refusals: list[Refusal] = []
    best: int | None = None
    importance: dict[str, float] = {}
    stop_requested: bool = False
    why_no_more: str | None = None
    confirming: list[ConfirmingTest] = []
    verdict: TuningVerdict | None = None

    def best_trial(self) -> Trial | None:
        return next((trial for trial in self.trials if trial.number == self.best), None)


class Tuning(MarkedDocument[TuningSpec, TuningStatus]):
    status: TuningStatus = TuningStatus()
