"""tf.data pipelines from shards to dense batches: the one room of the data layer that needs TensorFlow."""

import numpy as np
import tensorflow as tf

from data_tools.tfrecords.example import read_records
from data_tools.tfrecords.symmetries import EXCHANGES, MIRRORED_ON_THE_WAY, turned

_SHUFFLE_WINDOW = 8192
_WINDOWS_PER_EPOCH = 1 << 20
_PARALLEL_SHARDS = 4
_INDEX_BYTES = 4


def training_batches(
    files, events, image_shape, value_dtype, batch_size, seed, start_iteration, mirror, exchange_planes, cache
):
    """Endless shuffled batches; batch i is a function of `seed` and i alone.

    The events form one stream, epoch after epoch, each epoch in its own order; batch i is events i * batch_size and
    following of it. To start at batch i, whole epochs are left out and the records of a begun one are skipped unparsed.
    cache: keep the records in memory.
    """
    shard = _shard_reader(files, cache)
    first_epoch, skipped = divmod(start_iteration * batch_size, events)
    epochs = tf.data.Dataset.range(first_epoch, np.iinfo(np.int64).max)
    records = epochs.flat_map(lambda epoch: _shuffled(shard, len(files), seed, epoch))
    batches = records.skip(skipped).batch(batch_size, drop_remainder=True).enumerate(start_iteration)

    def images(iteration, batch):
        symmetries = None
        if mirror or exchange_planes:
            symmetries = _symmetries(batch_size, image_shape[-1], seed, iteration, mirror, exchange_planes)
        image, label = parse_images(batch, image_shape, value_dtype, symmetries)
        return tf.ensure_shape(image, (batch_size, *image_shape)), tf.ensure_shape(label, (batch_size,))

    return batches.map(images, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)


def evaluation_batches(files, events, image_shape, value_dtype, batch_size, pad, cache):
    """All events once, in stored order; with `pad` the last batch is filled up with empty images of label -1."""

    def images(batch):
        image, label = parse_images(batch, image_shape, value_dtype)
        if pad:
            missing = batch_size - tf.shape(label)[0]
            image = tf.pad(image, [[0, missing], [0, 0], [0, 0], [0, 0]])
            label = tf.pad(label, [[0, missing]], constant_values=-1)
        return tf.ensure_shape(image, (None, *image_shape)), label

    records = tf.data.Dataset.range(len(files)).flat_map(_shard_reader(files, cache))
    # A shard cut between two records reads as a shorter one without an error; the count makes it one.
    records = records.apply(tf.data.experimental.assert_cardinality(events))
    return records.batch(batch_size).map(images, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)


def one_thread_batches(files, image_shape, value_dtype, batch_size, dense):
    """Endless batches in stored order, made by one thread and not before they are asked for: what reading costs.

    dense=False: records only read and parsed, (hits of each event, index, value, label) of `_parse_hits`. dense=True:
    (images, label) of `parse_images`.
    """

    def images(batch):
        return parse_images(batch, image_shape, value_dtype) if dense else _parse_hits(batch, value_dtype)

    options = tf.data.Options()
    options.threading.private_threadpool_size = 1
    options.threading.max_intra_op_parallelism = 1
    options.autotune.enabled = False
    options.experimental_optimization.inject_prefetch = False
    return tf.data.TFRecordDataset(files).repeat().batch(batch_size).map(images).with_options(options)


def parse_images(records, image_shape, value_dtype, symmetries=None):
    """Dense images and labels of a batch of records, as TensorFlow operations.

    records: (batch,) string. image_shape: (rows, cols, planes). symmetries: for each event and plane, (batch, planes)
    int32, whether to mirror its rows, its columns (0 or 1), and where the plane goes. Returns images (batch, rows,
    cols, planes) float32 and labels (batch,) int64.
    """
    rows, cols, planes = image_shape
    pixels = rows * cols * planes
    hits, index, value, label = _parse_hits(records, value_dtype)
    number = _numbers(hits)
    if symmetries is not None:
        of_hit = number * planes + index % planes
        index = turned(index, image_shape, *(tf.gather(tf.reshape(part, [-1]), of_hit) for part in symmetries))
    # 64 bits: a batch of full views has more pixels than 32 can count.
    where = tf.cast(number, tf.int64) * pixels + tf.cast(index, tf.int64)
    sparse = tf.SparseTensor(where[:, None], value, [tf.size(hits, tf.int64) * pixels])
    # Indices are unique by the schema; scatter_nd, which would add equal ones up, is slower.
    flat = tf.sparse.to_dense(sparse, validate_indices=False)
    return tf.reshape(flat, (-1, rows, cols, planes)), label


