"""The rows of the tables of families."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One row of a table: a block, or several of which the first one has the stride.

    Attributes:
        name: of the block, and what the names of its layers begin with.
        block: its kind, a key of BLOCKS.
        widths: numbers of filters, as the block wants them.
        size: side of the window of a convolution or pool.
        stride: of the first block.
        padding: of a pool, 'same' or 'valid'.
        blocks: how many; None for one whose name has no number.
    """

    name: str
    block: str
    widths: tuple[int, ...] = ()
    size: int = 1
    stride: int = 1
    padding: str = "same"
    blocks: int | None = None
