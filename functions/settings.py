"""What a deployment is told by its environment: variables that begin with `RECSMITH_`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from shared.channels import Channel, read_channels
from shared.problems import shorten

_PREFIX = "RECSMITH_"
_ADDRESS = re.compile(r"[^@\s,]*@[^@\s,]+")
_EMULATOR = "FIRESTORE_EMULATOR_HOST"

Role = Literal["viewer", "editor", "admin"]
_FOR_ANYBODY = ("google", "identity_platform")  # tokens that everybody with an account can get


class SettingsError(Exception):
    """Variables that are missing or wrong; the message names each."""


def _listed(value: Any) -> Any:
    """`a, b` → `["a", "b"]`."""
    return [item.strip() for item in value.split(",") if item.strip()]


def _paired(value: Any) -> Any:
    """`a=1,b=2` → `{"a": "1", "b": "2"}`."""
    pairs = [item.partition("=") for item in _listed(value)]
    if any(not separator for _, separator, _ in pairs):
        raise ValueError("give pairs such as team=shop,cost=research")
    return {name.strip(): text.strip() for name, _, text in pairs}


Listed = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Channels = Annotated[tuple[Channel, ...], BeforeValidator(read_channels)]
_LABEL = r"^[a-z0-9_-]{0,63}$"
Labels = Annotated[
    dict[
        Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,62}$")],
        Annotated[str, Field(pattern=_LABEL)],
    ],
    BeforeValidator(_paired),
]
# An address is the audience of the token that goes there.
ServingUrls = Annotated[
    dict[str, Annotated[str, Field(pattern=r"^https://[^/?#@\s]+$")]], BeforeValidator(_paired)
]


class Settings(BaseModel):
    """One field for each variable: `project` is `RECSMITH_PROJECT`.

    Attributes:
        location: region of Vertex AI, such as `europe-west4`.
        bucket: name of the bucket for generated code and what jobs leave.
        topic_prefix: before the names of the topics.
        template_uri: folder of the compiled pipelines, `gs://…`; needed to launch.
        network: `projects/NUMBER/global/networks/NAME` of jobs; none: the public one.
        kms_key: `projects/…/cryptoKeys/NAME`; encrypts what jobs leave.
        labels: of every job, for the bill.
        bigquery_location: where queries run; none: where the data is.
        bigquery_max_bytes: a query that would read more is refused.
        mlflow_tracking_uri: a server of MLflow; none, or `off`: tests are not tracked.
        mlflow_audience: of the ID token that the server wants, as Cloud Run does (its address) and
            Identity-Aware Proxy (its OAuth client); none: it wants none.
        serving_urls: where the services answer that serve registered models, by the models' ids:
            `rm-grocery-0a1b2c3d4e=https://…`; none: nothing answers predictions.
        channels: who is told of runs that have ended, as a JSON array; a secret.
        console_url: where people reach the console, for messages.
        prices: file with the price table; none: the example's prices.
        vertex_endpoint: `host:port` instead of Google's own, unencrypted; for emulators.
        daily_budget_usd: what all tests and trainings of a day (UTC) may cost, by their estimates
            and then by what they did cost; none: no bound.
        auth: how callers of the API are known. `iap`: Identity-Aware Proxy in front of it;
            `run`: Cloud Run lets only invokers in; `google`, `identity_platform`: an ID token of
            either; `none`: nobody is, for emulators only.
        auth_audience: the audience that a token must name (`iap`, `google`).
        auth_tenant: the tenant of Identity Platform whose people may come in (`identity_platform`);
            none: those of no tenant.
        admins: their e-mail addresses, whatever else says.
        editors: e-mail addresses, or whole domains (`@example.com`), of those who are editors
            unless something else is said of them.
        default_role: of somebody without a role of their own; none: no access. By default none
            where anybody can get a token (`google`, `identity_platform`), else `viewer`.
        roles_from: the claim `role` of the token, or documents `people/{email}`.
        cors_origins: origins of consoles that are served from elsewhere.
        console: folder of the built console, to be served at `/`.
        trace: where spans go.
        pending_minutes, silent_minutes: a test that has no news for so long before, or after, its
            job is launched is asked after; as long again, and it fails.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    project: str = Field(pattern=r"^[a-z][-a-z0-9:.]{4,62}$")
    location: str = Field(pattern=r"^[a-z]+[-a-z0-9]*$")
    bucket: str = Field(pattern=r"^[a-z0-9][-_.a-z0-9]{1,220}$")
    database: str = "(default)"
    topic_prefix: str = Field(default="", pattern=r"^([A-Za-z][-A-Za-z0-9_.~+%]*)?$")
    template_uri: str | None = Field(default=None, pattern=r"^gs://.*[^/]$")
    pipeline_service_account: str = ""
    network: str = ""
    kms_key: str = ""
    labels: Labels = {}
    bigquery_location: str | None = None
    bigquery_max_bytes: int | None = Field(default=None, gt=0)
    mlflow_tracking_uri: str | None = Field(
        default=None, repr=False, pattern=r"^(off|https?://.+)$"
    )
    mlflow_audience: str | None = None
    serving_urls: ServingUrls = {}
    channels: Channels = Field(default=(), repr=False)
    console_url: str | None = Field(default=None, pattern=r"^https?://[^/]+$")
    prices: str | None = None
    vertex_endpoint: str | None = None
    daily_budget_usd: float | None = Field(default=None, gt=0)
    auth: Literal["none", "google", "identity_platform", "iap", "run"] | None = None
    auth_audience: str | None = None
    auth_tenant: str | None = None
    admins: Listed = ()
    editors: Listed = ()
    default_role: Role | None = Field(
        default_factory=lambda told: None if told.get("auth") in _FOR_ANYBODY else "viewer"
    )
    roles_from: Literal["claims", "documents"] = "documents"
    cors_origins: Listed = ()
    console: str | None = None
    trace: Literal["off", "google", "otlp"] = "off"
    pending_minutes: float = Field(default=30, gt=0)
    silent_minutes: float = Field(default=360, gt=0)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    emulated: bool = False

    @model_validator(mode="after")
    def _together(self) -> Settings:
        if self.auth in ("iap", "google") and not self.auth_audience:
            raise ValueError(f"auth_audience: with auth {self.auth!r} name the token's audience")
        if odd := [one for one in self.editors if not _ADDRESS.fullmatch(one)]:
            raise ValueError(f"editors: addresses, or domains such as @example.com, not {odd[0]!r}")
        if self.auth_tenant and self.auth != "identity_platform":
            raise ValueError("auth_tenant: tenants are of Identity Platform; set auth to it")
        if self.auth == "none" and not self.emulated:
            raise ValueError("auth: 'none' would let everybody in; it is for emulators only")
        if self.vertex_endpoint and not self.emulated:
            raise ValueError("vertex_endpoint: is not encrypted; it is for emulators only")
        if self.mlflow_audience and not (self.mlflow_tracking_uri or "").startswith("https://"):
            raise ValueError(
                "mlflow_audience: a token goes to an https:// server only; set mlflow_tracking_uri"
            )
        if "*" in self.cors_origins:
            raise ValueError("cors_origins: name the consoles' origins; '*' is everybody's")
        return self

    @property
    def parent(self) -> str:
        """Of this deployment's jobs."""
        return f"projects/{self.project}/locations/{self.location}"


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Raises SettingsError. Empty variables count as absent; unknown ones are errors."""
    given = {
        name.removeprefix(_PREFIX).lower(): value
        for name, value in environment.items()
        if name.startswith(_PREFIX) and value != "" and name not in _ELSEWHERE
    }
    if given.get("default_role") == "none":
        given["default_role"] = None  # type: ignore[assignment]
    given["emulated"] = bool(environment.get(_EMULATOR))  # type: ignore[assignment]
    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        raise SettingsError(
            "The environment does not fit:\n" + "\n".join(map(_line, error.errors()))
        ) from None


# Of the laptop; they say nothing to a deployment.
_ELSEWHERE = frozenset(
    f"{_PREFIX}{name}"
    for name in (
        *(
            "CACHE",
            "CACHE_MIB",
            "CHECKPOINTS_MIB",
            "CHECKPOINT_SECONDS",
            "HOME",
            "SHARD_ROWS",
            "SPARE_TRAINER",
            "STORE",
            "URL",
        ),
        *("TOKEN", "TRAINER_PYTHON", "TRAINING_GPU", "TRAINING_WORKERS", "TRAININGS", "VERSION"),
        *("KEEP_SAMPLES_DAYS", "KEEP_INTERMEDIATES_DAYS", "KEEP_LOGS_DAYS"),
        "KEEP_QUICK_TESTS_DAYS",
    )
)

_SECRET = frozenset({"mlflow_tracking_uri", "channels"})  # they may hold passwords


def _line(finding: Any) -> str:
    message = finding["msg"].removeprefix("Value error, ")
    if not finding["loc"]:
        field, _, message = message.partition(": ")
        return f"  {_PREFIX}{field.upper()}: {message}."
    name = f"{_PREFIX}{str(finding['loc'][0]).upper()}"
    if finding["type"] == "missing":
        return f"  {name} is not set."
    if finding["type"] == "extra_forbidden":
        return f"  {name} is not known."
    if finding["loc"][0] in _SECRET:
        return f"  {name}: {message}."
    return f"  {name}: {message}. Received: {shorten(finding['input'])!r}."
