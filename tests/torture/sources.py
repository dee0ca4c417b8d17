"""What a dataset's source may make Recsmith read: no other machine, no device, no process; and no
file that is more than it seems."""

from __future__ import annotations

import gzip
import multiprocessing
import os
import random
import resource
import socket
import threading
import time
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from local.data.limits import Limits
from local.data.source import DuckDBDataSource
from shared.documents.dataset import BigQuerySource, FileSource, Source
from shared.gcp.bigquery import BigQueryDataSource
from shared.problems import InvalidError
from tests.torture.trial import Tally, trial
from trainer_image.examples.read import read_examples
from trainer_image.job.status import JobFailedError

_LIMITS = Limits(memory="256MB", spill="256MB", seconds=5, inspect_seconds=5)
# Beyond the 256 MB that DuckDB counts there are Python, Arrow and what is being decoded.
_MOST_MB = 1_500
_MOST_SECONDS = 25.0


@trial("abuse", "sources elsewhere: SSRF, devices, pipes, links, patterns", seconds=120)
def elsewhere(tally: Tally) -> None:
    server = _Listener()
    at = f"127.0.0.1:{server.port}"
    (folder := tally.folder / "in").mkdir()
    os.mkfifo(folder / "pipe.csv")
    os.mkfifo(tally.folder / "pipe.parquet")
    (secret := tally.folder / "secret.csv").write_text("password,x\nhush,1\n")
    (folder / "link.csv").symlink_to(secret)
    (links := tally.folder / "links").mkdir()
    (links / "zero.csv").symlink_to("/dev/zero")
    (links / "environ.csv").symlink_to("/proc/self/environ")
    schemes = (
        *("http", "https", "HTTP", "ftp", "s3", "gs", "GS", "gcs", "r2", "az", "azure", "abfss"),
        *("hf", "hdfs", "sftp", "ssh", "smb", "jdbc", "ldap", "gopher", "dict", "data", "ducklake"),
    )
    uris = [
        *(f"{scheme}://{at}/{name}" for scheme in schemes for name in ("a.csv", "*.parquet")),
        *("http://169.254.169.254/computeMetadata/v1/", "http://metadata.google.internal/a.csv"),
        *(f"file://{at}/a.csv", f"//{at}/a.csv", f"/vsicurl/http://{at}/a.csv", f"\thttp://{at}/a"),
        *(f"/{at}/a.csv", f"http:{at}", f"http:/{at}/a.csv", f"[http://{at}/a.csv]", f"'{at}'"),
        *("/proc/self/environ", "/proc/self/mem", "/proc/self/fd/0", "/proc/1/maps", "/proc/*/e*"),
        *("/dev/zero", "/dev/random", "/dev/stdin", "/dev/fd/0", "/dev/tty", "/dev/*", "/sys/**/*"),
        *(str(one) for one in (folder / "pipe.csv", tally.folder / "pipe.parquet", folder)),
        *(f"{folder}/*.csv", f"{links}", f"{links}/*", f"{links}/zero.csv", f"{links}/environ.csv"),
        *(
            "/**/*.nothing",
            "/**/**/**/**/*.nothing",
            "/*/*/*/*/*.nothing",
            f"{folder}/../../**/x.q",
        ),
        *("relative.csv", "~/a.csv", "../a.csv", "", "\0", "/a\0b", "/" + "x" * 1990, "/" * 1990),
    ]
    here = DuckDBDataSource(tally.folder / "home", _LIMITS)
    slowest = 0.0
    for kind in ("csv", "parquet"):
        for uri in uris[:: tally.of(1, 3)]:
            source = FileSource.model_construct(kind=kind, uri=uri)
            asked: dict[str, Callable[[], Any]] = {
                "inspected": partial(here.inspect, source),
                "profiled": partial(here.profile, source),
            }
            if not uri.lower().startswith("gs:"):  # which the trainer may read, with TensorFlow
                asked["trained on"] = partial(_read, source)
            for how, ask in asked.items():
                tally.tried()
                began = time.monotonic()
                told = _within(20, ask)
                slowest = max(slowest, time.monotonic() - began)
                if told not in ("InvalidError", "JobFailedError"):
                    tally.lets_in(f"{uri[:80]!r} as {kind} is {how}: {told}")
    deployed = BigQueryDataSource(None)
    for uri in ("/etc/hosts", "gs://bucket/a.csv", f"http://{at}/a.csv"):
        tally.tried()
        told = _within(5, partial(deployed.profile, FileSource(kind="csv", uri=uri)))
        if told != "InvalidError":
            tally.lets_in(f"{uri!r} where only BigQuery is read: {told}")
    tally.tried()
    told = _within(5, lambda: here.profile(BigQuerySource(kind="bigquery", table="a.b.c")))
    if told != "InvalidError":
        tally.lets_in(f"BigQuery from a laptop: {told}")
    if server.heard:
        tally.lets_in(f"{server.heard} connections were made")
    tally.figure(f"slowest refusal {slowest:.1f} s")


def _within(seconds: float, ask: Callable[[], Any]) -> str:
    """What comes of asking: the exception's name, or the answer; `stuck` after some time."""
    said: list[str] = []

    def run() -> None:
        try:
            said.append(repr(ask())[:200])
        except (InvalidError, JobFailedError) as error:
            said.append(type(error).__name__)
        except BaseException as error:
            said.append(f"{type(error).__name__}: {error}"[:300])

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    return said[0] if said else "stuck"


def _read(source: FileSource) -> Any:
    return read_examples(_examples(source))


def _examples(source: Source) -> Any:
    from shared.examples import ExamplesSpec, RawFeature, RawType

    features = [RawFeature(key=k, column=k, type=RawType.TEXT) for k in ("password", "x")]
    return ExamplesSpec.model_construct(
        source=source,
        features=features,
        query_keys=["password"],
        candidate_keys=["x"],
        customer_key="password",
        product_key="x",
    )


