"""Particle species: PDG codes, class names and their order.

Four different class orders are in use in public code, so names travel with every data set and are compared at loading.
PDG codes: Particle Data Group, 'Monte Carlo particle numbering scheme'.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from data_tools.errors import Argument, BadOption, UnknownPDG

if TYPE_CHECKING:
    import numpy as np

NO_TRUTH = -1
"""Label of an event without truth."""

TOTAL = "all"
"""What the sum over all classes is called in tables."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*")

_SYMBOLS = {
    "electron": ("e-", r"$e^-$"),
    "gamma": ("gamma", r"$\gamma$"),
    "muon": ("mu-", r"$\mu^-$"),
    "pion": ("pi", r"$\pi$"),  # of both signs
    "proton": ("p", r"$p$"),
}


_PARTICLE_SYMBOLS = {
    11: "$e^-$", -11: "$e^+$", 22: r"$\gamma$", 13: r"$\mu^-$", -13: r"$\mu^+$", 211: r"$\pi^+$", -211: r"$\pi^-$",
    111: r"$\pi^0$", 321: "$K^+$", -321: "$K^-$", 2212: "$p$", 2112: "$n$",
}  # fmt: skip


@dataclass(frozen=True)
class Classes:
    """Class names in label order (0, 1, ...), each with the PDG codes that belong to it."""

    names: tuple[str, ...]
    pdg: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        codes = [code for group in self.pdg for code in group]
        repeated = sorted({code for code in codes if codes.count(code) > 1})
        if repeated:
            raise BadOption(f"PDG codes {repeated} stand in more than one class of {self}; each may stand once.")
        if TOTAL in self.names:
            raise BadOption(f"A class cannot be called {TOTAL!r}: that is what the total is called in tables.")
        if len(set(self.names)) != len(self.names) or len(self.names) < 2:
            raise BadOption(f"Expected two or more classes with different names, got {list(self.names)}.")

    def __len__(self) -> int:
        return len(self.names)

    def as_list(self) -> list[list]:
        """[[name, [PDG codes]], ...] in label order, for JSON, where the order of an object's keys is not safe."""
        return [[name, list(codes)] for name, codes in zip(self.names, self.pdg)]

    def __str__(self) -> str:
        return ", ".join(f"{name} ({', '.join(map(str, codes))})" for name, codes in zip(self.names, self.pdg))

    def labels(self, pdg: "np.ndarray | Sequence[int] | int") -> "np.ndarray":
        """Labels int64 of an array of PDG codes; NO_TRUTH where no class has the code."""
        import numpy as np  # the names of the classes are asked for by commands that compute nothing

        pdg = np.asarray(pdg)
        labels = np.full(pdg.shape, NO_TRUTH, np.int64)
        for label, codes in enumerate(self.pdg):
            labels[np.isin(pdg, codes)] = label
        return labels

    def unknown(self, pdg: "np.ndarray | Sequence[int]", where: object) -> UnknownPDG:
        """The error for PDG codes that no class has: the codes with their counts."""
        import numpy as np

        codes, counts = np.unique(pdg, return_counts=True)
        found = ", ".join(f"{code} ({count} events)" for code, count in zip(codes, counts))
        return UnknownPDG(
            f"{where}: PDG codes of no class: {found}. The classes are {self}; others are given as ",
            Argument("classes", "NAME=PDG,PDG"),
            ".",
        )


def classes_from_list(groups: Iterable[tuple[str, Iterable[int]]]) -> Classes:
    """Classes from [[name, [PDG codes]], ...] in label order."""
    return Classes(tuple(name for name, _ in groups), tuple(tuple(map(int, codes)) for _, codes in groups))


def parse_classes(texts: Sequence[str]) -> Classes:
    """Classes from texts like 'shower=11,22', in label order; the study's five when `texts` is empty."""
    if not texts:
        return FIVE_PARTICLES
    groups: dict[str, list[int]] = {}
    for text in texts:
        name, _, codes = text.partition("=")
        if not _NAME.fullmatch(name) or not re.fullmatch(r"[+-]?\d+(,[+-]?\d+)*", codes):
            raise BadOption(Argument("classes", text), ": expected NAME=PDG[,PDG...], as in shower=11,22.")
        if name in groups:
            raise BadOption(Argument("classes", text), f": class {name!r} is given twice.")
        groups[name] = [int(code) for code in codes.split(",")]
    return classes_from_list(groups.items())


def symbol(name: str, latex: bool = False) -> str:
    """The printed symbol of a species ('mu-', or LaTeX '$\\mu^-$'); other class names stay as they are."""
    return _SYMBOLS[name][int(latex)] if name in _SYMBOLS else name


def particle_symbol(pdg: int) -> str:
    """The LaTeX symbol of a particle by its PDG code; of one that is not in the table, 'PDG code'."""
    return _PARTICLE_SYMBOLS.get(pdg, f"PDG {pdg}")


FIVE_PARTICLES = Classes(
    ("electron", "gamma", "muon", "pion", "proton"),
    # Both signs of the pion: the study has pi-, the public five-particle sample pi+.
    ((11,), (22,), (13,), (-211, 211), (2212,)),
)
"""The study's classes and their order."""
