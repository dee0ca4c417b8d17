"""Documents that a script writes past the API: each gets a verdict, and none stops others."""

from __future__ import annotations

import copy
import json
import logging
import random
import time
from collections.abc import Iterator
from typing import Any

import httpx
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.torture.api_shop import MAPPING, MODEL_SPEC, ApiShop, api_shop, feature_spec
from tests.torture.trial import Tally, trial
from tests.waiting import PATIENCE

_NAMES = st.sampled_from(["name", "spec", "type", "column", "units", "\0", "a/b", "__x__", "é", ""])
_LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([10**30, -1, 1.5, 2**63, "", "x" * 5000, "\0", "a\u202eb", "../../x", "NaN"]),
    st.text(max_size=8),
)
_JSON = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(_NAMES | st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)

# What no library would write. `%s` is where a good spec's text is.
_TEXTS = {
    "nested 90": '{"name": "x", "spec": ' + "[" * 90 + "]" * 90 + "}",
    "nested 400": '{"name": "x", "spec": ' + '{"a":' * 400 + "1" + "}" * 400 + "}",
    "nested 900": '{"name": "x", "spec": ' + "[" * 900 + "]" * 900 + "}",
    "nested 998": '{"name": "x", "spec": ' + "[" * 998 + "]" * 998 + "}",
    "nested name": '{"spec": %s, "name": ' + "[" * 998 + "]" * 998 + "}",
    "nested status": '{"name": "x", "spec": {}, "status": ' + "[" * 998 + "]" * 998 + "}",
    "a number of 5,000 digits": '{"name": "x", "spec": {"units": ' + "9" * 5000 + "}}",
    "infinity": '{"name": "x", "spec": {"units": 1e999}}',
    "a lone surrogate": '{"name": "\\ud800", "spec": {"\\udfff": "\\ud800"}}',
    "a lone surrogate in a status": '{"name": 1, "spec": {}, "status": {"a": "\\ud800"}}',
    "NUL": '{"name": "\\u0000", "spec": {"\\u0000": "\\u0000"}}',
    "twice the same key": '{"name": "x", "spec": %s, "spec": []}',
    "a million bytes": '{"name": "x", "spec": {"a": "' + "y" * 1_000_000 + '"}}',
    "a list of 100,000": '{"name": "x", "spec": [' + "1," * 99_999 + "1]}",
    "nothing": "{}",
    "nulls": '{"name": null, "spec": null, "status": null, "revision": null}',
    "a revision of text": '{"name": "x", "spec": {}, "revision": "3", "status": {"observed": 1}}',
    "a revision beyond": '{"name": "x", "spec": {}, "revision": 9223372036854775807}',
    "a revision far beyond": '{"name": "x", "spec": {}, "revision": 1e300}',
    "a status that says valid": '{"name": "x", "spec": {}, "status": {"validation": '
    '{"state": "valid", "revision": 1}, "observed": {"revision": 1, "spec_hash": ""}}}',
    "odd times": '{"name": "x", "spec": {}, "updated_at": {"a": 1}, "created_at": "yesterday"}',
}


def _good(shop: ApiShop) -> dict[str, Any]:
    dataset, features, model = (
        shop.ids[one] for one in ("datasets", "feature_configs", "model_configs")
    )
    source = {"kind": "csv", "uri": str(shop.folder / "purchases.csv")}
    return {
        "datasets": {"source": source, "column_mapping": MAPPING},
        "feature_configs": feature_spec(dataset[0], 32),
        "model_configs": MODEL_SPEC,
        "quick_tests": {"feature_config_id": features[0], "model_config_id": model[0]},
        "sweeps": {"feature_config_ids": features, "model_config_ids": model},
    }


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from _places(value[key], (*path, key))


