"""A quick test by an earlier version's code, in its checkout: `python FILE HOME PURCHASES` there.

Smart defaults and the preset *standard*, as that version recommended; its bench's own shop. Prints
the seconds from request to completed.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from bench import shapes
from bench import shop as earlier
from shared import editing
from shared.documents.base import Collection
from shared.rules.defaults import smart_defaults
from shared.rules.presets import preset


def main(home: Path, purchases: Path) -> None:
    with earlier.shop(home, purchases, shapes.MAPPING, ["customer"], ["product"]) as one:
        ports = one.system.ports
        plain = ports.documents.get(Collection.FEATURE_CONFIGS.path(one.features)).data["spec"]
        dataset = importlib.import_module("shared.handlers.store").DATASET
        features = editing.create(
            ports,
            Collection.FEATURE_CONFIGS,
            name="Smart defaults",
            spec=smart_defaults(dataset.load(plain["dataset_id"], ports)).model_dump(mode="json"),
        ).id
        earlier._until_valid(ports, Collection.FEATURE_CONFIGS, features)
        chosen = earlier.Shop(one.system, features)
        model = chosen.model(**preset("standard").spec.model_dump(mode="json"))
        chosen.wait_for_spare()
        print(chosen.quick_test(model).seconds)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
