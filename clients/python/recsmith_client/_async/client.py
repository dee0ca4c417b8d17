"""The client: a connection, and the documents by their kinds."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Self

from recsmith_client import kinds, models
from recsmith_client import operations as api
from recsmith_client._async.connection import AsyncConnection
from recsmith_client._async.documents import AsyncEdited, AsyncListed
from recsmith_client._async.quick_tests import AsyncQuickTests
from recsmith_client._async.runs import AsyncRuns
from recsmith_client.archives import whole_archive
from recsmith_client.errors import FilesError, RecsmithError
from recsmith_client.sent_files import Paths, sent_files


class AsyncClient(AsyncConnection):
    """A Recsmith system, on this machine or deployed. Close it, or use it in a `with` block.

    Attributes:
        url: its address.
        local: whether it is one of this machine.
        datasets, feature_configs, model_configs, rule_sets, schedules: documents that are edited.
        quick_tests, sweeps, tunings: documents that are run.
        registered_models: what full trainings have become versions of.
    """

    @cached_property
    def datasets(self) -> AsyncEdited[models.Dataset]:
        return AsyncEdited(self, kinds.DATASETS)

    @cached_property
    def feature_configs(self) -> AsyncEdited[models.FeatureConfig]:
        return AsyncEdited(self, kinds.FEATURE_CONFIGS)

    @cached_property
    def model_configs(self) -> AsyncEdited[models.ModelConfig]:
        return AsyncEdited(self, kinds.MODEL_CONFIGS)

    @cached_property
    def rule_sets(self) -> AsyncEdited[models.RuleSet]:
        return AsyncEdited(self, kinds.RULE_SETS)

    @cached_property
    def schedules(self) -> AsyncEdited[models.Schedule]:
        return AsyncEdited(self, kinds.SCHEDULES)

    @cached_property
    def quick_tests(self) -> AsyncQuickTests:
        return AsyncQuickTests(self, kinds.QUICK_TESTS)

    @cached_property
    def sweeps(self) -> AsyncRuns[models.Sweep]:
        return AsyncRuns(self, kinds.SWEEPS)

    @cached_property
    def tunings(self) -> AsyncRuns[models.Tuning]:
        return AsyncRuns(self, kinds.TUNINGS)

    @cached_property
    def registered_models(self) -> AsyncListed[models.RegisteredModel]:
        return AsyncListed(self, kinds.REGISTERED_MODELS)

    async def download_model(
        self,
        model: models.QuickTest | models.RegisteredModel | str,
        path: str | Path,
        *,
        version: int | None = None,
    ) -> Path:
        """Saves a trained model as a ZIP file, which has the folder `model/`, a SavedModel. The
        checksums of its files are compared, and only then it has its name.

        Args:
            model: a registered model or its id, or a completed test.
            path: of the file; what is there is replaced.
            version: of a registered model; by default the one in production, else the latest.

        Raises:
            ApiError: 404 where there is no such model, 409 `no_model` where a test has none yet.
            RecsmithError: what came is damaged, or the model has no version.
        """
        found = model
        if isinstance(found, str):
            found = await self.registered_models.get(found)
        if isinstance(found, models.RegisteredModel):
            usual = found.status.aliases.production or found.status.latest
            number = version if version is not None or usual is None else usual.version
            if number is None:
                raise RecsmithError(f"{found.name!r} has no version.")
            call = api.download_registered_model(found.id, number)
        elif version is not None:
            raise ValueError("Versions are of registered models; a test has one model.")
        else:
            call = api.download_quick_test_model(found.id)
        return await self.save(call, path, check=whole_archive)

    async def plan(self, paths: Paths) -> models.FilePlan:
        """What `apply` would write so that the system holds what files say: a step for each
        document, and warnings as findings. Nothing is written.

        Args:
            paths: files, or folders of files, as `recsmith apply` takes them.

        Raises:
            FilesError: with everything that is wrong.
        """
        return await self._planned(sent_files(paths))

    async def apply(
        self, paths: Paths, plan: models.FilePlan | None = None
    ) -> list[models.AppliedDocument]:
        """Makes the system hold what files say: creates and changes documents, deletes none.

        Each is written whole or not at all. Sweeps and tunings start when they are created.

        Args:
            paths: files, or folders of files, as `recsmith apply` takes them.
            plan: that was looked at; by default what `plan` gives.

        Returns:
            What was written, in its order.

        Raises:
            FilesError: with what is wrong. Where a document is refused while they are written,
                those before it are in `applied`, and the same call does the rest.
            ApiError: 409 `stale_plan` where a document or a file is no longer as the plan found
                it; then none was written.
        """
        files = sent_files(paths)
        steps = (plan or await self._planned(files)).steps
        seen = [
            models.SeenStep(kind=one.kind, name=one.name, known_by=one.known_by) for one in steps
        ]
        body = models.FilesToApply(files=files, steps=seen)
        applied = await self.call(api.apply_files(body))
        if not applied.complete:
            raise FilesError(applied.findings, applied.documents)
        return applied.documents

    async def _planned(self, files: list[models.SentFile]) -> models.FilePlan:
        """Raises FilesError."""
        plan = await self.call(api.plan_files(models.FilesToPlan(files=files)))
        if not plan.valid:
            raise FilesError(plan.findings)
        return plan

    async def __aenter__(self) -> Self:
        return self
