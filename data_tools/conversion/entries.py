"""What is known of the entries of a source from their truth alone, before any pixel is read."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from data_tools.defects import UNKNOWN_PDG, Policies, SkipEntry
from data_tools.particles import NO_TRUTH, Classes
from data_tools.readers import Reader

_AT_ONCE = 2_000


class Fate(IntEnum):
    """What becomes of an entry, as far as its truth decides it."""

    KEPT = 0
    """Nothing in its truth speaks against it."""

    NO_CLASS = 1
    """No class has its PDG code, and the policy leaves it out: it is not read."""

    LEFT_OUT = 2
    """Its truth has a defect for which the reader will leave it out, and say which."""


@dataclass(frozen=True)
class Entries:
    """Entries of a source, one after the other.

    Attributes:
        pdg: (entries,) int64, PDG code, 0 = none.
        labels: (entries,) int64, position of the class, particles.NO_TRUTH where there is none.
        fates: (entries,) int64, a Fate of each.
    """

    pdg: np.ndarray
    labels: np.ndarray
    fates: np.ndarray

    @classmethod
    def unlabelled(cls, entries: int) -> "Entries":
        """Entries without truth."""
        pdg, fates = np.zeros((2, entries), np.int64)
        return cls(pdg, np.full(entries, NO_TRUTH, np.int64), fates)

    def __len__(self) -> int:
        return len(self.pdg)

    def __getitem__(self, where: slice | np.ndarray) -> "Entries":
        return Entries(self.pdg[where], self.labels[where], self.fates[where])

    @property
    def kept(self) -> np.ndarray:
        """(entries,) bool: those that may become events."""
        return self.fates == Fate.KEPT

    @property
    def without_class(self) -> np.ndarray:
        """(entries,) bool: those that are left out because no class has their PDG code."""
        return self.fates == Fate.NO_CLASS


def entries_of(reader: Reader, classes: Classes, policies: Policies) -> Entries:
    """The entries of a file.

    Raises:
        UnknownPDG: no class has a code, and the policy is to stop.
        BadEntry, CorruptFile: a policy is to stop.
    """
    entries = Entries.unlabelled(reader.entries)
    if not reader.labelled:
        return entries
    # In pieces, because every entry may have many particles.
    for start in range(0, reader.entries, _AT_ONCE):
        stop = min(start + _AT_ONCE, reader.entries)
        truth = reader.truth(start, stop)
        entries.pdg[start:stop] = truth["pdg"]
        entries.fates[[start + position for position in truth.left_out]] = Fate.LEFT_OUT
    entries.labels[:] = np.where(entries.kept, classes.labels(entries.pdg), NO_TRUTH)
    unknown = entries.kept & (entries.labels == NO_TRUTH)
    if unknown.any():
        try:
            policies.settle(UNKNOWN_PDG, classes.unknown(entries.pdg[unknown], reader.path))
        except SkipEntry:
            entries.fates[unknown] = Fate.NO_CLASS
    return entries
