"""A shop with registered versions."""

from __future__ import annotations

from typing import Any

from scenario import Shop

from shared.documents.registered_model import registered_model_id
from shared.jobs import REPLICATES_FILE
from shared.registry import Pointer, pointer_key
from shared.services.registering import list_versions

MODEL = registered_model_id("Shop")


class Registered(Shop):
    """A shop with versions, whose recall is the same in all draws over the same rows."""

    configs: tuple[str, str]

    def versions(self, *recalls: float) -> list[str]:
        """The ids of full trainings, which become versions 1, 2, …"""
        dataset = self.dataset()
        self.settle()
        self.configs = self.feature_config(dataset), self.model_config()
        self.settle()
        return [self.version(recall) for recall in recalls]

    def version(self, recall: float) -> str:
        test_id = self.fully_trained(*self.configs, recall)
        draws = {"recall_at_100": [recall + 0.001 * (draw % 2) for draw in range(100)]}
        found = {"holdout_fingerprint": "rows", "customers": 190, "metrics": draws}
        self.leave(test_id, REPLICATES_FILE, found)
        return test_id

    def pointer(self) -> Pointer:
        content = self.artifacts.read(self.artifacts.uri(pointer_key(MODEL)))
        return Pointer.model_validate_json(content).resolved(self.artifacts.uri)

    def write_status(self, **fields: Any) -> None:
        """Somebody writes fields of the status."""
        data = self.documents.data(f"registered_models/{MODEL}")
        data["status"] |= fields
        self.documents.write(f"registered_models/{MODEL}", data)

    def registered_versions(self) -> dict[int, str]:
        """The full trainings by their versions' numbers."""
        found = list_versions(MODEL, self.ports)
        return {one.version: one.quick_test_id for one in found}

    def in_use(self) -> tuple[int | None, int | None]:
        aliases = self.registered_model(MODEL).status.aliases
        found = [one and one.version for one in (aliases.production, aliases.previous)]
        return found[0], found[1]

    def wish(self, **production: Any) -> None:
        """Somebody writes a wish straight into the store."""
        data = self.documents.data(f"registered_models/{MODEL}")
        data["spec"] = {"production": production}
        self.documents.write(f"registered_models/{MODEL}", data)
