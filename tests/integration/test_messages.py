"""A laptop tells whom it was told to tell that a test has ended."""

from __future__ import annotations

import json
from pathlib import Path

from tests.integration.laptop import Laptop, configs
from tests.integration.test_outbound import Receiver
from tests.waiting import eventually


def test_a_laptop_tells_its_channels(tmp_path: Path) -> None:
    laptop = Laptop(tmp_path)
    laptop.run("dataset", "add", "purchases.csv")
    with Receiver() as receiver:
        url = f"http://127.0.0.1:{receiver.port}/hooks/1"
        channel = {"name": "me", "form": "webhook", "url": url}
        laptop.environment["RECSMITH_CHANNELS"] = json.dumps([channel])
        with laptop.up() as system:
            configs(system)
            laptop.run("quick-test", "run", "Features", "Model")
            eventually(lambda: bool(receiver.got))
        ((path, key, body),) = receiver.got
    told = json.loads(body)
    assert path == "/hooks/1"
    assert (told["id"], told["kind"], told["outcome"]) == (key, "quick_test", "completed")
    assert told["url"] is None


def test_channels_that_are_none_are_refused_before_anything_starts(tmp_path: Path) -> None:
    laptop = Laptop(tmp_path)
    channel = {"name": "me", "form": "slack", "url": "http://chat.example.com/hush"}
    laptop.environment["RECSMITH_CHANNELS"] = json.dumps([channel])
    said = laptop.run("dataset", "list", status=1)
    assert "RECSMITH_CHANNELS: 0.url: an address that begins with https://." in said
    assert "hush" not in said
