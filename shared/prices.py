"""What a run costs where machines are rented by the hour."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from shared.jobs import Purpose
from shared.problems import from_pydantic

EXAMPLE_PRICES = Path(__file__).with_name("prices.toml")


class Prices(BaseModel):
    """A price table, see `prices.toml`.

    Attributes:
        machines: the machine type of each kind of run.
        usd_per_hour: by machine type.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    as_of: str
    region: str
    source: str
    usd_per_run: float = Field(default=0.0, ge=0)
    usd_per_tib_read: float = Field(default=0.0, ge=0)
    machines: dict[Purpose, str]
    usd_per_hour: dict[str, float]

    @model_validator(mode="after")
    def _every_machine_has_a_price(self) -> Self:
        for purpose, machine in self.machines.items():
            if machine not in self.usd_per_hour:
                known = ", ".join(self.usd_per_hour) or "none"
                raise ValueError(
                    f"The machine of {purpose} is {machine!r}, which usd_per_hour has no price of. "
                    f"It has {known}."
                )
        if missing := {"quick_test", "full_training"} - self.machines.keys():
            raise ValueError(f"The table of machines lacks {', '.join(sorted(missing))}.")
        return self

    def usd(self, purpose: Purpose, seconds: float, bytes_read: int | None = None) -> float:
        """What a run of this length costs that reads so much of BigQuery."""
        hourly = self.usd_per_hour[self.machines[purpose]]
        read = self.usd_per_tib_read * (bytes_read or 0) / 2**40
        return self.usd_per_run + hourly * seconds / 3600 + read


def read_prices(path: Path = EXAMPLE_PRICES) -> Prices:
    """Raises ValueError, which names the file and what is wrong with which line."""
    try:
        return Prices.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ValueError(f"The price table {path} cannot be read: {error.strerror}.") from None
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"The price table {path} is not valid TOML: {error}.") from None
    except ValidationError as error:
        faults = from_pydantic(error, "", frozenset())
        listed = " ".join(f"{f.path}: {f.message}".removeprefix(": ") for f in faults)
        raise ValueError(f"The price table {path} is not valid. {listed}") from None
