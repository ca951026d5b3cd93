"""Effects of a detector on the events of a training batch, drawn anew for each of them."""

import itertools

import numpy as np

from data_tools.detector.effect import EventHits
from data_tools.index import Shape
from data_tools.tfrecords.batches import BatchOptions, HitBatch


def with_effects(hits: HitBatch, image_shape: Shape, iteration: int, options: BatchOptions) -> HitBatch:
    """The hits of a process's share of a training batch with the effects of its options, each of a random strength.

    Args:
        hits: as NumPy arrays; its events one after the other.
        image_shape: (rows, cols, planes).
        iteration: number of the batch.
        options: how batches are made.
    """
    starts = np.searchsorted(hits.event, np.arange(options.share_size + 1))
    parts = []
    for event, (start, stop) in enumerate(itertools.pairwise(starts)):
        order = start + np.argsort(hits.index[start:stop])  # a symmetry leaves no order
        seed = (options.seed, iteration, options.rows.start + event)
        sorted_hits = EventHits(hits.index[order], hits.value[order])
        parts.append(options.effects.apply(sorted_hits, image_shape, seed, strength=None))
    counts = [len(part.index) for part in parts]
    return HitBatch(
        np.repeat(np.arange(len(parts), dtype=np.int32), counts),
        np.concatenate([part.index for part in parts]),
        np.concatenate([part.value for part in parts]),
    )
