"""A sample as hits in memory: batches of dense images made with NumPy alone, where there is no TensorFlow."""

import functools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from data_tools.index import Shape, plane_of
from data_tools.tfrecords.augmentation import with_effects
from data_tools.tfrecords.batches import BatchOptions, HitBatch
from data_tools.tfrecords.schema import decode_hits
from data_tools.tfrecords.symmetries import EXCHANGES, MIRRORED_ON_THE_WAY, turned

Batch = tuple[np.ndarray | HitBatch, np.ndarray]
"""Images (events, rows, cols, planes) float32, ADC, or hits; and labels (events,) int64."""


@dataclass(frozen=True, eq=False)
class Hits:
    """The events of one sample, one after the other.

    Attributes:
        image_shape: (rows, cols, planes).
        starts: (events + 1,) int64; event i has the hits from starts[i] to starts[i + 1].
        index: (hits,) int32, pixel of each hit, see data_tools.index.
        value: (hits,) float32, ADC.
        label: (events,) int64, position of the class, -1 = no truth.

    Example:
        >>> hits = data_tools.open_dataset("singles").hits("train")
        >>> for images, labels in hits.batches(20, training=True, seed=1): ...
    """

    image_shape: Shape
    starts: np.ndarray = field(repr=False)
    index: np.ndarray = field(repr=False)
    value: np.ndarray = field(repr=False)
    label: np.ndarray = field(repr=False)

    def __len__(self) -> int:
        return len(self.label)

    def hits_of(self, events: Sequence[int] | np.ndarray, symmetries: np.ndarray | None = None) -> HitBatch:
        """The hits of some events.

        Args:
            events: their numbers, (events,).
            symmetries: for each event and plane, (3, events, planes) int32: whether to mirror its rows, its columns (0
                or 1), and where the plane goes.
        """
        starts = self.starts[np.asarray(events)]
        counts = self.starts[np.asarray(events) + 1] - starts
        event = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
        # From the number of a hit in the batch to that in the sample.
        where = np.arange(len(event)) + np.repeat(starts - (np.cumsum(counts) - counts), counts)
        index = self.index[where]
        if symmetries is not None:
            index = turned(index, self.image_shape, *symmetries[:, event, plane_of(index, self.image_shape)])
        return HitBatch(event, index, self.value[where])

    def images(self, events: Sequence[int] | np.ndarray, symmetries: np.ndarray | None = None) -> np.ndarray:
        """Dense images of some events.

        Args:
            events: their numbers, (events,).
            symmetries: as of `hits_of`.

        Returns:
            (events, rows, cols, planes) float32, ADC.
        """
        return images_of(self.hits_of(events, symmetries), len(events), self.image_shape)

    def batches(self, batch_size: int | BatchOptions, **options: Any) -> Iterator[Batch]:
        """Iterate over batches, as NumPy arrays: the contract of Dataset.tf_dataset.

        In training they are not the batches that tf_dataset makes with the same seed.

        Args:
            batch_size: events of a batch, or a BatchOptions that says all.
            **options: the other fields of BatchOptions, by name.

        Returns:
            Iterator over (images, labels): (batch, rows, cols, planes) float32 ADC, or HitBatch, and (batch,) int64.

        Raises:
            BadOption: no batches can be made so; at once.
        """
        chosen = BatchOptions.of(batch_size, options)
        chosen.check_images(self.image_shape)
        if chosen.training:
            return self._training_batches(chosen)
        return (self.batch(number, chosen) for number in range(math.ceil(len(self) / chosen.batch_size)))

    def batch(self, number: int, options: BatchOptions) -> Batch:
        """One of the batches of all events in stored order, as `batches` gives them."""
        first = number * options.batch_size
        events = np.arange(first, min(first + options.batch_size, len(self)))[options.rows]
        missing = options.share_size - len(events) if options.pad else 0
        label = np.concatenate([self.label[events], np.full(missing, -1)])
        if options.as_hits:
            return self.hits_of(events), label
        return np.pad(self.images(events), [(0, missing), (0, 0), (0, 0), (0, 0)]), label

    def _training_batches(self, options: BatchOptions) -> Iterator[Batch]:
        """The events form one stream, epoch after epoch, each in its own order, that is cut into batches."""

        @functools.lru_cache(maxsize=2)
        def order(epoch: int) -> np.ndarray:
            return np.random.default_rng((options.seed, epoch)).permutation(len(self))

        iteration = options.start_iteration
        while True:
            stream = range(iteration * options.batch_size, (iteration + 1) * options.batch_size)[options.rows]
            events = np.array([order(number // len(self))[number % len(self)] for number in stream])
            hits = self.hits_of(events, self._symmetries(iteration, options))
            if options.effects:
                hits = with_effects(hits, self.image_shape, iteration, options)
            yield hits if options.as_hits else images_of(hits, len(events), self.image_shape), self.label[events]
            iteration += 1

    def _symmetries(self, iteration: int, options: BatchOptions) -> np.ndarray | None:
        """One symmetry for each event at random, as `images` takes them; None where there are none."""
        if not options.symmetric:
            return None
        random, planes = np.random.default_rng((options.seed, iteration, 1)), self.image_shape[-1]
        mirrored = (random.random((options.batch_size, 2)) < 0.5) * np.int32(options.mirror)
        rows, cols = np.repeat(mirrored.T[..., None], planes, axis=2)
        if not options.exchange_planes:
            plane = np.broadcast_to(np.arange(planes, dtype=np.int32), rows.shape)
            return np.stack([rows, cols, plane])[:, options.rows]
        way = random.integers(len(EXCHANGES), size=options.batch_size)
        return np.stack([rows, cols ^ MIRRORED_ON_THE_WAY[way], EXCHANGES[way]])[:, options.rows]


def images_of(hits: HitBatch, events: int, image_shape: Shape) -> np.ndarray:
    """Dense images (events, rows, cols, planes) float32, ADC, of the hits of so many events."""
    images = np.zeros((events, *image_shape), np.float32)
    images.reshape(events, math.prod(image_shape))[hits.event, hits.index] = hits.value
    return images


def gather(records: Iterable[bytes], image_shape: Shape, value_dtype: str) -> Hits:
    """The Hits of records, in their order."""
    index, value, label = zip(*(decode_hits(record, value_dtype) for record in records))
    starts = np.concatenate([[0], np.cumsum([len(hits) for hits in index], dtype=np.int64)])
    return Hits(image_shape, starts, np.concatenate(index), np.concatenate(value), np.array(label, np.int64))