class _Listener:
    """Counts who connects."""

    def __init__(self) -> None:
        self.heard = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            self.heard += 1
            connection.close()


@trial("abuse", "files that are more than they seem: bombs, nesting, lies", seconds=300)
def bombs(tally: Tally) -> None:
    """Each is told in bounded memory, time and disk, by a process that does not crash."""
    made = _bombs(tally)
    most, slowest = 0, 0.0
    for name, path in made.items():
        kind = "parquet" if path.suffix == ".parquet" else "csv"
        told = _alone(kind, path, tally.folder / "home")
        for how, (said, megabytes, seconds) in told.items():
            tally.tried()
            most, slowest = max(most, megabytes), max(slowest, seconds)
            harmless = said.startswith("Invalid") or how == "inspect" or name.startswith("damaged")
            if not harmless or said.startswith(("crashed", "stuck", "a fault")):
                tally.lets_in(f"{name} ({path.stat().st_size:,} bytes), {how}: {said}")
            if megabytes > _MOST_MB or seconds > _MOST_SECONDS:
                tally.lets_in(f"{name}, {how}: {megabytes:,} MB, {seconds:.0f} s")
    left = list((tally.folder / "home" / "tmp").glob("*"))
    if left:
        tally.loses(f"spilled files stay behind: {left}")
    tally.figure(f"at most {most:,} MB and {slowest:.0f} s each (limit 256 MB, 5 s)")


def _bombs(tally: Tally) -> dict[str, Path]:
    folder = tally.folder
    made: dict[str, Path] = {}

    def file(name: str, ending: str) -> Path:
        made[name] = folder / f"{name.replace(' ', '-')}{ending}"
        return made[name]

    writer = duckdb.connect()
    writer.execute("SET enable_progress_bar = false")
    writer.sql("SELECT repeat('x', 300_000_000) AS customer, 1 AS product").write_parquet(
        str(file("one long value", ".parquet")), compression="zstd"
    )
    rows = 20_000_000
    same = pa.DictionaryArray.from_arrays(
        pa.array(np.zeros(rows, dtype=np.int32)), pa.array(["c" * 100_000])
    )
    table = pa.table({"customer": same, "product": same})
    pq.write_table(table, file("a value repeated", ".parquet"), row_group_size=rows)
    deep: Any = pa.int64()
    for _ in range(2_000):
        deep = pa.struct([("a", deep)])
    pq.write_table(pa.table({"deep": pa.nulls(1, deep)}), file("nested 2000 deep", ".parquet"))
    with gzip.open(file("one line", ".csv.gz"), "wb") as out:
        out.write(b"customer,product\n")
        for _ in range(tally.of(500, 20)):
            out.write(b"x" * 1_000_000)
    with zipfile.ZipFile(file("zipped", ".csv"), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", b"0" * 50_000_000)
    if tally.small:
        return made
    wide = pa.table({f"c{n}": [1] for n in range(5_000)})
    pq.write_table(wide, file("5000 columns", ".parquet"))
    with gzip.open(file("many lines", ".csv.gz"), "wb") as out:
        out.write(b"customer,product\n")
        for n in range(200):
            out.write(b"".join(b"%d,%d\n" % (n, i) for i in range(1000)) * 250)
    file("one open quote", ".csv").write_bytes(b'a,b\n1,"' + b"x\n" * 20_000_000)
    file("half a gzip", ".csv.gz").write_bytes(gzip.compress(b"a,b\n" * 10_000)[:-30])
    good = folder / "good.parquet"
    writer.sql("SELECT i AS customer, 'p' || i AS product FROM range(5000) t(i)").write_parquet(
        str(good)
    )
    whole, chance = good.read_bytes(), random.Random(7)
    for number in range(12):
        damaged = bytearray(whole)
        for _ in range(chance.choice((1, 8, 64))):
            # Most of what steers a reader is in the footer.
            place = chance.choice(
                (chance.randrange(len(whole)), len(whole) - chance.randrange(200))
            )
            damaged[min(place, len(whole) - 1)] = chance.randrange(256)
        file(f"damaged {number}", ".parquet").write_bytes(bytes(damaged))
    return made


def _alone(kind: str, path: Path, home: Path) -> dict[str, tuple[str, int, float]]:
    """What comes of looking at a file and of profiling it, with the memory at its height until
    then, in MB, and the seconds that it took."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    answers, answer = context.Pipe(duplex=False)
    process = context.Process(target=_asked, args=(kind, path, home, answer))
    process.start()
    answer.close()
    told = {}
    try:
        for how in ("inspect", "profile"):
            told[how] = answers.recv() if answers.poll(60) else ("stuck", 0, 60.0)
    except EOFError:
        process.join()
        told[how] = f"crashed: {process.exitcode}", 0, 0.0
    finally:
        process.kill()
        process.join()
    return told


def _asked(kind: str, path: Path, home: Path, answer: Any) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    source = FileSource.model_validate({"kind": kind, "uri": str(path)})
    data = DuckDBDataSource(home, _LIMITS)
    for ask in (data.inspect, data.profile):
        began = time.monotonic()
        try:
            told = repr(ask(source))[:100]
        except InvalidError as error:
            told = f"Invalid: {error}"[:300]
        except BaseException as error:
            told = f"a fault: {type(error).__name__}: {error}"[:300]
        # Of this process alone; `ru_maxrss` begins with what the parent had at its height.
        status = Path("/proc/self/status").read_text()
        most = int(status.partition("VmHWM:")[2].split()[0]) // 1024
        answer.send((told, most, time.monotonic() - began))
