"""What is known of the particle of an event: one table, which readers, records, selections and event tables follow.

A new quantity is one field of Truth, and in each reader that knows it the place where its file has it.
"""

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

Vector = tuple[float, float, float]


def _is(about: str, unit: str, columns: tuple[str, ...], dtype: str = "float64") -> dict[str, Any]:
    return {"about": about, "unit": unit, "columns": columns, "dtype": dtype}


@dataclass(frozen=True)
class Truth:
    """What is known of the particle; all numbers are 0 where nothing is.

    Attributes:
        pdg: PDG code, 0 = none.
        momentum: (x, y, z) in MeV/c.
        energy_init: total energy at the start in MeV.
        energy_deposit: energy deposited in the detector in MeV.
        vertex: (x, y, z) of the start in cm.
    """

    pdg: int = field(metadata=_is("PDG code, 0 = none", "", ("pdg",), "int64"))
    momentum: Vector = field(metadata=_is("momentum at the start", "MeV/c", ("px", "py", "pz")))
    energy_init: float = field(metadata=_is("total energy at the start", "MeV", ("energy_init",)))
    energy_deposit: float = field(metadata=_is("energy deposited in the detector", "MeV", ("energy_deposit",)))
    vertex: Vector = field(metadata=_is("start of the track", "cm", ("vertex_x", "vertex_y", "vertex_z")))

    def numbers(self) -> dict[str, float]:
        """{column: number} of all quantities, components apart."""
        numbers: dict[str, float] = {}
        for known in TRUTH_FIELDS:
            value = getattr(self, known.name)
            numbers |= zip(known.columns, (value,) if known.size == 1 else value)
        return numbers


@dataclass(frozen=True)
class TruthField:
    """One quantity of Truth.

    Attributes:
        name: of the attribute of Truth and of the feature of a record.
        unit: '' where it has none.
        about: what it is.
        columns: names of its components in tables of numbers, one for each.
        dtype: 'int64' or 'float64', as readers give it.
    """

    name: str
    unit: str
    about: str
    columns: tuple[str, ...]
    dtype: str

    @property
    def size(self) -> int:
        """Number of components."""
        return len(self.columns)


TRUTH_FIELDS: tuple[TruthField, ...] = tuple(
    TruthField(quantity.name, **quantity.metadata) for quantity in fields(Truth)
)
"""Every quantity of Truth, in the order of its fields."""

TRUTH_COLUMNS: tuple[str, ...] = tuple(name for known in TRUTH_FIELDS for name in known.columns)
"""Every component of every quantity."""


@dataclass(frozen=True)
class TruthTable:
    """Truth of a range of entries, column by column.

    Attributes:
        values: {name of a TruthField: (entries,) or (entries, size) array}.
        left_out: {position: name of the defect for which the entry is left out}.
        flags: {position: names of the defects that were met and settled}.
    """

    values: dict[str, np.ndarray]
    left_out: dict[int, str] = field(default_factory=dict)
    flags: dict[int, list[str]] = field(default_factory=dict)

    @classmethod
    def unknown(cls, entries: int) -> "TruthTable":
        """The table of entries of which nothing is known."""
        return cls(
            {
                known.name: np.zeros((entries,) if known.size == 1 else (entries, known.size), known.dtype)
                for known in TRUTH_FIELDS
            }
        )

    def __getitem__(self, name: str) -> np.ndarray:
        return self.values[name]

    def truth(self, position: int) -> Truth:
        """The Truth of one entry."""
        row: dict[str, Any] = {}
        for name, column in self.values.items():
            value = column[position].tolist()
            row[name] = tuple(value) if isinstance(value, list) else value
        return Truth(**row)
