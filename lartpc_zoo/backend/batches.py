"""Batches of a data set for this backend: tf.data where Keras runs on TensorFlow, hits in memory everywhere else."""

import functools
import math
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from data_tools.tfrecords.batches import BatchOptions
from data_tools.tfrecords.dataset import Dataset
from data_tools.tfrecords.hits import Hits
from lartpc_zoo.backend.which import is_tensorflow


def source_of_batches() -> str:
    """Where batches come from, 'tf.data' or 'hits': in training they are not the same batches."""
    return "tf.data" if is_tensorflow() else "hits"


def batches_of(data: Dataset) -> Callable[..., Any]:
    """How batches of a data set are made for this backend of Keras.

    Returns:
        Function (sample, batch_size, and the other fields of data_tools.BatchOptions by name).
    """
    if source_of_batches() == "tf.data":
        return data.tf_dataset
    hits = functools.cache(data.hits)

    def batches(sample: str, batch_size: int, **options: Any) -> Any:
        chosen = BatchOptions(batch_size, **options)
        return hits(sample).batches(chosen) if chosen.training else AllEvents(hits(sample), chosen)

    return batches


class AllEvents(keras.utils.PyDataset):
    """All events of Hits once, in stored order: as Hits.batches, but of a length that Keras knows."""

    def __init__(self, hits: Hits, options: BatchOptions) -> None:
        super().__init__()
        self._hits, self._options = hits, options

    def __len__(self) -> int:
        return math.ceil(len(self._hits) / self._options.batch_size)

    def __getitem__(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        return self._hits.batch(number, self._options)
