"""Where a test's code, job and files are. It follows from what they are, and from nothing that a
document says: whoever may write documents could name other people's."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from shared.documents.base import CodeArtifact
from shared.documents.feature_config import FeatureConfigStatus
from shared.documents.quick_test import GeneratedCode, PipelineJob, QuickTestStatus, TestState
from shared.jobs import ChampionModel, JobRequest, Purpose, WarmStart
from shared.ports import ArtifactStore

# What a full training leaves is to stay; all else may be cleared away some day.
_FOLDERS: dict[Purpose, str] = {"quick_test": "jobs", "full_training": "models"}
_PLAIN_ID = re.compile(r"[a-z0-9]([-a-z0-9]{0,79})")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def job_id_of(quick_test_id: str, attempt: int = 1) -> str:
    """The id of a test's job: always the same, and one that every pipeline service takes."""
    name = quick_test_id
    if not _PLAIN_ID.fullmatch(name):
        name = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:32]
    return f"quick-test-{name}-{attempt}"


def job_of(quick_test_id: str) -> PipelineJob:
    """A test's job. There is one attempt."""
    return PipelineJob(job_id=job_id_of(quick_test_id), attempt=1)


def output_key(job_id: str, purpose: Purpose) -> str:
    """Where a job's artifacts lie in the store."""
    return f"{_FOLDERS[purpose]}/{job_id}"


def model_folder(quick_test_id: str, artifacts: ArtifactStore) -> str:
    """The URI of what a full training has left, with `model/` in it, whether or not it exists."""
    return artifacts.uri(model_key(quick_test_id))


def model_key(quick_test_id: str) -> str:
    """Where that lies in the store."""
    return output_key(job_id_of(quick_test_id), "full_training")


def code_key(sha256: str) -> str:
    """Where a generated module lies in the store. Raises ValueError for what is not a SHA-256."""
    if not _SHA256.fullmatch(sha256):
        raise ValueError(f"A SHA-256 is 64 hexadecimal digits. Received: {sha256[:100]!r}.")
    return f"code/{sha256}.py"


def stored_code(sha256: str, artifacts: ArtifactStore) -> CodeArtifact | None:
    """The module of this hash, whether or not it exists; None where there can be none."""
    try:
        return CodeArtifact(uri=artifacts.uri(code_key(sha256)), sha256=sha256)
    except ValueError:
        return None


def put_code_right(status: FeatureConfigStatus, artifacts: ArtifactStore) -> None:
    """Says of a feature config's module where it is, whatever its status says of that."""
    if status.preprocessing is not None:
        status.preprocessing = stored_code(status.preprocessing.sha256, artifacts)


def put_right(
    quick_test_id: str, status: QuickTestStatus, purpose: Purpose, artifacts: ArtifactStore
) -> None:
    """Replaces whatever a status says of places by where they are.

    A test has a job from its reservation on, which comes after its code; what says otherwise has
    not been reserved by us.
    """
    code = status.code
    if code is not None:
        preprocessing = stored_code(code.preprocessing.sha256, artifacts)
        trainer = stored_code(code.trainer.sha256, artifacts)
        known = preprocessing is not None and trainer is not None
        status.code = GeneratedCode(preprocessing=preprocessing, trainer=trainer) if known else None
    launched = status.job is not None or status.artifacts_uri is not None
    if status.state is TestState.PENDING:
        ready = status.pinned is not None and status.code is not None
        launched = status.job is not None and ready
    elif status.state is TestState.RUNNING:
        launched = True
    job = job_of(quick_test_id)
    status.job = job if launched else None
    status.artifacts_uri = artifacts.uri(output_key(job.job_id, purpose)) if launched else None


def placed(request: JobRequest, store: str) -> JobRequest:
    """A job that keeps to a store, whichever it was asked to keep to. `store` is the URI of its
    folder."""
    store = store.rstrip("/")
    code = {
        name: artifact.model_copy(update={"uri": f"{store}/code/{artifact.sha256}.py"})
        for name, artifact in (
            ("preprocessing", request.preprocessing),
            ("trainer", request.trainer),
        )
    }
    output = f"{store}/{output_key(request.job_id, request.purpose)}"
    others = {
        name: other.model_copy(
            update={"artifacts_uri": f"{store}/{model_key(other.quick_test_id)}"}
        )
        for name, _, other in _others(request)
    }
    return request.model_copy(update={**code, "output_uri": output, **others})


def misplaced(request: JobRequest, store: str) -> str | None:
    """What a job is asked to read or to write elsewhere than where it belongs in a store, in
    words; None where all is in its place. `store` is the URI of its folder."""
    store = store.rstrip("/")
    expected = f"{store}/{output_key(request.job_id, request.purpose)}"
    if request.output_uri != expected:
        return f"output_uri is {request.output_uri!r}; expected {expected!r}"
    for _, what, other in _others(request):
        expected = f"{store}/{model_key(other.quick_test_id)}"
        if other.artifacts_uri != expected:
            return f"{what} is {other.artifacts_uri!r}; expected {expected!r}"
    for name, artifact in (
        ("preprocessing", request.preprocessing),
        ("trainer", request.trainer),
    ):
        if fault := misplaced_code(name, artifact, store):
            return fault
    return None


def _others(request: JobRequest) -> Iterator[tuple[str, str, ChampionModel | WarmStart]]:
    """The other full trainings that a job reads, each by its field and in words."""
    if request.champion is not None:
        yield "champion", "the champion's folder", request.champion
    if request.warm_start is not None:
        yield "warm_start", "the folder of the weights to begin with", request.warm_start


def misplaced_code(name: str, artifact: CodeArtifact, store: str) -> str | None:
    """The same of one module."""
    expected = f"{store.rstrip('/')}/code/{artifact.sha256}.py"
    if _SHA256.fullmatch(artifact.sha256) and artifact.uri == expected:
        return None
    return f"the {name} module is {artifact.uri!r}; expected {expected!r}"
