"""Where the names of points go, so that none lies on another, on a point or beyond the panel: pure geometry.

Lengths are in one unit, as points of print; x to the right, y upwards.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

_DISTANCES = (1, 6, 12, 20, 30, 42, 56, 72)
"""Gaps that are tried between a point and its name."""
_DIRECTIONS = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))
_ON_A_LINE = 8
"""What it costs to lie on a line of the figure, or to be led over one, as a distance."""


@dataclass(frozen=True)
class Box:
    """A rectangle."""

    left: float
    bottom: float
    right: float
    top: float

    def overlaps(self, other: "Box") -> bool:
        """Whether the two share more than an edge."""
        across = self.left < other.right and other.left < self.right
        return across and self.bottom < other.top and other.bottom < self.top

    def inside(self, other: "Box") -> bool:
        """Whether it is nowhere beyond another."""
        across = other.left <= self.left and self.right <= other.right
        return across and other.bottom <= self.bottom and self.top <= other.top

    def nearest(self, x: float, y: float) -> tuple[float, float]:
        """The point of it that is nearest to a point."""
        return min(max(x, self.left), self.right), min(max(y, self.bottom), self.top)

    def crossed_by(self, line: "Line") -> bool:
        """Whether a line goes through it."""
        across = np.linspace(0, 1, _steps(line))
        x, y = (a + (b - a) * across for a, b in zip(*line))
        return bool(np.any((x > self.left) & (x < self.right) & (y > self.bottom) & (y < self.top)))


Line = tuple[tuple[float, float], tuple[float, float]]
"""From a point to a point."""


def place_names(
    points: Sequence[tuple[float, float]],
    sizes: Sequence[tuple[float, float]],
    radius: float,
    area: Box,
    lines: Sequence[Line] = (),
) -> list[Box | None]:
    """A place for every name, the same for the same arguments.

    Names of crowded points choose first. Each takes the nearest place that is free: beside its point, or further away,
    where a line will have to lead to it.

    Args:
        points: to be named.
        sizes: (width, height) of every name.
        radius: of what is drawn at a point.
        area: that no name may leave.
        lines: that names keep off where they can.

    Returns:
        For every point the box of its name, or None where there is no room.
    """
    marks = [Box(x - radius, y - radius, x + radius, y + radius) for x, y in points]
    placed: list[Box | None] = [None] * len(points)
    leaders: list[Line] = []
    for number in sorted(range(len(points)), key=lambda one: (-_neighbours(points, one), one)):
        taken = [box for box in placed if box] + marks
        best, least = None, math.inf
        for box, distance in _candidates(points[number], sizes[number], radius):
            if distance >= least:
                break
            leader = points[number], box.nearest(*points[number])
            others = [box_ for box_ in taken if box_ is not marks[number]]
            if not box.inside(area) or any(box.overlaps(other) for other in taken):
                continue
            if any(other.crossed_by(leader) for other in others) or any(box.crossed_by(line) for line in leaders):
                continue
            cost = distance + _ON_A_LINE * any(box.crossed_by(line) for line in lines)
            if cost < least:
                best, least = box, cost
        placed[number] = best
        if best:
            leaders.append((points[number], best.nearest(*points[number])))
    return placed


def _candidates(point: tuple[float, float], size: tuple[float, float], radius: float) -> Iterator[tuple[Box, float]]:
    """Boxes around a point with their distances from it, the nearest first."""
    (x, y), (width, height) = point, size
    for distance in _DISTANCES:
        for right, up in _DIRECTIONS:
            gap = (radius + distance) / math.hypot(right, up)
            left = x + right * gap - width * (1 - right) / 2
            bottom = y + up * gap - height * (1 - up) / 2
            yield Box(left, bottom, left + width, bottom + height), distance


def _neighbours(points: Sequence[tuple[float, float]], number: int) -> int:
    return sum(math.dist(points[number], other) < _DISTANCES[-2] for other in points)


def _steps(line: Line) -> int:
    """So many places of a line are looked at that a name cannot lie between two."""
    return 2 + int(math.dist(*line))
