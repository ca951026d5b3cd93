"""LArCV files to sharded TFRecords, and back as batches for training."""

from data_tools import lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
