"""Statuses that are written by whoever may write documents: every field of every kind, with places
of code, jobs and files elsewhere, other people's ids, and numbers and times that are none."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx

from shared.documents.base import spec_hash
from shared.documents.dataset import DatasetStatus
from shared.documents.feature_config import FeatureConfigStatus
from shared.documents.model_config import ModelConfigStatus
from shared.documents.quick_test import QuickTestStatus
from shared.documents.sweep import SweepStatus
from tests.torture.api_shop import ApiShop, api_shop
from tests.torture.hostile import copied
from tests.torture.raw_documents import Faults
from tests.torture.shop import seeded
from tests.torture.traversal import files_in
from tests.torture.trial import Tally, trial
from tests.waiting import PATIENCE, eventually

_SECRET = "hush-this-lies-outside"
_EVIL = f"# {_SECRET}\ndef preprocessing_fn(inputs): raise SystemExit\nrun_fn = preprocessing_fn\n"
_STATUSES: dict[str, Any] = {
    "datasets": DatasetStatus,
    "feature_configs": FeatureConfigStatus,
    "model_configs": ModelConfigStatus,
    "quick_tests": QuickTestStatus,
    "sweeps": SweepStatus,
}
_STATES = {
    "quick_tests": ("pending", "running", "completed", "cancelled"),
    "sweeps": ("pending", "running", "completed"),
}
_TIMES = [
    "2024-01-01T00:00:00",  # of no zone
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "yesterday",
]
_WHOLE: list[Any] = [-1, 0, 2**63 - 1, 10**30, 0.5]
_NUMBERS: list[Any] = [-1.0, 0.0, 1e308, 10**400, "1e999"]
_FEW = 40  # fields, in the small form
_PARTS, _TRIED_PARTS = 15, 2  # of the full form; the seed says which
Path_ = tuple[str | int, ...]
Hostile = tuple[str, dict[str, Any], str]


@trial("abuse", "statuses that others write: code, places, jobs, numbers", seconds=900)
def written_status(tally: Tally) -> None:
    if tally.small:
        _written(tally, tally.folder, slice(None))
        return
    # A system for each part: what one does with each test grows with how many there are.
    with seeded(tally) as chance:
        for part in chance.sample(range(_PARTS), _TRIED_PARTS):
            folder = tally.folder / str(part)
            folder.mkdir()
            _written(tally, folder, slice(part, None, _PARTS))


def _written(tally: Tally, folder: Path, part: slice) -> None:
    faults = Faults()
    logging.getLogger("local").addHandler(faults)
    outside = _outside(folder / "outside")
    with api_shop(folder) as shop:
        before = files_in(folder, shop.system.home)
        home = files_in(shop.system.home, shop.system.home / "artifacts")
        victim = _victim(shop)
        written: dict[str, str] = {}
        hostile = list(_hostile(shop, victim, outside))
        chosen = tally.of(hostile, _some(hostile))[part]
        for number, (collection, status, what) in enumerate(chosen):
            path = f"{collection}/odd-{number:04}"
            spec = copied(shop.stored(f"{collection}/{shop.ids[collection][0]}")["spec"])
            status = _consistent(path, spec, status)
            document = {"name": "odd", "spec": spec, "revision": 1, "status": status}
            shop.insert(path, json.dumps(document))
            written[path] = what
        tally.tried(len(written))
        shop.system.runtime.wait_idle(PATIENCE)
        if shop.stored(f"quick_tests/{victim}")["status"]["state"] != "running":
            tally.loses("somebody else's job was cancelled")
        (shop.system.home / "slow").unlink()
        _end(shop, written, tally)
        _goes_on(shop, victim, tally)
        _read_all(shop, written, tally)
        _requests(shop.system.home, tally)
        for letter in shop.system.events.dead_letters():
            tally.loses(f"a dead letter: {letter.reason[:300]}")
        for said in sorted(set(faults.said)):
            tally.loses(f"a fault: {said}")
        folders = files_in(shop.system.home, shop.system.home / "artifacts") - home
        for name in folders:
            if not name.startswith(("jobs/", "jobs", "state.db", "predictions.log")):
                tally.lets_in(f"written beside the store: {name}")
    if more := files_in(folder, folder / "home") - before:
        tally.lets_in(f"written outside: {more}")
    logging.getLogger("local").removeHandler(faults)


def _outside(folder: Path) -> dict[str, str]:
    """What a job leaves, and code, outside of the store; with their addresses."""
    (folder / "model").mkdir(parents=True)
    (folder / "evil.py").write_text(_EVIL)
    (folder / "model" / "saved_model.pb").write_text(_SECRET)
    tensors = {"customers": {_SECRET: [1.0]}, "products": {_SECRET: [1.0]}}
    (folder / "sample_tensors.json").write_text(json.dumps(tensors))
    for name in ("metrics", "vocabulary", "progress", "bootstrap", "request", "stages"):
        (folder / f"{name}.json").write_text(json.dumps({"metrics": {_SECRET: 1}}))
    return {"folder": folder.as_uri(), "evil": (folder / "evil.py").as_uri()}


def _victim(shop: ApiShop) -> str:
    """A test that trains, until `slow` is gone."""
    (shop.system.home / "slow").touch()
    spec = shop.stored(f"quick_tests/{shop.ids['quick_tests'][0]}")["spec"]
    test: str = shop.post("quick-tests", {"name": "Victim", "spec": spec})["id"]
    eventually(lambda: shop.stored(f"quick_tests/{test}")["status"]["state"] == "running")
    return test


def _hostile(shop: ApiShop, victim: str, outside: dict[str, str]) -> Iterator[Hostile]:
    """Statuses, each with what is odd about it: those of documents as they ended, in each state,
    as if launched from evil code to write outside; and with each field replaced by each value."""
    job = shop.stored(f"quick_tests/{victim}")["status"]["job"]["job_id"]
    digest = hashlib.sha256(_EVIL.encode()).hexdigest()
    evil = {"uri": outside["evil"], "sha256": digest}
    texts = [
        *(outside["evil"], outside["folder"], f"{outside['folder']}/../outside", "../../outside"),
        *(victim, job, digest, "javascript:alert(1)", "", "x" * 5000, "\ud800", "a/b"),
    ]
    for collection, kind in _STATUSES.items():
        schema = kind.model_json_schema()
        stored = shop.stored(f"{collection}/{shop.ids[collection][0]}")["status"]
        for state in _STATES.get(collection, (None,)):
            base = copied(stored)
            if state is not None:
                base["state"] = state
            if collection == "quick_tests":
                base["code"] = {"preprocessing": evil, "trainer": evil}
                base["job"] = {"job_id": job, "attempt": 1}
                base["artifacts_uri"] = outside["folder"]
                base["tracking"] = {"run_id": "other", "url": "https://evil.example"}
            if collection == "sweeps":
                base["cancel_requested"] = True
                for test in base["tests"]:
                    test |= {"quick_test_id": victim, "created": True, "state": "running"}
            if collection == "feature_configs":
                base["preprocessing"] = evil
            yield collection, base, f"{collection} as if {state or 'judged'}"
            if collection == "quick_tests":
                for without in ("job", "code", "pinned", "artifacts_uri"):
                    yield collection, {**base, without: None}, f"{state} without {without}"
        if collection == "sweeps":
            base["tests"], base["cancel_requested"] = copied(stored["tests"]), False
        for path, leaf in _leaves(schema, schema["$defs"]):
            told = ".".join(map(str, path))
            for value in _values(leaf, texts):
                for state in ("completed", "pending") if collection in _STATES else (None,):
                    whole = copied(base) if state is None else {**copied(base), "state": state}
                    what = f"{state} {collection} {told} = {str(value)[:60]!r}"
                    yield collection, _with(whole, path, value), what


def _some(hostile: list[Hostile]) -> list[Hostile]:
    """Every preset, and of the fields some, each with another value. Few, for what the system does
    with each test grows with how many there are."""
    chosen = [one for one in hostile if " = " not in one[2]]
    fields: dict[str, list[Hostile]] = {}
    for one in hostile:
        if " = " in one[2]:
            fields.setdefault(one[2].partition(" = ")[0], []).append(one)
    every = len(fields) // _FEW + 1
    for number, options in enumerate(list(fields.values())[::every]):
        chosen.append(options[number % len(options)])
    return chosen


def _leaves(
    schema: dict[str, Any], defs: dict[str, Any], path: Path_ = (), above: tuple[str, ...] = ()
) -> Iterator[tuple[Path_, dict[str, Any]]]:
    """Every field of a status, with its JSON schema; of lists the first item, of mappings `x`."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name not in above:
            yield from _leaves(defs[name], defs, path, (*above, name))
        return
    for option in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield from _leaves(option, defs, path, above)
    for name, inner in schema.get("properties", {}).items():
        yield from _leaves(inner, defs, (*path, name), above)
    if (path and "properties" in schema) or schema.get("type") in ("array", "object"):
        yield path, {"type": "object"}
    if isinstance(schema.get("items"), dict):
        yield from _leaves(schema["items"], defs, (*path, 0), above)
    if isinstance(schema.get("additionalProperties"), dict):
        yield from _leaves(schema["additionalProperties"], defs, (*path, "x"), above)
    if schema.get("type") in ("string", "integer", "number", "boolean"):
        yield path, schema


