"""What may keep a deployment on Google Cloud from working, looked at one by one.

Each check asks `gcloud`, changes nothing, and says what would mend what it finds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from local.jobs.environment import REPOSITORY

_TERRAFORM = REPOSITORY / "infra" / "terraform"
# What step 1 of docs/google-cloud.md enables: without it Terraform cannot even begin.
_FIRST_APIS = ("cloudresourcemanager", "serviceusage", "iam", "storage")


_POLICY = ("resource-manager", "org-policies", "describe")
# By constraint, values that a deployment without a domain needs.
_WANTED = {
    "cloudfunctions.allowedIngressSettings": ("ALLOW_ALL", "ALLOW_INTERNAL_ONLY"),
    "run.allowedIngress": ("all", "internal"),
}
_TRAINING_CPUS = "aiplatform.googleapis.com/custom_model_training_cpus"
_CPUS_OF_A_TEST, _CPUS_OF_A_TRAINING = 4, 16


class GcloudError(Exception):
    """What `gcloud` said instead of an answer."""


@dataclass(frozen=True)
class Deployment:
    """As in `terraform.tfvars`."""

    project: str
    region: str
    name: str = "recsmith"
    database: str = "(default)"
    release: str = "v1"

    @property
    def bucket(self) -> str:
        return f"gs://{self.project}-{self.name}"


@dataclass(frozen=True)
class Finding:
    """Attributes:
    detail: what was found, where that is more than that all is well.
    remedy: what to do; of `unknown`, where to look.
    """

    what: str
    state: Literal["good", "bad", "unknown"]
    detail: str = ""
    remedy: str = ""


# Arguments of `gcloud` without project and format; its answer as JSON. Raises GcloudError.
Ask = Callable[..., Any]
Check = Callable[[Deployment, Ask], Iterator[Finding]]


def run(checks: Sequence[Check], deployment: Deployment, ask: Ask) -> Iterator[Finding]:
    """What the checks find, each as soon as it is known; one that cannot be made is `unknown`."""
    for check in checks:
        what = (check.__doc__ or "").strip().rstrip(".")
        try:
            yield from check(deployment, ask)
        except GcloudError as error:
            yield Finding(what, "unknown", str(error), "Run it as an owner of the project.")


def billing(at: Deployment, ask: Ask) -> Iterator[Finding]:
    """The project has billing."""
    found = ask("billing", "projects", "describe", at.project)
    yield _judged(
        "The project has billing",
        bool(found.get("billingEnabled")),
        "It has none.",
        f"gcloud billing projects link {at.project} --billing-account XXXXXX-XXXXXX-XXXXXX",
    )


def first_apis(at: Deployment, ask: Ask) -> Iterator[Finding]:
    """Terraform may begin."""
    yield _enabled("Terraform may begin", _FIRST_APIS, ask)


def all_apis(at: Deployment, ask: Ask) -> Iterator[Finding]:
    """All APIs are enabled."""
    listed = (_TERRAFORM / "apis.tf").read_text(encoding="utf-8")
    yield _enabled("All APIs are enabled", re.findall(r'"(\w+)\.googleapis\.com"', listed), ask)


def policies(at: Deployment, ask: Ask) -> Iterator[Finding]:
    """Organisation policies let it be."""
    domains = _allowed("iam.allowedPolicyMemberDomains", ask)
    yield _judged(
        "People of other domains may be let in",
        domains is None,
        f"Only members of {', '.join(domains or ())} may be given rights.",
        "Name only their users and groups, and leave access_logs at false.",
        "unknown",
    )
    places = _allowed("gcp.resourceLocations", ask)
    fits = places is None or any(at.region in place or place == "in:all" for place in places)
    in_continent = places is not None and any(
        place.startswith("in:") and at.region.split("-")[0] in place for place in places
    )
    yield _judged(
        f"Resources may be in {at.region}",
        fits or in_continent,
        f"They may be in {', '.join(places or ())}.",
        "Take a region of these, or have gcp.resourceLocations changed.",
    )

    yield from _kinds_of_access(at, ask)


def _kinds_of_access(at: Deployment, ask: Ask) -> Iterator[Finding]:
    """By the other policies that are known to stop an apply half-way."""
    for constraint, wanted in _WANTED.items():
        allowed = _allowed(constraint, ask)
        missing = sorted(set(wanted) - set(allowed)) if allowed is not None else []
        yield _judged(
            f"{constraint} allows what is deployed",
            not missing,
            f"It does not allow {', '.join(missing)}.",
            f"Have {constraint} changed for this project.",
        )
    found = ask(*_POLICY, "iam.disableServiceAccountCreation", "--effective")
    yield _judged(
        "Service accounts may be made",
        not found.get("booleanPolicy", {}).get("enforced", False),
        "iam.disableServiceAccountCreation forbids it.",
        "Have it changed for this project: each function has an account of its own.",
    )


def quotas(at: Deployment, ask: Ask) -> Iterator[Finding]:
    """Vertex AI has room for tests."""
    infos = ask("beta", "quotas", "info", "list", "--service", "aiplatform.googleapis.com")
    values = [
        int(one["details"].get("value", 0))
        for info in infos
        if info.get("metric") == _TRAINING_CPUS
        for one in info.get("dimensionsInfos", [])
        if one.get("dimensions", {}).get("region", at.region) == at.region
        and at.region in one.get("applicableLocations", [at.region])
    ]
    cpus = max(values, default=None)
    what = f"Vertex AI has room for tests in {at.region}"
    remedy = "IAM & Admin → Quotas: Custom model training CPUs (E2) of the region."
    if cpus is None or cpus < 0:  # -1: no limit
        state: Literal["good", "unknown"] = "unknown" if cpus is None else "good"
        yield Finding(what, state, "" if cpus else "No quota is told of.", "" if cpus else remedy)
    elif cpus < _CPUS_OF_A_TEST:
        yield Finding(what, "bad", f"{cpus} CPUs; one test takes {_CPUS_OF_A_TEST}.", remedy)
    elif cpus < _CPUS_OF_A_TRAINING:
        detail = f"{cpus} CPUs; a full training takes {_CPUS_OF_A_TRAINING}."
        yield Finding(what, "unknown", detail, remedy)
    else:
        yield Finding(what, "good", f"{cpus} CPUs")


def database(at: Deployment, ask: Ask) -> Iterator[Finding]:
    """The database can be made, or is as it must be."""
    name = f"projects/{at.project}/databases/{at.database}"
    listed = ask("firestore", "databases", "list")
    found: dict[str, str] = next((one for one in listed if one["name"] == name), {})
    place, kind = found.get("locationId", at.region), found.get("type", "FIRESTORE_NATIVE")
    yield _judged(
        f"The database {at.database} can be made, or is as it must be",
        (place, kind) == (at.region, "FIRESTORE_NATIVE"),
        f"It is there already, of type {kind} in {place}.",
        'Set database = "recsmith" in terraform.tfvars, or take its region.',
    )


def functions(at: Deployment, ask: Ask) -> Iterator[Finding]:
    """Every function is active."""
    steps = (_TERRAFORM / "functions.tf").read_text(encoding="utf-8")
    wanted = {*re.findall(r"^    ([a-z-]+) += \{ memory", steps, re.M), "api"}
    found = {
        one["name"].rpartition("/")[2].removeprefix(f"{at.name}-"): one.get("state", "unknown")
        for one in ask("functions", "list", "--v2", "--regions", at.region)
    }
    for name in sorted(wanted):
        state = found.get(name, "not there")
        yield _judged(
            f"The function {at.name}-{name} is active",
            state == "ACTIVE",
            f"It is {state.lower()}.",
            f"terraform apply; gcloud functions logs read {at.name}-{name} --gen2 --region "
            f"{at.region}",
        )


def clock(at: Deployment, ask: Ask) -> Iterator[Finding]:
    """The clock runs and is answered."""
    found = ask("scheduler", "jobs", "describe", f"{at.name}-reconcile", "--location", at.region)
    code = found.get("status", {}).get("code", 0)
    yield _judged(
        "The clock runs and is answered",
        found.get("state") == "ENABLED" and not code,
        f"It is {found.get('state', 'unknown').lower()}, and ended last with code {code}.",
        f"gcloud scheduler jobs resume {at.name}-reconcile --location {at.region}, and the log of "
        f"{at.name}-reconcile",
    )


def indexes(at: Deployment, ask: Ask) -> Iterator[Finding]:
    """Every index is ready."""
    listed = (_TERRAFORM / "firestore.tf").read_text(encoding="utf-8")
    wanted = len(re.findall(r'\["\w+", "[\w.]+", "[\w.]+"\]', listed))
    found = ask("firestore", "indexes", "composite", "list", "--database", at.database)
    ready = sum(one.get("state") == "READY" for one in found)
    yield _judged(
        "Every index is ready",
        ready >= wanted,
        f"{ready} of {wanted} are.",
        "They are built within minutes of an apply: wait, or apply again.",
    )


def templates(at: Deployment, ask: Ask) -> Iterator[Finding]:
    """The pipeline's templates are there."""
    folder = f"{at.bucket}/templates/{at.release}"
    found = {
        one["name"].rpartition("/")[2]
        for one in ask("storage", "objects", "list", f"{folder}/*.json")
    }
    missing = sorted({"quick_test.json", "full_training.json"} - found)
    yield _judged(
        f"The pipeline's templates of {at.release} are there",
        not missing,
        f"{folder} lacks {', '.join(missing)}.",
        "Build the trainer's image: step 4 of docs/google-cloud.md.",
    )


