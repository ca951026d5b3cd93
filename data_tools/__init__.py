"""LArCV files to sharded TFRecords, and back as tf.data batches."""

_PUBLIC = {
    "convert": "data_tools.conversion",
    "open_dataset": "data_tools.dataset",
    "Dataset": "data_tools.dataset",
}
__all__ = list(_PUBLIC)


def __getattr__(name):
    """Import on first use: TensorFlow takes seconds, and `import data_tools` should not."""
    if name not in _PUBLIC:
        raise AttributeError(f"module 'data_tools' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_PUBLIC[name]), name)


def __dir__():
    return sorted(set(globals()) | set(_PUBLIC))
