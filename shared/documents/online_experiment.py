"""An experiment (A/B test): versions of a registered model, each answering a share of customers."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Literal

from pydantic import Field

from shared.models import Moment, SpecModel, StatusModel
from shared.online.assignment import MOST_VERSIONS

MOST_ENDED = 20

Salt = Annotated[str, Field(min_length=1, max_length=200)]


class VersionShare(SpecModel):
    """A version, and the share of customers whom it answers.

    Attributes:
        share_percent: of customers, in steps of 0.01.
    """

    version: int = Field(ge=1)
    share_percent: float = Field(gt=0, lt=100)


class ExperimentWish(SpecModel):
    """An experiment that is to run.

    Attributes:
        versions: the control first, which has to be the version in production; shares sum to 100.
        salt: decides with a customer's id which version they get. Left out, it is the experiment's
            id; that of another experiment keeps its customers where they were, so far as the shares
            do.
        asked_at: tells a wish from the same one of before.
    """

    versions: list[VersionShare] = Field(min_length=2, max_length=MOST_VERSIONS)
    salt: Salt | None = None
    asked_at: Moment | None = None


def experiment_id(model_id: str, wish: ExperimentWish) -> str:
    """The id of the experiment that a wish means: the same however often it is read."""
    told = json.dumps([model_id, wish.model_dump(mode="json")], sort_keys=True)
    return f"ex-{hashlib.sha256(told.encode(errors='surrogatepass')).hexdigest()[:10]}"


class ExperimentVersion(StatusModel):
    """A version of an experiment. `artifacts_uri` of its folder is made of the test when read."""

    version: int = Field(ge=1)
    share_percent: float = Field(gt=0, lt=100)
    quick_test_id: str


class Experiment(StatusModel):
    """An experiment that runs, or has run.

    Attributes:
        versions: the control first.
        began_by, ended_by: who asked for it; None where nobody signs in.
        ended_because: somebody asked for it, another version came into production, or another
            experiment took its place.
    """

    id: str
    versions: list[ExperimentVersion] = Field(min_length=2, max_length=MOST_VERSIONS)
    salt: Salt
    began_at: Moment
    began_by: str | None = None
    ended_at: Moment | None = None
    ended_by: str | None = None
    ended_because: Literal["asked", "promotion", "replaced"] | None = None

    @property
    def control(self) -> int:
        return self.versions[0].version

    @property
    def shares_percent(self) -> list[float]:
        return [one.share_percent for one in self.versions]