def _values(leaf: dict[str, Any], texts: list[str]) -> list[Any]:
    if "enum" in leaf:
        return list(leaf["enum"])
    if leaf.get("format") == "date-time":
        return list(_TIMES)
    return {
        "string": texts,
        "integer": _WHOLE,
        "number": _NUMBERS,
        "boolean": [True, False],
        "object": [None, [], {}, [None]],
    }.get(leaf.get("type", ""), [None])


def _with(status: Any, path: Path_, value: Any) -> Any:
    """The status with a value at a path; what is not there on the way is made up."""
    if not path:
        return value
    inner: Any = status
    for place, key in enumerate(path[:-1]):
        following = path[place + 1]
        made: Any = [] if isinstance(following, int) else {}
        if isinstance(inner, list):
            if not inner:
                inner.append(made)
            inner = inner[0]
        else:
            if not isinstance(inner.get(key), type(made)):
                inner[key] = made
            if isinstance(inner[key], dict) and following == "x" and inner[key]:
                inner[key].setdefault("x", next(iter(copied(inner[key]).values())))
            inner = inner[key]
    if isinstance(inner, list):
        inner[:1] = [value]
    else:
        inner[path[-1]] = value
    return status


def _consistent(path: str, spec: Any, status: Any) -> Any:
    """Observed and judged as the system would have written it, but for what is meant to be odd."""
    if not isinstance(status, dict):
        return status
    observed, validation = status.get("observed"), status.get("validation")
    if isinstance(observed, dict) and observed.get("revision") == 1:
        observed["spec_hash"] = spec_hash(spec)
    if path.startswith("sweeps/") and isinstance(status.get("tests"), list):
        for number, test in enumerate(status["tests"], 1):
            own = isinstance(test, dict) and str(test.get("quick_test_id")).startswith("qt-")
            if own and validation:
                test.update(created=False, state="pending", progress=0)
                test["quick_test_id"] = f"qt-{path.partition('/')[2]}-{number:02}"
    return status


