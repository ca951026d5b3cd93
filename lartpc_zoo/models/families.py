"""The families of networks and the study's list as data, from zoo_configs/networks.yaml, which explains the tables."""

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from typing import Any

import zoo_configs
from lartpc_zoo.models.blocks import BLOCKS
from lartpc_zoo.models.rows import Row

_SMALLEST_SIDE = 32
MEAN, MAXIMUM = "mean", "maximum"
"""Ways down: of the active pixels of a cell."""
ALL, ACTIVE = "all", "active"
"""Pixels that a mean over the last feature map is divided by."""


@dataclass(frozen=True)
class Submanifold:
    """What a submanifold network does in another way than the network without `_sub`.

    Attributes:
        way_down: what stands before a strided 1x1 convolution, 'mean' or 'maximum' of a cell's active pixels.
        mean: of the last feature map, over 'all' pixels or the 'active' ones.
    """

    way_down: str
    mean: str


@dataclass(frozen=True)
class Architecture:
    """One depth of a family.

    Attributes:
        stem: rows that towers share between the planes.
        stages: the rows after them.
        batch_normalization: whether convolutions are followed by it, instead of having a bias.
        widened: which widths of blocks get wider with _wN.
        head: 'average' (global average pool) or 'flatten'.
        dense: units of the layers before the logits, each followed by `dropout`.
        dropout: rate.
        pool_dropout: rate between the pool and what follows.
        auxiliary: names of rows with an auxiliary head in training.
        found: what stands in a source.
        inferred: what does not.
    """

    stem: tuple[Row, ...]
    stages: tuple[Row, ...]
    batch_normalization: bool
    widened: tuple[str, ...]
    head: str = "average"
    dense: tuple[int, ...] = ()
    dropout: float = 0.5
    pool_dropout: float = 0.0
    auxiliary: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    inferred: tuple[str, ...] = ()

    @property
    def rows(self) -> tuple[Row, ...]:
        """All rows, the stem's first."""
        return self.stem + self.stages

    @property
    def smallest_side(self) -> int:
        """The fewest rows or columns of an image that leave at least one pixel for the head, 32 or more."""
        side = 1
        for row in reversed(self.rows):
            side = (side - 1) * row.stride + (row.size if row.padding == "valid" else 1)
        return max(side, _SMALLEST_SIDE)

    def indivisible(self, width: Fraction) -> list[int]:
        """Numbers of filters that the factor `width` does not leave whole."""
        scaled = {number for row in self.rows for number in self._widened(row)}
        return sorted(number for number in scaled if (number * Fraction(width)).denominator != 1)

    def with_axes(self, width: Fraction, stem_stride: int | None, dense: tuple[int, ...] | None) -> "Architecture":
        """The Architecture with its filters times `width`, and another stem stride and dense layers unless None."""

        def scale(row: Row) -> Row:
            parts = zip(row.widths, BLOCKS[row.block].widths)
            return replace(row, widths=tuple(int(n * width) if part in self.widened else n for n, part in parts))

        first, *rest = (scale(row) for row in self.stem)
        return replace(
            self,
            stem=(first if stem_stride is None else replace(first, stride=stem_stride), *rest),
            stages=tuple(scale(row) for row in self.stages),
            dense=self.dense if dense is None else dense,
        )

    def _widened(self, row: Row) -> list[int]:
        return [number for number, part in zip(row.widths, BLOCKS[row.block].widths) if part in self.widened]


@dataclass(frozen=True)
class Family:
    """A family of networks: what it is about, and its Architecture for every depth."""

    name: str
    about: str
    depths: dict[str, Architecture]


@cache
def families() -> dict[str, Family]:
    """{family name: Family}."""
    return {name: _family(name, dict(fields)) for name, fields in _tables()["families"].items()}


@cache
def study() -> dict[str, bool]:
    """The study's list: {network name: whether it stands in the paper's Table 1}."""
    return {entry["name"]: entry.get("table1", False) for entry in _tables()["study"]}


@cache
def submanifold() -> Submanifold:
    """What submanifold networks do in another way."""
    return Submanifold(**_tables()["submanifold"])


def token_meanings() -> dict[str, str]:
    """{axis of a name: what its token does, as a text with a place for {value}}."""
    return _tables()["tokens"]


@cache
def _tables() -> dict[str, Any]:
    return zoo_configs.load("networks.yaml")


def _family(name: str, fields: dict[str, Any]) -> Family:
    about, depths = fields.pop("about"), fields.pop("depths")
    return Family(name, about, {depth: _architecture(fields, own) for depth, own in depths.items()})


def _architecture(common: dict[str, Any], own: dict[str, Any]) -> Architecture:
    """The Architecture of a family's fields and those of one depth, whose facts come first."""
    fields: dict[str, Any] = {**common, **own}
    for facts in ("found", "inferred"):
        fields[facts] = [*own.get(facts, ()), *common[facts]]
    changes, blocks = fields.pop("changes", {}), fields.pop("blocks", None)
    for part in ("stem", "stages"):
        fields[part] = [_row({**row, **changes.get(row["name"], {})}) for row in fields[part]]
    if blocks:
        fields["stages"] = [replace(row, blocks=number) for row, number in zip(fields["stages"], blocks, strict=True)]
    frozen: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in fields.items()}
    return Architecture(**frozen)


def _row(fields: dict[str, Any]) -> Row:
    return Row(**{**fields, "widths": tuple(fields.get("widths", ()))})
