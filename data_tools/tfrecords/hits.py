"""A sample as hits in memory: batches of dense images made with NumPy alone, where there is no TensorFlow."""

import functools
import math
from dataclasses import dataclass, field

import numpy as np

from data_tools.errors import BadOption
from data_tools.tfrecords.symmetries import EXCHANGES, EXCHANGING_PLANES, MIRRORED_ON_THE_WAY, turned


@dataclass(frozen=True, eq=False)
class Hits:
    """The events of one sample, one after the other.

    image_shape: (rows, cols, planes). starts: (events + 1,) int64; event i has the hits from starts[i] to
    starts[i + 1]. index: (hits,) int32, (row * cols + col) * planes + plane. value: (hits,) float32, ADC. label:
    (events,) int64, position of the class, -1 = no truth.
    """

    image_shape: tuple[int, int, int]
    starts: np.ndarray = field(repr=False)
    index: np.ndarray = field(repr=False)
    value: np.ndarray = field(repr=False)
    label: np.ndarray = field(repr=False)

    def __len__(self):
        return len(self.label)

    def images(self, events, symmetries=None):
        """Dense images (events, rows, cols, planes) float32, ADC, of the events with these numbers.

        symmetries: for each event and plane, (3, events, planes) int32: whether to mirror its rows, its columns (0 or
        1), and where the plane goes.
        """
        images = np.zeros((len(events), *self.image_shape), np.float32)
        for position, (image, event) in enumerate(zip(images, events)):
            hits = slice(self.starts[event], self.starts[event + 1])
            index = self.index[hits]
            if symmetries is not None:
                index = turned(index, self.image_shape, *symmetries[:, position, index % self.image_shape[-1]])
            image.reshape(-1)[index] = self.value[hits]
        return images

    def batches(
        self,
        batch_size,
        training=False,
        seed=0,
        start_iteration=0,
        mirror=False,
        exchange_planes=False,
        pad=False,
    ):
        """Iterate over (image (batch, rows, cols, planes) float32 ADC, label (batch,) int64), as NumPy arrays.

        The contract of Dataset.tf_dataset, with its arguments but `cache`: in training endless and shuffled, batch i a
        function of `seed` and i alone (but not the batch that tf_dataset makes of them); else all events once, in
        stored order, the last batch smaller or, with `pad`, filled up with empty images of label -1.
        Raises BadOption, at once.
        """
        check_batches(batch_size, start_iteration, exchange_planes, self.image_shape)
        if training:
            return self._training_batches(batch_size, seed, start_iteration, mirror, exchange_planes)
        return (self.batch(number, batch_size, pad) for number in range(math.ceil(len(self) / batch_size)))

    def batch(self, number, batch_size, pad=False):
        """One of the batches of all events in stored order, as `batches` gives them: images and labels."""
        start = number * batch_size
        events = np.arange(start, min(start + batch_size, len(self)))
        images, label = self.images(events), self.label[events]
        if pad and len(events) < batch_size:
            missing = batch_size - len(events)
            images = np.concatenate([images, np.zeros((missing, *self.image_shape), np.float32)])
            label = np.concatenate([label, np.full(missing, -1)])
        return images, label

    def _training_batches(self, batch_size, seed, iteration, mirror, exchange_planes):
        """The events form one stream, epoch after epoch, each in its own order, that is cut into batches."""

        @functools.lru_cache(maxsize=2)
        def order(epoch):
            return np.random.default_rng((seed, epoch)).permutation(len(self))

        while True:
            stream = range(iteration * batch_size, (iteration + 1) * batch_size)
            events = np.array([order(number // len(self))[number % len(self)] for number in stream])
            symmetries = self._symmetries(batch_size, (seed, iteration, 1), mirror, exchange_planes)
            yield self.images(events, symmetries), self.label[events]
            iteration += 1

    def _symmetries(self, batch_size, seed, mirror, exchange_planes):
        """One symmetry for each event at random, as `images` takes them; None where there are none."""
        if not (mirror or exchange_planes):
            return None
        random, planes = np.random.default_rng(seed), self.image_shape[-1]
        mirrored = (random.random((batch_size, 2)) < 0.5) * np.int32(mirror)
        rows, cols = np.repeat(mirrored.T[..., None], planes, axis=2)
        if not exchange_planes:
            return np.stack([rows, cols, np.broadcast_to(np.arange(planes, dtype=np.int32), rows.shape)])
        way = random.integers(len(EXCHANGES), size=batch_size)
        return np.stack([rows, cols ^ MIRRORED_ON_THE_WAY[way], EXCHANGES[way]])


def check_batches(batch_size, start_iteration, exchange_planes, image_shape):
    """Raise BadOption where no batches can be made so."""
    if batch_size < 1 or start_iteration < 0:
        raise BadOption(f"batch_size {batch_size}, start_iteration {start_iteration}: expected 1 and 0 or more.")
    if exchange_planes and image_shape[-1] != EXCHANGING_PLANES:
        raise BadOption(
            f"exchange_planes: expected images of three planes, at +60, -60 and 0 degrees, got {image_shape[-1]}."
        )


def gather(events, image_shape):
    """The Hits of an iterable of (Event, label)."""
    index, value, label = [], [], []
    for event, its_label in events:
        index.append(event.index)
        value.append(event.value)
        label.append(its_label)
    starts = np.concatenate([[0], np.cumsum([len(hits) for hits in index], dtype=np.int64)])
    return Hits(tuple(image_shape), starts, np.concatenate(index), np.concatenate(value), np.array(label, np.int64))
