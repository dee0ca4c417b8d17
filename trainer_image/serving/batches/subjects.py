"""For whom a run is: all customers that a model knows, or those of a list."""

from __future__ import annotations

import hashlib
import posixpath
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

import trainer_image.examples.arrow  # noqa: F401
from shared.batches import BatchError
from shared.columns.text_form import python_text
from shared.examples import ExamplesSpec, RawFeature
from shared.wording import first_of
from trainer_image.examples.tables import training_rows
from trainer_image.job.locations import Locations, path_of

_LONGEST = 1000  # characters of an id, as requests have them
_SHOWN = 6


@dataclass(frozen=True)
class Subjects:
    """Ids, each once.

    Attributes:
        left_out: how many are not among them, by why.
        digest: of the list as it was given; None where it was all.
    """

    ids: pa.Array
    left_out: dict[str, int] = field(default_factory=dict)
    digest: str | None = None


def known_customers(places: Locations, spec: ExamplesSpec) -> pa.Array:
    """All who have a training row. Raises FileNotFoundError."""
    rows = training_rows(places, [spec.customer_key])
    return rows[spec.customer_key].unique().cast(pa.large_string())


def all_customers(known: pa.Array) -> Subjects:
    """Whom the model knows, without ids that no request can have."""
    ids = known.filter(pc.less_equal(pc.utf8_length(known), _LONGEST))
    too_long = len(known) - len(ids)
    return Subjects(ids, {"too_long": too_long} if too_long else {})


def listed_customers(path: str, spec: ExamplesSpec, known: pa.Array, *, unknown: bool) -> Subjects:
    """Customers of a Parquet or CSV file, or of a text file with an id on each line.

    Ids are written as the training rows have them, each counts once, and whom the model does not
    know is left out.

    Args:
        unknown: they are answered as strangers instead.

    Raises:
        BatchError: the file cannot be used.
    """
    feature = next(one for one in spec.features if one.key == spec.customer_key)
    given = _read(path, feature)
    texts = [python_text(one, feature.form) for one in given if one is not None]
    if too_long := next((one for one in texts if len(one) > _LONGEST), None):
        raise BatchError(
            f"--customers: an id has at most {_LONGEST:,} characters. Received one of "
            f"{len(too_long):,} that begins with {too_long[:40]!r}."
        )
    if not texts:
        raise BatchError(f"--customers: {path} has no customers.")
    distinct = dict.fromkeys(text for text in texts if text)
    ids = pa.array(distinct, pa.large_string())
    strangers = pc.invert(pc.is_in(ids, value_set=known))
    left_out = {
        "missing": len(given) - sum(1 for text in texts if text),
        "duplicates": sum(1 for text in texts if text) - len(distinct),
    }
    if not unknown:
        left_out["unknown"] = int(pc.sum(strangers).as_py() or 0)
        ids = ids.filter(pc.invert(strangers))
    if not len(ids):
        raise BatchError(
            f"--customers: the model knows none of the {len(distinct):,} customers of {path}. "
            "Give ids as the training data has them, or answer them as strangers with --unknown."
        )
    digest = hashlib.sha256("\n".join(distinct).encode("utf-8", "surrogatepass")).hexdigest()
    return Subjects(ids, {why: count for why, count in left_out.items() if count}, digest)


def _read(given: str, feature: RawFeature) -> list[str | int | float | bool | None]:
    with _here(path_of(given)) as path:
        return _listed(path, given, feature)


@contextmanager
def _here(path: str) -> Iterator[Path]:
    """A file on this machine: the one that is meant, or a copy of one in a bucket."""
    if "://" not in path:
        yield Path(path)
        return
    import tensorflow as tf

    with tempfile.TemporaryDirectory(prefix="recsmith-") as folder:
        copy = Path(folder) / posixpath.basename(path)
        try:
            tf.io.gfile.copy(path, str(copy))
        except tf.errors.NotFoundError:
            raise BatchError(f"--customers: there is no file {path}.") from None
        except tf.errors.OpError as error:
            raise BatchError(f"--customers: {path} cannot be read: {error.message}") from error
        yield copy


def _listed(path: Path, given: str, feature: RawFeature) -> list[str | int | float | bool | None]:
    try:
        if path.suffix.lower() == ".parquet":
            schema = pq.read_schema(path)
            name = _column(schema.names, feature, given)
            values = pq.read_table(path, columns=[name])[name]
        elif path.suffix.lower() == ".csv":
            # As text: 007 is not 7.
            with path.open("rb") as file:
                names = pyarrow.csv.open_csv(file).schema.names
            name = _column(names, feature, given)
            options = pyarrow.csv.ConvertOptions(
                include_columns=[name], column_types={name: pa.large_string()}
            )
            values = pyarrow.csv.read_csv(path, convert_options=options)[name]
        else:
            lines = path.read_text(encoding="utf-8-sig").split("\n")  # not at U+2028
            return [line.strip() for line in lines if line.strip()]
    except FileNotFoundError:
        raise BatchError(f"--customers: there is no file {given}.") from None
    except (OSError, UnicodeDecodeError, pa.ArrowException) as error:
        raise BatchError(f"--customers: {given} cannot be read: {error}.") from None
    kind = values.type
    plain = (pa.types.is_string, pa.types.is_large_string, pa.types.is_integer)
    if pa.types.is_dictionary(kind):
        values, kind = values.cast(kind.value_type), kind.value_type
    if not any(fits(kind) for fits in (*plain, pa.types.is_floating, pa.types.is_boolean)):
        raise BatchError(
            f"--customers: the column {name!r} of {given} holds {kind}. Give ids as text or "
            "numbers."
        )
    found: list[str | int | float | bool | None] = values.to_pylist()
    return found


def _column(names: list[str], feature: RawFeature, given: str) -> str:
    """The one called as in the data, or `customer_id`, or the only one."""
    for name in (feature.column, "customer_id"):
        if name in names:
            return name
    if len(names) == 1:
        return names[0]
    raise BatchError(
        f"--customers: {given} needs a column {feature.column!r} or 'customer_id', or one column "
        f"only. It has {first_of(names, _SHOWN)}."
    )
