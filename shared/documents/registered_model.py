"""A registered model: full trainings under one name, and which of them is in use."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    Field,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    computed_field,
    field_validator,
)

from shared.documents.base import Document, Status
from shared.documents.online_experiment import Experiment, ExperimentWish
from shared.jobs import EvaluationProtocol, Interval
from shared.models import Moment, SpecModel, StatusModel
from shared.registry import Alias

MOST_AUDITED = 100
_SLUG = 40
_HASH = 10


def registered_model_id(name: str) -> str:
    """The id of the model of a name, whatever the case of its letters.

    >>> registered_model_id("Grocery: weekly") == registered_model_id("grocery: Weekly")
    True
    """
    told = unicodedata.normalize("NFKC", name).casefold().strip()
    slug = re.sub(r"[^a-z0-9]+", "-", told)[:_SLUG].strip("-")
    digest = hashlib.sha256(told.encode(errors="surrogatepass")).hexdigest()[:_HASH]
    return "-".join(part for part in ("rm", slug, digest) if part)


def is_registered_model_id(text: str) -> bool:
    """Whether a registered model can go by this id: one to copy into commands and settings."""
    return re.fullmatch(r"rm(-[a-z0-9]+)+", text) is not None


class ProductionWish(SpecModel):
    """Which version is to be in production.

    Attributes:
        version: of the model.
        reason: why, for the audit list; needed where the version is worse than the one in
            production, or cannot be compared with it.
        asked_at: tells a wish from the same one of before.
    """

    version: int = Field(ge=1)
    reason: str | None = Field(default=None, min_length=1, max_length=2000)
    asked_at: Moment | None = None


class RegisteredModelSpec(SpecModel):
    """The user's part.

    Attributes:
        production: null where nobody has asked for any; what is in production stays.
        experiment: that is to run; null ends the one that does.
    """

    production: ProductionWish | None = None
    experiment: ExperimentWish | None = None


class CodeHashes(StatusModel):
    """SHA-256 of the modules that a version was trained by."""

    preprocessing: str
    trainer: str


class BeganFrom(StatusModel):
    """The full training whose weights another one began with, and what it was registered as when
    that was registered; None: it was not."""

    quick_test_id: str
    model_id: str | None = None
    version: int | None = None


class RegisteredVersion(StatusModel):
    """A full training, as it was when it was registered.

    Attributes:
        version: counted from 1 within the model, in the order of registration.
        artifacts_uri: the job's folder, with `model/` in it; made of the test whenever it is read.
        metric: what tests of its kind are ranked by; `value` and `interval` are of it.
        protocol: how it was measured; numbers of unlike protocols are never compared.
        dataset_fingerprint: of the data that it was trained on.
        model_deleted_at: when the test was deleted, and its model with it; None while it is there.
        began_from: whose weights it began with; None: it was trained from scratch.
    """

    version: int = Field(ge=1)
    quick_test_id: str
    name: str
    artifacts_uri: str = ""
    registered_at: Moment
    created_by: str | None = None
    dataset_id: str
    dataset_fingerprint: str
    feature_config_id: str
    feature_config_revision: int
    model_config_id: str
    model_config_revision: int
    metric: str
    value: float
    interval: Interval | None = None
    protocol: EvaluationProtocol
    code: CodeHashes | None = None
    trained_at: Moment | None = None
    duration_seconds: float | None = None
    cost_usd: float | None = None
    model_deleted_at: Moment | None = None
    began_from: BeganFrom | None = None


class PromotionVerdict(StatusModel):
    """What is to be said of a version that is to replace the one in production.

    Attributes:
        standing: `first` where none is in production, `unchanged` where it is that very one,
            `rollback` where it is the one before; otherwise by the paired intervals, on the same
            held-out rows, of what the one in production is judged by.
        metric: the one that decided.
        difference: the version's metric minus that of the one in production.
        reasons: why the two cannot be compared.
        needs_reason: whether a person has to say why all the same.
        sentence: all of this, for people.
    """

    standing: Literal[
        "first",
        "unchanged",
        "rollback",
        "better",
        "no_clear_difference",
        "worse",
        "not_comparable",
    ]
    metric: str | None = None
    value: float | None = None
    previous: float | None = None
    difference: Interval | None = None
    reasons: list[str] = []
    needs_reason: bool = False
    sentence: str = ""


class Promotion(StatusModel):
    """A line of the audit list.

    Attributes:
        by: who wrote the wish; None where nobody signs in.
        from_version: what was in production before; None where nothing was.
    """

    at: Moment
    by: str | None = None
    from_version: int | None = None
    to_version: int
    reason: str | None = None
    verdict: PromotionVerdict


class Aliases(StatusModel):
    """Versions by what they are for. `previous`: what production was before."""

    production: RegisteredVersion | None = None
    previous: RegisteredVersion | None = None

    def by_name(self) -> dict[Alias, RegisteredVersion]:
        named = {Alias.PRODUCTION: self.production, Alias.PREVIOUS: self.previous}
        return {alias: version for alias, version in named.items() if version is not None}


def _readable(of: type[StatusModel]) -> BeforeValidator:
    """Of a list, what can be read."""

    def is_one(line: Any) -> bool:
        try:
            of.model_validate(line)
        except ValidationError:
            return False
        return True

    return BeforeValidator(
        lambda lines: [line for line in lines if is_one(line)] if isinstance(lines, list) else lines
    )


class RegisteredModelStatus(Status):
    """The system's part.

    A field that cannot be read takes no other with it: it has its default, and of the audit list
    and of ended experiments only the line is left out. `services.pointers.catch_up` gives aliases
    back.

    Attributes:
        versions: how many there are; the number of the latest.
        audit: promotions and rollbacks, latest first; the last 100.
        experiment: the one that runs.
        ended_experiments: latest first; the last 20.
        pointer_revision: of the file that servers read; raised with every change of an alias.
        pointer_due: it has yet to be written.
    """

    versions: int = 0
    latest: RegisteredVersion | None = None
    aliases: Aliases = Aliases()
    audit: Annotated[list[Promotion], _readable(Promotion)] = []
    experiment: Experiment | None = None
    ended_experiments: Annotated[list[Experiment], _readable(Experiment)] = []
    pointer_revision: int = 0
    pointer_due: bool = False

    @property
    def aliases_lost(self) -> bool:
        """Whether something came into production once, and what cannot be read any more."""
        return self.aliases.production is None and bool(self.audit or self.pointer_revision)

    @property
    def promotion(self) -> Promotion | None:
        """Line of the audit list that brought the present version into production, if it is
        there."""
        now = self.aliases.production
        for line in self.audit[:1]:
            if now is not None and line.to_version == now.version:
                return line
        return None

    @property
    def gone_back(self) -> bool:
        """Whether what is in production was gone back to: what was before it was left for a
        reason."""
        return self.promotion is not None and self.promotion.verdict.standing == "rollback"

    @computed_field  # type: ignore[prop-decorator]
    @property
    def rolls_back_to(self) -> int | None:
        """The version that a rollback brings back; null where there is none to go back to."""
        before = self.aliases.previous
        if self.aliases.production is None or before is None or self.gone_back:
            return None
        return before.version if before.model_deleted_at is None else None

    @property
    def tests_in_use(self) -> set[str]:
        """The full trainings of versions that servers load."""
        found = {one.quick_test_id for one in self.aliases.by_name().values()}
        tried = self.experiment.versions if self.experiment is not None else []
        return found | {one.quick_test_id for one in tried}

    @field_validator("*", mode="wrap")
    @classmethod
    def _or_default(
        cls, value: Any, read: ValidatorFunctionWrapHandler, info: ValidationInfo
    ) -> Any:
        try:
            return read(value)
        except ValidationError:
            assert info.field_name is not None
            return cls.model_fields[info.field_name].get_default()


class RegisteredModel(Document[RegisteredModelSpec, RegisteredModelStatus]):
    spec: RegisteredModelSpec = RegisteredModelSpec()
    status: RegisteredModelStatus = RegisteredModelStatus()
