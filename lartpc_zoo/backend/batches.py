"""Batches of a data set for this backend: tf.data where Keras runs on TensorFlow, hits in memory everywhere else."""

import functools
import math

import keras

from data_tools.tfrecords.dataset import HitsDataset


def source_of(data):
    """Where the batches of a Dataset come from, 'tf.data' or 'hits': in training they are not the same batches."""
    shards = not isinstance(data, HitsDataset)
    return "tf.data" if keras.backend.backend() == "tensorflow" and shards else "hits"


def batches_of(data):
    """Function (sample, batch_size, and options of Hits.batches): batches of a Dataset for this backend of Keras."""
    if source_of(data) == "tf.data":
        return data.tf_dataset
    hits = functools.cache(data.hits)

    def batches(sample, batch_size, training=False, pad=False, **options):
        if training:
            return hits(sample).batches(batch_size, training=True, **options)
        return AllEvents(hits(sample), batch_size, pad)

    return batches


class AllEvents(keras.utils.PyDataset):
    """All events of Hits once, in stored order: as Hits.batches, but of a length that Keras knows."""

    def __init__(self, hits, batch_size, pad):
        super().__init__()
        self._hits, self._batch_size, self._pad = hits, batch_size, pad

    def __len__(self):
        return math.ceil(len(self._hits) / self._batch_size)

    def __getitem__(self, number):
        return self._hits.batch(number, self._batch_size, self._pad)
