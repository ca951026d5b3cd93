"""A sample as hits in memory: batches of dense images made with NumPy alone, where there is no TensorFlow."""

import functools
import math
from dataclasses import dataclass, field

import numpy as np

from data_tools.errors import BadOption


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

    def images(self, events, mirrored=None):
        """Dense images (events, rows, cols, planes) float32, ADC, of the events with these numbers.

        mirrored: (events, 2) bool, whether to mirror each image in its rows and in its columns.
        """
        images = np.zeros((len(events), *self.image_shape), np.float32)
        for position, (image, event) in enumerate(zip(images, events)):
            hits = slice(self.starts[event], self.starts[event + 1])
            image.reshape(-1)[self.index[hits]] = self.value[hits]
            if mirrored is not None and mirrored[position].any():
                rows, cols = (-1 if turn else 1 for turn in mirrored[position])
                image[...] = image[::rows, ::cols].copy()
        return images

    def batches(self, batch_size, training=False, seed=0, start_iteration=0, mirror=False, pad=False):
        """Iterate over (image (batch, rows, cols, planes) float32 ADC, label (batch,) int64), as NumPy arrays.

        The contract of Dataset.tf_dataset, with its arguments but `cache`: in training endless and shuffled, batch i a
        function of `seed` and i alone (but not the batch that tf_dataset makes of them); else all events once, in
        stored order, the last batch smaller or, with `pad`, filled up with empty images of label -1.
        Raises BadOption, at once.
        """
        check_batches(batch_size, start_iteration)
        if training:
            return self._training_batches(batch_size, seed, start_iteration, mirror)
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

    def _training_batches(self, batch_size, seed, iteration, mirror):
        """The events form one stream, epoch after epoch, each in its own order, that is cut into batches."""

        @functools.lru_cache(maxsize=2)
        def order(epoch):
            return np.random.default_rng((seed, epoch)).permutation(len(self))

        while True:
            stream = range(iteration * batch_size, (iteration + 1) * batch_size)
            events = np.array([order(number // len(self))[number % len(self)] for number in stream])
            coins = np.random.default_rng((seed, iteration, 1)).random((batch_size, 2)) < 0.5
            yield self.images(events, coins if mirror else None), self.label[events]
            iteration += 1


def check_batches(batch_size, start_iteration):
    """Raise BadOption where no batches can be made of these numbers."""
    if batch_size < 1 or start_iteration < 0:
        raise BadOption(f"batch_size {batch_size}, start_iteration {start_iteration}: expected 1 and 0 or more.")


def gather(events, image_shape):
    """The Hits of an iterable of (Event, label)."""
    index, value, label = [], [], []
    for event, its_label in events:
        index.append(event.index)
        value.append(event.value)
        label.append(its_label)
    starts = np.concatenate([[0], np.cumsum([len(hits) for hits in index], dtype=np.int64)])
    return Hits(tuple(image_shape), starts, np.concatenate(index), np.concatenate(value), np.array(label, np.int64))