def _end(shop: ApiShop, written: dict[str, str], tally: Tally) -> None:
    left = set(written)

    def ended() -> bool:
        left.difference_update([path for path in left if _judged(shop.stored(path), path)])
        return not left

    try:
        eventually(ended, tally.of(600.0, PATIENCE))
    except AssertionError:
        for path in sorted(left):
            found = str(shop.stored(path).get("status"))[:300]
            tally.loses(f"{path} ({written[path]}): no verdict: {found}")


def _judged(document: dict[str, Any], path: str) -> bool:
    status = document.get("status")
    if not isinstance(status, dict):
        return False
    if path.startswith(("quick_tests/", "sweeps/")):
        return status.get("state") in ("completed", "failed", "cancelled")
    validation = status.get("validation")
    state = validation.get("state") if isinstance(validation, dict) else None
    return state in ("valid", "invalid", "waiting")


def _goes_on(shop: ApiShop, victim: str, tally: Tally) -> None:
    """Whatever was written, honest tests and sweeps go well."""
    spec = shop.stored(f"quick_tests/{victim}")["spec"]
    fresh = shop.post("quick-tests", {"name": "Honest", "spec": {**spec, "epochs": 3}})["id"]
    swept = copied(shop.stored(f"sweeps/{shop.ids['sweeps'][0]}")["spec"])
    sweep = shop.post("sweeps", {"name": "Honest", "spec": swept})["id"]
    for path in (f"quick_tests/{victim}", f"quick_tests/{fresh}", f"sweeps/{sweep}"):
        if not shop.completes(path):
            tally.loses(f"{path}, an honest one: {str(shop.stored(path)['status'])[:400]}")


