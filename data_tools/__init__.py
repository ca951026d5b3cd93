"""LArCV files to sharded TFRecords, and back as tf.data batches."""

from data_tools import lazy

__getattr__, __dir__, __all__ = lazy.attach(
    __name__,
    {
        "convert": "data_tools.conversion.converter",
        "open_dataset": "data_tools.tfrecords.dataset",
        "Dataset": "data_tools.tfrecords.dataset",
    },
)