def _parse_hits(records, value_dtype):
    """The hits of a batch of records, all events one after the other, as TensorFlow operations.

    records: (batch,) string. Returns the hits of each event (batch,) int32, their index (hits,) int32 and value (hits,)
    float32, and labels (batch,) int64.
    """
    features = {name: tf.io.FixedLenFeature([], tf.string) for name in ("index", "value")}
    parsed = tf.io.parse_example(records, {**features, "label": tf.io.FixedLenFeature([], tf.int64)})
    # All hits of the batch at once: one decode and one scatter are much faster than one per event.
    hits = tf.strings.length(parsed["index"]) // _INDEX_BYTES
    index = tf.io.decode_raw(tf.strings.reduce_join(parsed["index"]), tf.int32)
    value = tf.io.decode_raw(tf.strings.reduce_join(parsed["value"]), tf.dtypes.as_dtype(value_dtype))
    return hits, index, tf.cast(value, tf.float32), parsed["label"]


def _numbers(hits):
    """For every hit of a batch, the number of its event, which tf.repeat would give more slowly."""
    starts = tf.cumsum(hits)[:-1]
    steps = tf.scatter_nd(starts[:, None], tf.ones_like(starts), [tf.reduce_sum(hits) + 1])
    return tf.cumsum(steps)[:-1]


def _shard_reader(files, cache):
    """Function from the number of a shard to the dataset of its records."""
    if not cache:
        names = tf.constant(files)
        return lambda number: tf.data.TFRecordDataset(names[number])
    shards = [list(read_records(file)) for file in files]
    flat = tf.constant([record for records in shards for record in records])
    records = tf.RaggedTensor.from_row_lengths(flat, [len(shard) for shard in shards])
    return lambda number: tf.data.Dataset.from_tensor_slices(records[number])


def _shuffled(shard, shards, seed, epoch):
    """The records of one epoch: shards in random order, read side by side, shuffled window by window.

    Only stateless operations, because Dataset.shuffle also follows TensorFlow's global seed.
    """
    order = tf.random.experimental.stateless_shuffle(tf.range(shards), seed=tf.stack([seed, epoch]))
    records = tf.data.Dataset.from_tensor_slices(order).interleave(
        shard, cycle_length=_PARALLEL_SHARDS, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True
    )

    def shuffled(number, window):
        seeds = tf.stack([seed, epoch * _WINDOWS_PER_EPOCH + number])
        return tf.data.Dataset.from_tensor_slices(tf.random.experimental.stateless_shuffle(window, seed=seeds))

    return records.batch(_SHUFFLE_WINDOW).enumerate().flat_map(shuffled)


def _symmetries(batch_size, planes, seed, iteration, mirror, exchange_planes):
    """One symmetry for each event at random, a function of seed and iteration, as `parse_images` takes them."""
    seeds = tf.stack([tf.cast(seed, tf.int64), iteration])
    mirrored = tf.cast(tf.random.stateless_uniform((batch_size, 2), seeds) < 0.5, tf.int32) * int(mirror)
    rows, cols = (tf.repeat(coins[:, None], planes, axis=1) for coins in tf.unstack(mirrored, axis=1))
    if not exchange_planes:
        return rows, cols, tf.tile(tf.range(planes)[None], [batch_size, 1])
    # Other numbers than the mirrors': a seed of its own, which no iteration has.
    way = tf.random.stateless_uniform((batch_size,), -1 - seeds, 0, len(EXCHANGES), tf.int32)
    return rows, tf.bitwise.bitwise_xor(cols, tf.gather(MIRRORED_ON_THE_WAY, way)), tf.gather(EXCHANGES, way)