def _read_all(shop: ApiShop, written: dict[str, str], tally: Tally) -> None:
    with httpx.Client(base_url=f"{shop.url}/api/", timeout=60) as client:
        asked = [f"{one.replace('_', '-')}/?limit=200" for one in _STATUSES]
        tests = [path.partition("/")[2] for path in written if path.startswith("quick_tests/")]
        tests = tests[:: tally.of(1, 3)]
        asked += [f"quick-tests/{one}/{end}/" for one in tests for end in _READERS]
        asked += [f"{path.replace('_', '-')}/" for path in written]
        for address in asked:
            answer = _asked(client, "GET", address)
            tally.tried()
            _answered(address, answer, tally)
        for test in tests:
            answer = _asked(
                client, "POST", f"quick-tests/{test}/predictions/", {"customer_id": "c007"}
            )
            tally.tried()
            _answered(f"a prediction of {test}", answer, tally)
        answer = _asked(client, "POST", "heatmap/", {"dataset_id": shop.ids["datasets"][0]})
        tally.tried()
        _answered("heatmap", answer, tally)
        for start in range(0, len(tests), 20):
            answer = _asked(
                client, "POST", "compare/", {"quick_test_ids": tests[start : start + 20]}
            )
            tally.tried()
            _answered("compare", answer, tally)


def _asked(client: httpx.Client, method: str, address: str, body: Any = None) -> httpx.Response:
    """The answer; 500 where the connection broke, which is what a fault while it is sent makes."""
    try:
        return client.request(method, address, json=body)
    except httpx.TransportError as broken:
        return httpx.Response(500, text=str(broken))


_READERS = (
    "generated-code",
    "sample-tensors",
    "fixes",
    "report.json",
    "report",
    "prediction-inputs",
)


def _answered(asked: str, answer: httpx.Response, tally: Tally) -> None:
    if answer.status_code >= 500:
        tally.loses(f"{asked}: {answer.status_code} {answer.text[:200]}")
    read = asked.partition("/")[2].partition("/")[2]
    if _SECRET in answer.text and (read or "prediction" in asked):
        tally.lets_in(f"{asked} reads what lies outside")


def _requests(home: Path, tally: Tally) -> None:
    """Every job that was started runs code of the store, as it was generated, and writes there."""
    store = (home / "artifacts").resolve()
    for path in (home / "jobs").glob("*/request.json"):
        request = json.loads(path.read_bytes())
        tally.tried()
        for name in ("preprocessing", "trainer"):
            module = Path(unquote(urlsplit(request[name]["uri"]).path))
            if module != store / "code" / f"{request[name]['sha256']}.py":
                tally.lets_in(f"{path.parent.name} runs {request[name]}")
            elif _SECRET in module.read_text():
                tally.lets_in(f"{path.parent.name} runs code that was never generated")
        output = Path(unquote(urlsplit(request["output_uri"]).path))
        if output != store / "jobs" / path.parent.name:
            tally.lets_in(f"{path.parent.name} writes to {output}")
