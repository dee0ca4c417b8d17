"""Examples that are kept for later jobs: whole, or not at all."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shared import code_version
from shared.customers import CUSTOMERS_FILE
from shared.documents.base import CodeArtifact
from shared.documents.dataset import BigQuerySource, FileSource, Source
from shared.examples import ExamplesSpec
from shared.jobs import JobRequest
from trainer_image.examples.reuse import FOLDER, LIMIT_MIB, ExampleCache, cache_key
from trainer_image.job.status import JobFailedError

_MIB = 1 << 20
KEY, OTHER, THIRD = "a" * 64, "b" * 64, "c" * 64


def made(folder: Path, content: bytes = b"rows") -> Path:
    """What the first two stages leave."""
    for name in (
        "examples/train/part-00000.parquet",
        "times/train.parquet",
        "rows.json",
        CUSTOMERS_FILE,
        "candidates.parquet",
        "transform_graph/transform_fn/saved_model.pb",
        "transformed/train/part-00000.tfrecord",
    ):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content + name.encode())
    return folder


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def fresh(tmp_path: Path, name: str = "target") -> Path:
    (tmp_path / name).mkdir()
    return tmp_path / name


@pytest.fixture
def cache(tmp_path: Path) -> ExampleCache:
    return ExampleCache(tmp_path / "cache", _MIB)


def test_what_was_kept_is_taken_whole_and_nothing_else_is(
    cache: ExampleCache, tmp_path: Path
) -> None:
    source = made(tmp_path / "source")
    (source / "metrics.json").write_text("{}")
    cache.keep(KEY, source)
    target = fresh(tmp_path)
    assert cache.take(KEY, target)
    assert files(target) == files(made(tmp_path / "expected"))
    assert not cache.take(OTHER, target)


def break_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def turn_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[0] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("harm", [break_off, turn_a_bit, Path.unlink])
@pytest.mark.parametrize("name", ["transformed/train/part-00000.tfrecord", "manifest.json"])
def test_what_is_not_whole_is_never_taken(
    cache: ExampleCache, tmp_path: Path, harm: Callable[[Path], None], name: str
) -> None:
    cache.keep(KEY, made(tmp_path / "source"))
    harm(cache.folder / KEY / name)
    target = fresh(tmp_path)
    assert not cache.take(KEY, target)
    assert not list(target.iterdir())
    cache.keep(KEY, tmp_path / "source")  # and is replaced
    assert cache.take(KEY, target)


def test_what_another_version_has_made_is_never_taken(
    cache: ExampleCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.keep(KEY, made(tmp_path / "source"))
    with monkeypatch.context() as upgraded:
        upgraded.setattr(code_version, "LOADED", "another")
        assert not cache.take(KEY, fresh(tmp_path))
        cache.keep(KEY, tmp_path / "source")  # by a process under which the code was changed
    assert not list(cache.folder.iterdir())


def test_the_key_is_of_the_code_that_was_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("customer,product\n")
    source = FileSource(kind="csv", uri=str(path))
    key = cache_key(request(source))
    monkeypatch.setattr(code_version, "LOADED", "an older one")
    assert cache_key(request(source)) != key


@pytest.mark.parametrize("name", ["../secret", "examples/../../../secret", "{outside}", "other/x"])
def test_a_manifest_names_files_of_its_entry_only(
    cache: ExampleCache, tmp_path: Path, name: str
) -> None:
    (outside := tmp_path / "secret").write_bytes(b"hush")
    (cache.folder / "secret").parent.mkdir(parents=True, exist_ok=True)
    (cache.folder / "secret").write_bytes(b"hush")
    cache.keep(KEY, made(tmp_path / "source"))
    manifest = cache.folder / KEY / "manifest.json"
    digest = hashlib.blake2b(b"hush", digest_size=20).hexdigest()
    told = json.loads(manifest.read_bytes())
    told["files"][name.format(outside=outside)] = [4, digest]
    manifest.write_text(json.dumps(told))
    target = fresh(tmp_path, "taken")
    assert not cache.take(KEY, target)
    assert not list(target.iterdir())
    assert not (tmp_path / "examples").exists()


def test_a_kept_file_that_is_a_link_is_not_taken(cache: ExampleCache, tmp_path: Path) -> None:
    cache.keep(KEY, made(tmp_path / "source"))
    kept = cache.folder / KEY / "candidates.parquet"
    (tmp_path / "same").write_bytes(kept.read_bytes())
    kept.unlink()
    kept.symlink_to(tmp_path / "same")
    assert not cache.take(KEY, fresh(tmp_path))


def test_what_was_damaged_is_kept_anew(cache: ExampleCache, tmp_path: Path) -> None:
    cache.keep(KEY, made(tmp_path / "source"))
    turn_a_bit(cache.folder / KEY / "candidates.parquet")
    assert not cache.take(KEY, fresh(tmp_path))
    cache.keep(KEY, made(tmp_path / "source"))
    assert cache.take(KEY, tmp_path / "target")


def test_concurrent_jobs_keep_one_entry_and_take_whole_ones(
    cache: ExampleCache, tmp_path: Path
) -> None:
    sources = [made(tmp_path / f"source {number}", bytes(100_000)) for number in range(4)]
    expected = files(sources[0])
    wrong = []

    def work(number: int) -> None:
        for turn in range(20):
            cache.keep(KEY, sources[number])
            target = fresh(tmp_path, f"{number} {turn}")
            if cache.take(KEY, target) and files(target) != expected:
                wrong.append(target)
            if turn % 5 == number:  # somebody evicts it meanwhile
                ExampleCache(cache.folder, 1).keep(KEY, sources[number])
                ExampleCache(cache.folder, 0)._evict()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))  # raises what any of them raised
    assert not wrong
    cache.keep(KEY, sources[0])
    assert [path.name for path in cache.folder.iterdir()] == [KEY]


def test_a_draft_that_its_job_has_just_removed_does_not_stop_the_clearing(
    cache: ExampleCache, tmp_path: Path
) -> None:
    cache.keep(KEY, made(tmp_path / "source"))
    gone = cache.folder / ".gone.draft"
    gone.symlink_to("nowhere")  # listed, and not there any more
    ExampleCache(cache.folder, 0)._evict()
    assert [path.name for path in cache.folder.iterdir()] == [gone.name]


def test_entries_beyond_the_limit_go_in_the_order_of_their_last_use(tmp_path: Path) -> None:
    source = made(tmp_path / "source", bytes(100_000))
    cache = ExampleCache(tmp_path / "cache", 1_600_000)  # two of them
    for place, key in enumerate((KEY, OTHER)):
        cache.keep(key, source)
        os.utime(cache.folder / key / "manifest.json", (1000 + place, 1000 + place))
    assert cache.take(KEY, fresh(tmp_path))
    cache.keep(THIRD, source)
    assert sorted(path.name for path in cache.folder.iterdir()) == [KEY, THIRD]


def test_what_is_larger_than_the_limit_is_not_kept(tmp_path: Path) -> None:
    cache = ExampleCache(tmp_path / "cache", 1000)
    cache.keep(KEY, made(tmp_path / "source", bytes(1000)))
    assert not cache.folder.exists()


def test_what_a_killed_job_has_left_goes_later(cache: ExampleCache, tmp_path: Path) -> None:
    left, new = cache.folder / ".left.draft", cache.folder / ".new.draft"
    for draft in (left, new):
        made(draft)
    os.utime(left, (1000, 1000))
    cache.keep(KEY, made(tmp_path / "source"))
    assert not left.exists()
    assert new.exists()  # another job may be at it


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cache = ExampleCache(tmp_path / "file" / "cache", _MIB)
    cache.keep(KEY, made(tmp_path / "source"))
    assert not cache.take(KEY, fresh(tmp_path))


def request(source: Source, code: str = "0", **changes: object) -> JobRequest:
    artifact = CodeArtifact(uri="file:///code.py", sha256=code * 64)
    spec = ExamplesSpec(
        source=source,
        features=[],
        query_keys=[],
        candidate_keys=[],
        customer_key="customer",
        product_key="product",
    )
    return JobRequest(
        job_id="a",
        quick_test_id="b",
        preprocessing=artifact,
        trainer=CodeArtifact(uri="file:///trainer.py", sha256="9" * 64),
        examples=spec.model_copy(update=changes),
        vocabularies=[],
        epochs=1,
        output_uri="file:///output",
    )


def test_a_key_stands_for_rows_and_features_and_for_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("customer,product\n")
    source = FileSource(kind="csv", uri=str(path))
    key = cache_key(request(source))
    assert key is not None
    other_model = request(source).model_copy(update={"job_id": "c", "epochs": 7})
    assert cache_key(other_model) == key
    unlike = [
        request(source, code="1"),
        request(source, seed=43),
        request(source, sample_percent=20.0),
        request(source, data_fingerprint="another"),
    ]
    assert len({key, *map(cache_key, unlike)}) == 5


def test_another_content_under_the_same_size_and_time_is_another_key(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("customer,product\na,b\n")
    source = FileSource(kind="csv", uri=str(path))
    key, times = cache_key(request(source)), path.stat()
    path.write_text("customer,product\nc,d\n")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert cache_key(request(source)) not in (None, key)


def test_nothing_is_kept_of_a_source_that_may_change_unseen(tmp_path: Path) -> None:
    assert cache_key(request(FileSource(kind="csv", uri="gs://bucket/rows.csv"))) is None
    assert cache_key(request(FileSource(kind="csv", uri=str(tmp_path / "gone.csv")))) is None
    table = BigQuerySource(kind="bigquery", table="project.dataset.table")
    assert cache_key(request(table)) is None


def test_the_environment_says_where_and_how_much(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(FOLDER, raising=False)
    monkeypatch.delenv(LIMIT_MIB, raising=False)
    assert ExampleCache.from_environment() is None
    monkeypatch.setenv(FOLDER, str(tmp_path))
    assert ExampleCache.from_environment() == ExampleCache(tmp_path, 4096 * _MIB)
    monkeypatch.setenv(LIMIT_MIB, "7")
    assert ExampleCache.from_environment() == ExampleCache(tmp_path, 7 * _MIB)
    monkeypatch.setenv(LIMIT_MIB, "0")
    assert ExampleCache.from_environment() is None
    monkeypatch.setenv(LIMIT_MIB, "much")
    with pytest.raises(
        JobFailedError, match=r"RECSMITH_CACHE_MIB is 'much'; expected a whole number"
    ):
        ExampleCache.from_environment()
