"""What happens to raw ADC inside a model, as data."""

import math
from dataclasses import dataclass

from data_tools.record import Record
from lartpc_zoo.errors import BadInput


@dataclass(frozen=True)
class InputSpec(Record):
    """Preprocessing of the converted image, in its ADC.

    The study has thresholds (40, 50, 40), maxima (400, 500, 400) and no scale at 576 x 576.

    Attributes:
        threshold: ADC below it becomes 0; one number for all planes, or one for each.
        maximum: ADC above it becomes the maximum, which is positive; likewise.
        scale: factor after that.

    Raises:
        BadInput: these are no such numbers.
    """

    threshold: float | tuple[float, ...] | None = None
    maximum: float | tuple[float, ...] | None = None
    scale: float = 0.01

    def __post_init__(self) -> None:
        for name in ("threshold", "maximum"):
            value = getattr(self, name)
            if isinstance(value, list):
                object.__setattr__(self, name, tuple(value))
            numbers = value if isinstance(value, list | tuple) else [] if value is None else [value]
            if not all(_is_number(number) for number in numbers):
                raise BadInput(f"Input {name} {value!r}: expected a number, one number per plane, or none.")
            if name == "maximum" and not all(number > 0 for number in numbers):
                raise BadInput(
                    f"Input maximum {value!r}: expected positive numbers, below which pixels without a hit stay."
                )
        if not (_is_number(self.scale) and self.scale > 0):
            raise BadInput(f"Input scale {self.scale!r}: expected a positive number.")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