def _with(spec: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    changed = copy.deepcopy(spec)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return changed


def _drawn(good: dict[str, Any], times: int) -> list[tuple[str, str]]:
    """Good specs with something odd in one place, and odd documents altogether."""
    drawn: list[tuple[str, str]] = []

    @seed(7)
    @settings(
        max_examples=times,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.sampled_from(sorted(good)), _JSON, st.randoms(use_true_random=False), st.booleans())
    def draw(collection: str, odd: Any, chance: random.Random, whole: bool) -> None:
        place = chance.choice(list(_places(good[collection])))
        document = {"name": "odd", "spec": _with(good[collection], place, odd)}
        if whole:
            document |= odd if isinstance(odd, dict) else {"status": odd, "description": odd}
        drawn.append((collection, json.dumps(document)))

    draw()
    return drawn


class Faults(logging.Handler):
    """The threads that met a fault: a crash loop shows as many."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.ERROR and record.name.startswith("local"):
            reason = record.exc_info[1] if record.exc_info else ""
            self.said.append(f"{record.getMessage()}: {reason!r}"[:200])


@trial("abuse", "any JSON in the store: a verdict each, no crash loop", seconds=180)
def raw_documents(tally: Tally) -> None:
    faults = Faults()
    logging.getLogger("local").addHandler(faults)
    with api_shop(tally.folder) as shop:
        good = _good(shop)
        written: dict[str, str] = {}
        texts = [
            (collection, text.replace("%s", json.dumps(good[collection])), what)
            for number, (what, text) in enumerate(_TEXTS.items())
            for collection in tally.of(sorted(good), [sorted(good)[number % len(good)]])
        ]
        texts += [(collection, text, text) for collection, text in _drawn(good, tally.of(300, 40))]
        for number, (collection, text, what) in enumerate(texts):
            path = f"{collection}/odd-{number}"
            shop.insert(path, text)
            written[path] = f"{path} ({what[:80]})"
        tally.tried(len(written))
        shop.system.runtime.wait_idle(PATIENCE)
        for path, named in written.items():
            _judged(shop, path, named, tally)
        for letter in shop.system.events.dead_letters():
            tally.loses(f"a dead letter: {letter.reason[:200]}")
        for said in sorted(set(faults.said)):
            tally.loses(f"a fault: {said}")
        tally.figure(f"slowest read {_read_all(shop, written, tally):.0f} ms")


def _judged(shop: ApiShop, path: str, named: str, tally: Tally) -> None:
    status = shop.stored(path).get("status")
    validation = status.get("validation") if isinstance(status, dict) else None
    if not isinstance(validation, dict):
        tally.loses(f"{named}: no verdict")
    elif validation.get("state") not in ("valid", "invalid", "waiting"):
        tally.loses(f"{named}: {validation.get('state')}")
    elif validation["state"] == "invalid" and not all(
        problem["message"] and isinstance(problem["path"], str)
        for problem in validation["problems"] or [{"message": ""}]
    ):
        tally.loses(f"{named}: invalid, without a reason")


def _read_all(shop: ApiShop, written: dict[str, str], tally: Tally) -> float:
    slowest = 0.0
    with httpx.Client(base_url=f"{shop.url}/api/", timeout=30) as client:
        addresses = [f"{one}/?limit=200" for one in ("datasets", "feature-configs", "sweeps")]
        addresses += [f"{one}/?limit=200" for one in ("model-configs", "quick-tests")]
        for path in written:
            collection, _, document_id = path.partition("/")
            address = f"{collection.replace('_', '-')}/{document_id}/"
            more = ["versions/"] if collection in ("feature_configs", "model_configs") else []
            if collection == "quick_tests":
                more = ["generated-code/", "sample-tensors/", "fixes/", "report.json/"]
            addresses += [address, *(address + one for one in more)]
        for address in addresses:
            began = time.monotonic()
            answer = client.get(address)
            slowest = max(slowest, time.monotonic() - began)
            if answer.status_code >= 500:
                document = "/".join(address.split("/")[:2]).replace("-configs", "_configs")
                what = written.get(document.replace("quick-", "quick_"), "")
                tally.loses(f"GET {address}: {answer.status_code} {what}")
            tally.tried()
    return slowest * 1000
