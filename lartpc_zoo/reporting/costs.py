"""What the accuracy of networks is weighed against."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Cost:
    """A cost of a network for one image.

    Attributes:
        key: where network_info or the quantities of a profile have it.
        title: in print.
        unit: of its numbers times scale.
        scale: from numbers to print.
        measured: whether it comes from a profile.
    """

    key: str
    title: str
    unit: str
    scale: float = 1.0
    measured: bool = False

    @property
    def heading(self) -> str:
        """Title and unit."""
        return f"{self.title} [{self.unit}]"


COSTS = {
    "macs": Cost("macs", "multiply-adds", "G", 1e-9),
    "parameters": Cost("parameters", "parameters", "M", 1e-6),
    "activations": Cost("activations_mb", "activations", "MB"),
    "forward": Cost("forward", "forward", "ms per image", measured=True),
    "forward_backward": Cost("forward_backward", "forward and backward", "ms per image", measured=True),
    "peak_memory": Cost("peak_memory", "peak memory", "MB per image", measured=True),
}
"""What accuracy may be weighed against, by the names that `cost` takes."""

COST = "macs"
"""The cost where none is named."""
MARGIN = 1.0
"""Percentage points within which networks are functionally equivalent, where no margin is named."""
