"""Quick tests: run, compared, asked."""

from __future__ import annotations

import builtins
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from recsmith_client import models
from recsmith_client import operations as api
from recsmith_client._async.documents import id_of
from recsmith_client._async.runs import AsyncRuns
from recsmith_client.calls import Json
from recsmith_client.errors import RecsmithError

Test = models.QuickTest | str  # or its id


class AsyncQuickTests(AsyncRuns[models.QuickTest]):
    """Two configs, trained on a sample and measured on held-out rows."""

    async def run(
        self,
        feature_config: models.FeatureConfig | str,
        model_config: models.ModelConfig | str,
        *,
        name: str | None = None,
        progress: Callable[[models.QuickTest], None] | None = None,
        timeout: float | None = None,
        check: bool = True,
        **settings: Any,
    ) -> models.QuickTest:
        """Runs a quick test of two configs and waits for its results.

        Args:
            feature_config, model_config: documents, or their ids.
            name: by default made of the configs' names.
            settings: other fields of the test's spec, such as `epochs=5`,
                `data_sample_percent=25.0`, `split={"strategy": "temporal"}`.
            progress, timeout, check: as of `wait`.

        Raises:
            ApiError: 422 with what is wrong with which field.
            RunFailedError: it failed or was cancelled.
            TimeoutError: it runs longer.
        """
        spec = {
            "feature_config_id": id_of(feature_config),
            "model_config_id": id_of(model_config),
            **settings,
        }
        test = await self.create(name, spec)
        return await self.wait(test, progress=progress, timeout=timeout, check=check)

    async def summaries(self, **filters: Any) -> builtins.list[models.QuickTestSummary]:
        """All of them in short, latest change first: state, metrics, verdict, marks. For many tests
        this takes a fraction of the time of `list`.

        Args:
            filters: as of `list`.
        """
        found = self._each(api.list_quick_test_summaries, {"limit": 200, **filters})
        return [summary async for summary in found]

    async def train(
        self, test: Test, settings: models.FullTraining | Json | None = None
    ) -> models.QuickTest:
        """Begins the full training of a completed test's configs, which `wait` waits for."""
        return await self._connection.call(api.start_full_training(id_of(test), settings or {}))

    async def compare(
        self, tests: Sequence[Test], *, metric: str | None = None, base: Test | None = None
    ) -> models.Comparison:
        """Completed tests beside each other, ranked where they were measured alike.

        Args:
            metric: that they are ranked by, such as `ndcg_at_10`.
            base: the test that the others are held against; by default the best of each group.
        """
        request = {
            "quick_test_ids": [id_of(test) for test in tests],
            "metric": metric,
            "base": None if base is None else id_of(base),
        }
        return await self._connection.call(api.compare_quick_tests(request))

    async def heatmap(
        self,
        tests: Sequence[Test] | None = None,
        *,
        dataset: models.Dataset | str | None = None,
        metric: str | None = None,
        rows: str | None = None,
        columns: str | None = None,
    ) -> models.Heatmap:
        """Tests by two of their settings.

        Args:
            tests: or `dataset`, all completed ones of it.
            rows, columns: settings, such as `feature_config` and `learning_rate`; by default those
                that differ.
        """
        request = {
            "quick_test_ids": None if tests is None else [id_of(test) for test in tests],
            "dataset_id": None if dataset is None else id_of(dataset),
            "metric": metric,
            "rows": rows,
            "columns": columns,
        }
        return await self._connection.call(api.get_quick_test_heatmap(request))

    async def segments(self, test: Test, *, metric: str | None = None) -> models.SegmentTable:
        """For whom the model is better and for whom it is worse."""
        return await self._connection.call(api.get_quick_test_segments(id_of(test), metric=metric))

    async def recommend(
        self,
        test: Test,
        customer: str | None = None,
        *,
        k: int = 10,
        values: Mapping[str, Any] | None = None,
        rules: models.Rules | Json | None = None,
        rule_set: str | None = None,
        explain: bool = False,
        **request: Any,
    ) -> models.Prediction:
        """What a completed test's model recommends.

        Args:
            customer: an id of the data; None asks for a visitor with the `values` alone.
            values: of columns, in place of the customer's latest.
            rules: of this list: filters, caps, pinned products.
            rule_set: the name of a stored one.
            explain: tell why.
            request: other fields of `models.PredictionRequest`, such as `list="discover"`.
        """
        asked = {
            "customer_id": customer,
            "values": values,
            "k": k,
            "rules": rules,
            "rule_set": rule_set,
            "explain": explain,
            **request,
        }
        given = {name: one for name, one in asked.items() if one is not None}
        return await self._connection.call(api.predict(id_of(test), given))

    async def report(self, test: Test) -> str:
        """The page to share, as HTML."""
        page = await self._connection.call(api.get_quick_test_report_page(id_of(test)))
        return page.decode()

    async def download_model(self, test: Test, folder: str | Path) -> Path:
        """Copies a completed test's SavedModel into a new folder; returns the folder.

        A system of this machine has it as files; of a deployment, `gcloud storage` copies it out of
        the bucket, as whoever is signed in there.

        Raises:
            RecsmithError: there is no model, or it cannot be copied.
            FileExistsError: the folder is there already.
        """
        use = await self._connection.call(api.get_use_of_model(id_of(test)))
        target = Path(folder)
        if target.exists():
            raise FileExistsError(f"{target} is there already.")
        parts = urlsplit(use.model_uri)
        if parts.scheme == "file" and self._connection.local:
            shutil.copytree(unquote(parts.path), target)
        elif parts.scheme == "gs":
            target.mkdir(parents=True)
            command = ["gcloud", "storage", "cp", "--recursive", f"{use.model_uri}/*", str(target)]
            try:
                subprocess.run(command, check=True, capture_output=True, text=True)
            except FileNotFoundError:
                raise RecsmithError(
                    f"The model is at {use.model_uri}; there is no `gcloud` to copy it with."
                ) from None
            except subprocess.CalledProcessError as error:
                raise RecsmithError(f"gcloud copied nothing: {error.stderr.strip()}") from None
        else:
            raise RecsmithError(f"The model is at {use.model_uri}, which cannot be read from here.")
        return target
