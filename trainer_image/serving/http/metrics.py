"""What Prometheus may ask."""

from __future__ import annotations

from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from shared.online.exposures import Exposure
from trainer_image.serving.http.trial import Trial
from trainer_image.serving.http.versions import Version

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_INSTANCES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
_VERSION = ("model_id", "model_name", "version", "quick_test_id")


class Metrics:
    """The counts of one server. Times are in seconds."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self.requests = Counter(
            "recsmith_http_requests", "Requests answered.", ("route", "status"), registry=registry
        )
        self.seconds = Histogram(
            "recsmith_http_request_seconds",
            "From a request's headers to its answer.",
            ("route",),
            buckets=_SECONDS,
            registry=registry,
        )
        self.in_progress = Gauge(
            "recsmith_predictions_in_progress", "Requests being answered.", registry=registry
        )
        self.instances = Counter("recsmith_instances", "Instances answered.", registry=registry)
        self.errors = Counter(
            "recsmith_prediction_errors",
            "Requests that were sound and got no answer.",
            registry=registry,
        )
        self.batch_instances = Histogram(
            "recsmith_batch_instances",
            "Instances that the model was asked together.",
            buckets=_INSTANCES,
            registry=registry,
        )
        self.reloads = Counter(
            "recsmith_reloads", "Changes from one version to another.", registry=registry
        )
        self.reload_failures = Counter(
            "recsmith_reload_failures", "Versions that could not be loaded.", registry=registry
        )
        self.stale = Gauge(
            "recsmith_stale", "1 while what is served is not what should be.", registry=registry
        )
        self._model = Gauge(
            "recsmith_model_info", "1 for the version that is served.", _VERSION, registry=registry
        )
        self._experiment = Gauge(
            "recsmith_experiment_version_loaded",
            "Of each version of the experiment that is served: 1 where it is loaded.",
            ("experiment_id", "version", "quick_test_id"),
            registry=registry,
        )
        self._exposures = Counter(
            "recsmith_experiment_instances",
            "Instances answered in an experiment.",
            ("experiment_id", "version", "assigned_by"),
            registry=registry,
        )
        self.loaded_at = Gauge(
            "recsmith_model_loaded_timestamp_seconds",
            "When the version that is served was loaded, since 1970.",
            registry=registry,
        )

    def serves(self, version: Version, before: Version | None) -> None:
        """The version that answers from now on, and the one until now."""
        if before is not None:
            self._model.remove(*_labels(before))
        self._model.labels(*_labels(version)).set(1)
        self.loaded_at.set_to_current_time()
        self.stale.set(0)

    def tries(self, trial: Trial | None) -> None:
        """The experiment that is served from now on."""
        self._experiment.clear()
        for one in trial.told()["versions"] if trial is not None else ():
            assert trial is not None
            labels = (trial.experiment.id, str(one["version"]), one["quick_test_id"])
            self._experiment.labels(*labels).set(one["loaded"])

    def exposed(self, exposures: Sequence[Exposure | None]) -> None:
        """Answers that were sent."""
        for one in exposures:
            if one is not None:
                told = (one.experiment_id, str(one.version), one.assigned_by)
                self._exposures.labels(*told).inc()

    def text(self) -> bytes:
        """In Prometheus' text format."""
        text: bytes = generate_latest(self._registry)
        return text


def _labels(version: Version) -> list[str]:
    told = version.told()
    return ["" if told[name] is None else str(told[name]) for name in _VERSION]
