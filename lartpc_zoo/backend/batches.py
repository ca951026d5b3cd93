"""Batches of a data set for this backend: tf.data on TensorFlow, hits in memory elsewhere."""

import functools
import math
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from data_tools.tfrecords.batches import BatchOptions, HitBatch
from data_tools.tfrecords.dataset import Dataset
from data_tools.tfrecords.hits import Hits
from lartpc_zoo.backend.group import joined
from lartpc_zoo.backend.which import is_tensorflow


def source_of_batches() -> str:
    """Where batches come from, 'tf.data' or 'hits': in training they are not the same batches."""
    return "tf.data" if is_tensorflow() else "hits"


Maker = Callable[[HitBatch, int], list[np.ndarray]]
"""From the hits of a batch and the number of its events to what a network takes; with `columns`, see SiteMaker."""


def batches_of(data: Dataset, maker: Callable[[], Any] | None = None) -> Callable[..., Any]:
    """How batches of a data set are made for this backend of Keras.

    Args:
        data: the data set.
        maker: gives a new function that makes of the hits of a batch what a network takes (see
            lartpc_zoo.models.site_maker); without it a network takes images.

    Returns:
        Function (sample, batch_size, and the other fields of data_tools.BatchOptions by name). Each of several
        processes gets its share of the batches.
    """
    if source_of_batches() == "tf.data":
        return data.tf_dataset if maker is None else functools.partial(_tf_sites, data, maker)
    hits = functools.cache(data.hits)

    def batches(sample: str, batch_size: int, **options: Any) -> Any:
        group = joined()
        share = (group.process, group.processes)
        chosen = BatchOptions(batch_size, as_hits=maker is not None, share=share, **options)
        make = _same if maker is None else _made_by(maker())
        if chosen.training:
            return (make(batch) for batch in hits(sample).batches(chosen))  # Keras takes generators only
        return AllEvents(hits(sample), chosen, make)

    return batches


class AllEvents(keras.utils.PyDataset):
    """All events of Hits once, in stored order: as Hits.batches, but of a length that Keras knows.

    Args:
        hits: the events.
        options: how batches are made.
        make: what is made of a batch.
    """

    def __init__(self, hits: Hits, options: BatchOptions, make: Callable[[Any], Any]) -> None:
        super().__init__()
        self._hits, self._options, self._make = hits, options, make

    def __len__(self) -> int:
        return math.ceil(len(self._hits) / self._options.batch_size)

    def __getitem__(self, number: int) -> Any:
        return self._make(self._hits.batch(number, self._options))


def _same(batch: Any) -> Any:
    return batch


def _made_by(maker: Maker) -> Callable[[Any], Any]:
    def made(batch: Any) -> tuple[tuple[np.ndarray, ...], np.ndarray]:
        hits, labels = batch
        return tuple(maker(hits, len(labels))), labels

    return made


def _tf_sites(data: Dataset, maker: Callable[[], Any], sample: str, batch_size: int, **options: Any) -> Any:
    """The batches of tf.data with what a maker makes of their hits, in a thread beside the training."""
    import tensorflow as tf

    make = maker()
    types = [tf.int32, tf.float32, *[tf.int32] * (len(make.columns) - 2)]
    shapes = [(None,) if columns is None else (None, columns) for columns in make.columns]

    def made(event: np.ndarray, index: np.ndarray, value: np.ndarray, events: np.ndarray) -> list[np.ndarray]:
        return make(HitBatch(event, index, value), int(events))

    def sites(hits: Any, labels: Any) -> Any:
        arrays = tf.numpy_function(made, [*hits, tf.size(labels)], types)
        return tuple(map(tf.ensure_shape, arrays, shapes)), labels

    # One call at a time: a maker is not for several threads.
    batches = data.tf_dataset(sample, batch_size, as_hits=True, **options)
    return batches.map(sites, num_parallel_calls=1).prefetch(tf.data.AUTOTUNE)
