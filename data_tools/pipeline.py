"""tf.data pipelines from shards to dense batches, and the event table without images."""

import numpy as np
import pandas as pd
import tensorflow as tf

from data_tools.event import PLANE_NAMES
from data_tools.tfrecord import parse_events, parse_images

_SHUFFLE_WINDOW = 8192
_WINDOWS_PER_EPOCH = 1 << 20
_PARALLEL_SHARDS = 4
_TABLE_BATCH = 1024


def training_batches(files, events, image_shape, value_dtype, batch_size, seed, start_iteration, mirror):
    """Endless shuffled batches; batch i is a function of `seed` and i alone.

    The events form one stream, epoch after epoch, each epoch in its own order; batch i is events i * batch_size and
    following of it. To start at batch i, whole epochs are left out and the records of a begun one are skipped unparsed.
    """
    first_epoch, skipped = divmod(start_iteration * batch_size, events)
    epochs = tf.data.Dataset.range(first_epoch, np.iinfo(np.int64).max)
    records = epochs.flat_map(lambda epoch: _shuffled(files, seed, epoch))
    batches = records.skip(skipped).batch(batch_size, drop_remainder=True).enumerate(start_iteration)

    def images(iteration, batch):
        mirrored = _coins(batch_size, seed, iteration) if mirror else None
        image, label = parse_images(batch, image_shape, value_dtype, mirrored)
        return tf.ensure_shape(image, (batch_size, *image_shape)), tf.ensure_shape(label, (batch_size,))

    return batches.map(images, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)


def evaluation_batches(files, events, image_shape, value_dtype, batch_size, pad):
    """All events once, in stored order; with `pad` the last batch is filled up with empty images of label -1."""

    def images(batch):
        image, label = parse_images(batch, image_shape, value_dtype)
        if pad:
            missing = batch_size - tf.shape(label)[0]
            image = tf.pad(image, [[0, missing], [0, 0], [0, 0], [0, 0]])
            label = tf.pad(label, [[0, missing]], constant_values=-1)
        return tf.ensure_shape(image, (None, *image_shape)), label

    # A shard cut between two records reads as a shorter one without an error; the count makes it one.
    records = tf.data.TFRecordDataset(files).apply(tf.data.experimental.assert_cardinality(events))
    return records.batch(batch_size).map(images, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)


def event_table(files, planes):
    """The DataFrame of Dataset.events."""
    batches = [parse_events(records, len(planes)) for records in tf.data.TFRecordDataset(files).batch(_TABLE_BATCH)]
    columns = {name: np.concatenate([batch[name] for batch in batches]) for name in batches[0]}
    momentum = np.linalg.norm(columns["momentum"], axis=1)
    direction = np.divide(
        columns["momentum"], momentum[:, None], where=momentum[:, None] > 0, out=np.zeros_like(columns["momentum"])
    )
    return pd.DataFrame(
        {name: columns[name] for name in ("run", "subrun", "event", "source", "entry", "pdg", "label")}
        | {"momentum": momentum}
        | {f"direction_{axis}": direction[:, i] for i, axis in enumerate("xyz")}
        | {f"vertex_{axis}": columns["vertex"][:, i] for i, axis in enumerate("xyz")}
        | {name: columns[name] for name in ("energy_init", "energy_deposit")}
        | {f"npx_{PLANE_NAMES.get(plane, plane)}": columns["hits"][:, i] for i, plane in enumerate(planes)}
    )


def _shuffled(files, seed, epoch):
    """The records of one epoch: shards in random order, read side by side, shuffled window by window.

    Only stateless operations, because Dataset.shuffle also follows TensorFlow's global seed.
    """
    order = tf.random.experimental.stateless_shuffle(tf.constant(files), seed=tf.stack([seed, epoch]))
    records = tf.data.Dataset.from_tensor_slices(order).interleave(
        tf.data.TFRecordDataset, cycle_length=_PARALLEL_SHARDS, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True
    )

    def shuffled(number, window):
        seeds = tf.stack([seed, epoch * _WINDOWS_PER_EPOCH + number])
        return tf.data.Dataset.from_tensor_slices(tf.random.experimental.stateless_shuffle(window, seed=seeds))

    return records.batch(_SHUFFLE_WINDOW).enumerate().flat_map(shuffled)


def _coins(batch_size, seed, iteration):
    """(batch, 2) bool at random, a function of seed and iteration."""
    return tf.random.stateless_uniform((batch_size, 2), seed=tf.stack([tf.cast(seed, tf.int64), iteration])) < 0.5
