"""From all particles of an entry to the one that the event is: its truth, or why there is none."""

from collections.abc import Callable, Mapping

import numpy as np

from data_tools.defects import Policies, SkipEntry
from data_tools.errors import BadEntry, CorruptFile
from data_tools.readers.larcv.stored import Columns
from data_tools.truth import TRUTH_FIELDS, TruthField, TruthTable

_NEUTRINO_PDG = (12, 14, 16)
_NEUTRINO_ROI = (1, 2)  # kROICosmic and kROIBNB of LArCV1's ROIType_t: an interaction, not a particle
_PRIMARY = "primary"
_NEEDED_TO_CHOOSE = ("pdg", "process", "roi_type", "trackid", "parent_trackid")


def choose_primaries(
    columns: Columns, units: Mapping[str, float], policies: Policies, where: Callable[[int], str]
) -> TruthTable:
    """The TruthTable of Columns of particles; `where(position)` is the text that names file and entry.

    Raises BadEntry or CorruptFile where a policy is to stop.
    """
    entries = len(columns.counts)
    first = columns.first
    chosen = first.copy()
    left_out: dict[int, str] = {}
    flags: dict[int, list[str]] = {}
    values = columns.values
    for position in np.flatnonzero((columns.counts != 1) | _has_neutrino(columns)).tolist():
        mine = np.arange(first[position], first[position] + columns.counts[position])
        try:
            chosen[position], found = _primary(mine, values, policies, where(position), columns.damaged.get(position))
            flags[position] = found
        except SkipEntry as skipped:
            left_out[position] = str(skipped)
    there = np.ones(entries, bool)
    there[list(left_out)] = False
    table = TruthTable.unknown(entries)
    for field in TRUTH_FIELDS:
        _fill(table[field.name], there, field, {name: values[name][chosen[there]] for name in field.columns}, units)
    table.left_out.update(left_out)
    table.flags.update(flags)
    return table


def _fill(
    column: np.ndarray,
    there: np.ndarray,
    field: TruthField,
    found: Mapping[str, np.ndarray],
    units: Mapping[str, float],
) -> None:
    """Write the numbers `found`, {component: values}, into the rows `there` of a truth column, in the field's unit."""
    for component, name in enumerate(field.columns):
        numbers = found[name] * units[field.unit] if field.unit in units else found[name]
        column.reshape(len(column), field.size)[there, component] = numbers


def _has_neutrino(columns: Columns) -> np.ndarray:
    """(entries,) bool: a neutrino or an interaction is among an entry's particles."""
    found = _is_neutrino(columns.values)
    entry = np.repeat(np.arange(len(columns.counts)), columns.counts)
    return np.bincount(entry[found], minlength=len(columns.counts)) > 0


def _is_neutrino(values: Mapping[str, np.ndarray]) -> np.ndarray:
    found = np.isin(np.abs(values["pdg"].astype(np.int64)), _NEUTRINO_PDG)
    if "roi_type" in values:
        found |= np.isin(values["roi_type"], _NEUTRINO_ROI)
    return found


def _primary(
    mine: np.ndarray,
    values: Mapping[str, np.ndarray],
    policies: Policies,
    where: str,
    damage: CorruptFile | None,
) -> tuple[int, list[str]]:
    """(row of the primary among `mine`, names of what was flags); raises SkipEntry or what stops."""
    if damage is not None:
        policies.settle("corrupt", CorruptFile(f"{where}: {damage}. The file is damaged: fetch or write it again."))
    flags = []
    neutrino = _is_neutrino({name: column[mine] for name, column in values.items()})
    # Of a neutrino alone, there is no particle to take in its place: its PDG code belongs to no class, or to a user's.
    if neutrino.any() and not neutrino.all():
        policies.settle("neutrino", BadEntry(f"{where}: a neutrino or cosmic ROI stands beside the particle."))
        flags.append("neutrino")
        mine = mine[~neutrino]
    if len(mine) == 1:
        return mine[0], flags
    found = f"{where}: {len(mine)} particles"
    if len(mine) > 1:
        policies.settle("several-particles", BadEntry(f"{found}, expected one."))
        flags.append("several-particles")
        primaries = _primaries(mine, values)
        if len(primaries) == 1:
            return primaries[0], flags
        found += f", {len(primaries)} of them primary"
    policies.settle("no-primary", BadEntry(f"{found}, expected one primary: what to call this event cannot be known."))
    raise AssertionError("no-primary has no policy that goes on")


def _primaries(mine: np.ndarray, values: Mapping[str, np.ndarray]) -> np.ndarray:
    """Those that are called primary, or where none is, their own parents."""
    if "process" in values:
        named = mine[values["process"][mine] == _PRIMARY]
        if len(named):
            return named
    return mine[values["trackid"][mine] == values["parent_trackid"][mine]]
