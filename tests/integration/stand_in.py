"""A stand-in for the trainer's Python: as quick as a test wants it, with results made up."""

from __future__ import annotations

import sys
from pathlib import Path

# It notes every start in `starts.txt` of the home; `slow` in the home makes training last, and
# `varied` makes results depend on how many columns are embedded.
_PROGRAM = """
import json, pathlib, sys, time
from datetime import datetime, timezone
from urllib.parse import urlsplit
module, arguments = sys.argv[2], sys.argv[3:]
if module == "trainer_image.serve":
    for line in sys.stdin:
        asked = json.loads(line)["request"]
        known = asked["customer_id"] == "c007"
        best = [{"product_id": "p", "name": str(asked["values"]), "score": 1.5, "rating": None,
                 "bought_before": known}]
        bought = [{"product_id": "p", "name": "Soap", "count": 3}] if known else []
        answer = {"known": known, "query": asked["values"], "recommendations": best,
                  "ratings": [], "history": bought, "products_bought": len(bought)}
        if "sku" in asked["values"]:
            path = "values.sku"
            answer = None
            wrong = [{"path": path, "code": "unknown_column", "message": "No such column."}]
        print(json.dumps({"answer": answer} if answer else {"problems": wrong}), flush=True)
    sys.exit()
job = pathlib.Path(arguments[0])
request = json.loads((job / "request.json").read_text())
output = pathlib.Path(urlsplit(request["output_uri"]).path)
(output / "model").mkdir(parents=True, exist_ok=True)
(output / "model" / "saved_model.pb").write_bytes(b"")
with (job.parent.parent / "starts.txt").open("a") as file:
    file.write(job.name + chr(10))
def say(task, state):
    line = {"task": task, "state": state, "at": datetime.now(timezone.utc).isoformat()}
    with (job / "status.jsonl").open("a") as file:
        file.write(json.dumps(line) + chr(10))
for task in ("examples", "transform", "train", "evaluate"):
    say(task, "running")
    if task == "train":
        while (job.parent.parent / "slow").exists():
            time.sleep(0.05)
        epochs = range(1, request["epochs"] + 1)
        told = [{"epoch": n, "loss": 10.0 - n, "seconds": 0.1} for n in epochs]
        (output / "progress.json").write_text(json.dumps(told))
    say(task, "succeeded")
protocol = {"split": "temporal", "holdout_fraction": 0.1, "sample_percent": 10, "seed": 1,
            "sample_by": "customer", "train_rows": 90, "holdout_rows": 10,
            "holdout_customers": 5, "candidates": 20}
recall = {f"recall_at_{k}": k / 200 for k in (5, 10, 50, 100)}
if (job.parent.parent / "varied").exists():
    recall = {k: v * len(request["vocabularies"]) / 10 for k, v in recall.items()}
report = {"metrics": recall, "baselines": {"popularity": {k: v / 2 for k, v in recall.items()}},
          "protocol": protocol}
(output / "metrics.json").write_text(json.dumps(report))
report = [{**{key: item[key] for key in ("key", "column", "tower")}, "vocabulary_size": 12,
           "oov_rate": 0.25} for item in request["vocabularies"]]
(output / "vocabulary.json").write_text(json.dumps(report))
(job / "exit.json").write_text(json.dumps({"returncode": 0}))
"""


def stand_in(folder: Path) -> Path:
    """Writes the stand-in; it is called like a Python (`stand_in -m trainer_image.run JOBDIR`)."""
    path = folder / "python"
    path.write_text(f"#!{sys.executable} -S\n{_PROGRAM}")
    path.chmod(0o755)
    return path
