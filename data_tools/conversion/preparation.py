"""What is done to an event between the file and a network, or a data set: the same wherever it is done."""

from dataclasses import dataclass, replace
from pathlib import Path

from data_tools.conversion.crop import crop
from data_tools.defects import Policies, SkipEntry
from data_tools.detector.disturbance import Disturbance
from data_tools.errors import BadEntry
from data_tools.event import Event, LeftOut, apply_threshold, down_sample
from data_tools.options import DOWN_SAMPLE

_LARGEST_FLOAT = 3.4028234663852886e38
"""Of 32 bits."""


@dataclass(frozen=True)
class Preparation:
    """What is done to the pixels of an event, in this order.

    Attributes:
        down_sample: so many pixels in a row and in a column are summed into one.
        threshold: hits below it [ADC] are dropped, None keeps all.
        crop: (rows, cols) of the window that is kept, None keeps all.
        disturbance: effects of a detector, None without.
    """

    down_sample: int = DOWN_SAMPLE
    threshold: float | None = None
    crop: tuple[int, int] | None = None
    disturbance: Disturbance | None = None

    def of(self, event: Event, policies: Policies, path: Path | str) -> Event | LeftOut:
        """The event as it will be seen, or what it is left out for.

        Args:
            event: as it was read.
            policies: what is done about defects.
            path: of its file, for messages.

        Raises:
            BadEntry: a policy is to stop.
        """
        event = crop(apply_threshold(down_sample(event, self.down_sample), self.threshold), self.crop)
        if self.disturbance is not None:
            event = self.disturbance.of(event)
        try:
            return _settled(event, policies, f"{path}, entry {event.entry}")
        except SkipEntry as skipped:
            return LeftOut(event.entry, str(skipped))


def _settled(event: Event, policies: Policies, where: str) -> Event:
    """The event with flags for the defects that were met. Raises SkipEntry or BadEntry as the policies say."""
    if not all(abs(number) <= _LARGEST_FLOAT for number in event.truth.numbers().values()):
        policies.settle("bad-truth", BadEntry(f"{where}: the truth has NaN or numbers beyond those of 32 bits."))
        event = replace(event, flags=(*event.flags, "bad-truth"))
    if "cut-hits" in event.flags:
        policies.settle("cut-hits", BadEntry(f"{where}: hits lie outside the crop window."))
    if not len(event.index):
        policies.settle("empty", BadEntry(f"{where}: no hits (after down-sampling, threshold and crop)."))
        event = replace(event, flags=(*event.flags, "empty"))
    return event