def dead_letters(at: Deployment, ask: Ask) -> Iterator[Finding]:
    """No event became a dead letter."""
    name = f"{at.name}.dead-letters"
    waiting = ask("pubsub", "subscriptions", "pull", name, "--limit", "1")
    yield _judged(
        "No event became a dead letter",
        not waiting,
        "There is one at least.",
        "docs/google-cloud.md, Alerts: events became dead letters.",
    )


BEFORE: tuple[Check, ...] = (billing, first_apis, policies, database)
AFTER: tuple[Check, ...] = (
    billing, all_apis, database, functions, clock, indexes, templates, quotas, dead_letters,
)  # fmt: skip


def _judged(
    what: str,
    good: bool,
    detail: str,
    remedy: str,
    otherwise: Literal["bad", "unknown"] = "bad",
) -> Finding:
    return Finding(what, "good") if good else Finding(what, otherwise, detail, remedy)


def _enabled(what: str, names: Sequence[str], ask: Ask) -> Finding:
    found = {one["config"]["name"] for one in ask("services", "list", "--enabled")}
    missing = [name for name in (f"{name}.googleapis.com" for name in names) if name not in found]
    return _judged(
        what,
        not missing,
        f"Not enabled: {', '.join(missing)}.",
        f"gcloud services enable {' '.join(missing)}",
    )


def _allowed(constraint: str, ask: Ask) -> list[str] | None:
    """The values that a policy allows; None where it allows all."""
    found = ask(*_POLICY, constraint, "--effective")
    values: list[str] | None = found.get("listPolicy", {}).get("allowedValues")
    return values or None
