"""What batches are made of a sample: one record of options, for tf.data and NumPy alike."""

from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from data_tools.detector.combination import Effects
from data_tools.errors import BadOption
from data_tools.index import Shape
from data_tools.tfrecords.symmetries import EXCHANGING_PLANES


class HitBatch(NamedTuple):
    """The hits of a batch, one event after the other, as arrays of NumPy or tensors of TensorFlow.

    Attributes:
        event: (hits,) int32, number of the event in the batch.
        index: (hits,) int32, pixel of each hit, see data_tools.index; in any order within an event.
        value: (hits,) float32, ADC.
    """

    event: Any
    index: Any
    value: Any


@dataclass(frozen=True)
class BatchOptions:
    """How a sample is cut into batches. In training batch i is a function of these and of i alone.

    Attributes:
        batch_size: events of a batch, over all processes.
        training: endless and shuffled; else all events once, in stored order, the last batch smaller.
        seed: of the order and the symmetries (training only).
        start_iteration: the first batch, which continues a training exactly (training only).
        mirror: mirror rows and columns, each of them at random (training only).
        exchange_planes: turn events by multiples of 60 degrees about the drift direction, or mirror them in a plane
            that holds it, at random (training only): for planes 0, 1, 2 at +60, -60, 0 degrees that are alike.
        effects: of a detector, each of a strength from 0 to 1 that is drawn for every event (training only).
        pad: fill the last batch up with empty images of label -1 (not in training), for replicas that need equal
            batches.
        as_hits: HitBatches instead of images.
        cache: keep the sample's records, not its images, in memory, which changes no batch; hits always are.
        share: (number of this process, number of processes). A process makes only its share of each batch: as many
            consecutive events of it as the others.

    Raises:
        BadOption: no batches can be made so.

    Example:
        >>> options = BatchOptions(batch_size=20, training=True, seed=1, mirror=True)
        >>> for images, labels in data.tf_dataset("train", options): ...
    """

    batch_size: int
    training: bool = False
    seed: int = 0
    start_iteration: int = 0
    mirror: bool = False
    exchange_planes: bool = False
    effects: Effects = field(default_factory=Effects)
    pad: bool = False
    as_hits: bool = False
    cache: bool = False
    share: tuple[int, int] = (0, 1)

    def __post_init__(self) -> None:
        if self.batch_size < 1 or self.start_iteration < 0:
            raise BadOption(
                f"batch_size {self.batch_size}, start_iteration {self.start_iteration}: expected 1 and 0 or more."
            )
        process, processes = self.share
        if not 0 <= process < processes or self.batch_size % processes:
            raise BadOption(
                f"share {self.share}: expected (process, processes) with 0 <= process < processes, and a number of "
                f"processes that divides batch_size {self.batch_size}."
            )
        if processes > 1 and not self.training and not self.pad:
            raise BadOption(f"share {self.share}: expected pad=True, without which the last batch cannot be shared.")

    @classmethod
    def of(cls, batch_size: "int | BatchOptions", options: dict[str, Any]) -> "BatchOptions":
        """The record of a number of events and the other options by name, or a record with some options replaced."""
        return replace(batch_size, **options) if isinstance(batch_size, BatchOptions) else cls(batch_size, **options)

    @property
    def symmetric(self) -> bool:
        """Whether events are turned or mirrored."""
        return self.training and (self.mirror or self.exchange_planes)

    @property
    def rows(self) -> slice:
        """The events of a batch that this process makes."""
        process, processes = self.share
        size = self.batch_size // processes
        return slice(process * size, (process + 1) * size)

    @property
    def share_size(self) -> int:
        """Number of events of a whole batch that this process makes."""
        return self.batch_size // self.share[1]

    def check_images(self, image_shape: Shape) -> None:
        """Raise BadOption where images (rows, cols, planes) cannot be turned as the options say."""
        if self.exchange_planes and image_shape[-1] != EXCHANGING_PLANES:
            raise BadOption(
                f"exchange_planes: expected images of three planes, at +60, -60 and 0 degrees, got {image_shape[-1]}."
            )
