"""The sizes of feature maps on the way down a network, and the windows between them, as data. Needs no Keras."""

from dataclasses import dataclass, field, replace

Sides = tuple[int, int]
"""(rows, cols)."""
SAME = "same"


@dataclass(frozen=True)
class Level:
    """All feature maps of one size that come from the image in the same way, and so are active at the same sites.

    Attributes:
        sides: (rows, cols) of a feature map.
        images: per event: in the stem of towers as many as planes, else 1.
        above: the level whose pixels its cells are made of; None for that of the image.
        stride: rows and columns of a cell in pixels of the level above; 1 where the planes of towers come together.
    """

    sides: Sides
    images: int = 1
    above: "Level | None" = field(default=None, repr=False)
    stride: int = 1

    def down(self, stride: int, sides: Sides) -> "Level":
        """The level of cells of stride x stride pixels; itself where nothing changes."""
        return self if (stride, sides) == (1, self.sides) else Level(sides, self.images, self, stride)

    def joined(self) -> "Level":
        """The level at which the planes of towers come together."""
        return replace(self, images=1, above=self, stride=1)


@dataclass(frozen=True)
class Window:
    """The square windows of a convolution or pool on a level.

    Attributes:
        level: whose pixels they hold.
        size: their side.
        stride: from one to the next.
        padding: 'same' or 'valid', as TensorFlow pads.
    """

    level: Level
    size: int
    stride: int
    padding: str = SAME

    @property
    def target(self) -> Level:
        """The level of the outputs, one for each window."""
        lost = 0 if self.padding == SAME else self.size - 1
        rows, cols = (-(-(side - lost) // self.stride) for side in self.level.sides)
        return self.level.down(self.stride, (rows, cols))

    @property
    def before(self) -> Sides:
        """Rows and columns of the first window that lie before the image."""
        if self.padding != SAME:
            return 0, 0
        pairs = zip(self.level.sides, self.target.sides)
        rows, cols = (max((out - 1) * self.stride + self.size - side, 0) // 2 for side, out in pairs)
        return rows, cols

    @property
    def per_pixel(self) -> int:
        """In how many windows a pixel is at most, in one direction."""
        return -(-self.size // self.stride)
