"""The schema of one record: an event as a tf.train.Example of sparse bytes.

index   bytes, little-endian int32, ascending, unique: (row * cols + col) * planes + plane
value   bytes, little-endian float32 or float16 (the manifest says which), ADC, same length as index
label   int64, -1 = no truth
pdg, run, subrun, event, source, entry    int64; source is the position of the input file in the manifest
momentum (3) MeV/c, vertex (3) cm, energy_init, energy_deposit MeV    float32
"""

import numpy as np
import tensorflow as tf

from data_tools.errors import BadEntry

_INDEX_BYTES = 4
_INT64 = ("label", "pdg", "run", "subrun", "event", "source", "entry")
_FLOAT32 = {"momentum": 3, "vertex": 3, "energy_init": 1, "energy_deposit": 1}


def encode(event, label, source, value_dtype="float32"):
    """The record of an Event, as bytes; the same event always gives the same bytes.

    Raises BadEntry when an ADC value does not fit `value_dtype`.
    """
    value = event.value.astype(np.dtype(value_dtype).newbyteorder("<"))
    if not np.isfinite(value).all():
        raise BadEntry(f"Entry {event.entry}: {event.value.max():g} ADC does not fit {value_dtype}; use float32.")
    truth = event.truth
    int64 = {
        "label": label,
        "pdg": truth.pdg,
        "run": event.run,
        "subrun": event.subrun,
        "event": event.event,
        "source": source,
        "entry": event.entry,
    }
    float32 = {
        "momentum": truth.momentum,
        "vertex": truth.vertex,
        "energy_init": [truth.energy_init],
        "energy_deposit": [truth.energy_deposit],
    }
    features = {
        "index": _bytes(event.index.astype("<i4").tobytes()),
        "value": _bytes(value.tobytes()),
        **{name: tf.train.Feature(int64_list=tf.train.Int64List(value=[number])) for name, number in int64.items()},
        **{name: tf.train.Feature(float_list=tf.train.FloatList(value=list(n))) for name, n in float32.items()},
    }
    example = tf.train.Example(features=tf.train.Features(feature=features))
    return example.SerializeToString(deterministic=True)


def parse_images(records, image_shape, value_dtype, mirrored=None):
    """Dense images and labels of a batch of records, as TensorFlow operations.

    records: (batch,) string. image_shape: (rows, cols, planes). mirrored: (batch, 2) bool, whether to mirror each
    image in its rows and in its columns. Returns images (batch, rows, cols, planes) float32 and labels (batch,) int64.
    """
    rows, cols, planes = image_shape
    features = {name: tf.io.FixedLenFeature([], tf.string) for name in ("index", "value")}
    parsed = tf.io.parse_example(records, {**features, "label": tf.io.FixedLenFeature([], tf.int64)})
    # All hits of the batch at once: one decode and one scatter are much faster than one per event.
    hits = tf.strings.length(parsed["index"]) // _INDEX_BYTES
    batch = tf.size(hits)
    number = tf.repeat(tf.range(batch), hits)
    index = tf.io.decode_raw(tf.strings.reduce_join(parsed["index"]), tf.int32)
    value = tf.cast(
        tf.io.decode_raw(tf.strings.reduce_join(parsed["value"]), tf.dtypes.as_dtype(value_dtype)), tf.float32
    )
    pixel, plane = index // planes, index % planes
    row, col = pixel // cols, pixel % cols
    if mirrored is not None:
        mirror_row, mirror_col = tf.unstack(tf.gather(mirrored, number), axis=1)
        row = tf.where(mirror_row, rows - 1 - row, row)
        col = tf.where(mirror_col, cols - 1 - col, col)
    where = tf.stack([number, row, col, plane], axis=1)
    return tf.scatter_nd(where, value, tf.stack([batch, rows, cols, planes])), parsed["label"]


def parse_events(records, planes):
    """{column: NumPy array} of a batch of records without images: all truth fields and `hits` (batch, planes)."""
    features = {name: tf.io.FixedLenFeature([], tf.int64) for name in _INT64}
    features |= {name: tf.io.FixedLenFeature([size] if size > 1 else [], tf.float32) for name, size in _FLOAT32.items()}
    parsed = tf.io.parse_example(records, {**features, "index": tf.io.FixedLenFeature([], tf.string)})
    columns = {name: column.numpy() for name, column in parsed.items()}
    index = columns.pop("index")
    channels = (np.frombuffer(packed, "<i4") % planes for packed in index)
    columns["hits"] = np.stack([np.bincount(channel, minlength=planes) for channel in channels])
    return columns


def _bytes(content):
    return tf.train.Feature(bytes_list=tf.train.BytesList(value=[content]))
