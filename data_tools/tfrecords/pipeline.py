"""tf.data pipelines from shards to batches: the one room of the data layer that needs TensorFlow."""

import math
from collections.abc import Callable, Iterable

import numpy as np
import tensorflow as tf

from data_tools.index import Shape, plane_of
from data_tools.tfrecords.augmentation import with_effects
from data_tools.tfrecords.batches import BatchOptions, HitBatch
from data_tools.tfrecords.example import read_records
from data_tools.tfrecords.symmetries import EXCHANGES, MIRRORED_ON_THE_WAY, turned

_SHUFFLE_WINDOW = 8192
_WINDOWS_PER_EPOCH = 1 << 20
_PARALLEL_SHARDS = 4
_INDEX_BYTES = 4


def training_batches(
    files: list[str], events: int, image_shape: Shape, value_dtype: str, options: BatchOptions
) -> tf.data.Dataset:
    """Endless shuffled batches; batch i is a function of the options and of i alone.

    The events form one stream, epoch after epoch, each epoch in its own order; batch i is events i * batch_size and
    following of it. To start at batch i, whole epochs are left out and the records of a begun one are skipped unparsed.

    Args:
        files: shards, in stored order.
        events: in all shards.
        image_shape: (rows, cols, planes).
        value_dtype: of stored ADC.
        options: how batches are made.

    Returns:
        Of (images (batch, rows, cols, planes) float32 ADC or HitBatch, labels (batch,) int64).
    """
    shard = _shard_reader(files, options.cache)
    first_epoch, skipped = divmod(options.start_iteration * options.batch_size, events)
    epochs = tf.data.Dataset.range(first_epoch, np.iinfo(np.int64).max)
    records = epochs.flat_map(lambda epoch: _shuffled(shard, len(files), options.seed, epoch))
    batches = records.skip(skipped).batch(options.batch_size, drop_remainder=True).enumerate(options.start_iteration)

    def parsed(iteration: tf.Tensor, batch: tf.Tensor) -> tuple[tf.Tensor | HitBatch, tf.Tensor]:
        symmetries = _symmetries(image_shape[-1], iteration, options) if options.symmetric else None
        hits, label = parse_hits(batch[options.rows], image_shape, value_dtype, symmetries)
        label = tf.ensure_shape(label, (options.share_size,))
        if options.effects:
            hits = _with_effects(hits, image_shape, iteration, options)
        if options.as_hits:
            return hits, label
        return tf.ensure_shape(_images(hits, options.share_size, image_shape), (None, *image_shape)), label

    return batches.map(parsed, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)


def evaluation_batches(
    files: list[str], events: int, image_shape: Shape, value_dtype: str, options: BatchOptions
) -> tf.data.Dataset:
    """All events once, in stored order; arguments and batches as of `training_batches`."""

    def parsed(batch: tf.Tensor) -> tuple[tf.Tensor | HitBatch, tf.Tensor]:
        hits, label = parse_hits(batch[options.rows], image_shape, value_dtype)
        if options.pad:
            label = tf.pad(label, [[0, options.share_size - tf.shape(label)[0]]], constant_values=-1)
        if options.as_hits:
            return hits, label
        return tf.ensure_shape(_images(hits, tf.size(label), image_shape), (None, *image_shape)), label

    records = tf.data.Dataset.range(len(files)).flat_map(_shard_reader(files, options.cache))
    # A shard cut between two records reads as a shorter one without an error; the count makes it one.
    records = records.apply(tf.data.experimental.assert_cardinality(events)).batch(options.batch_size)
    return records.map(parsed, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)


def one_thread_batches(
    files: list[str], image_shape: Shape, value_dtype: str, batch_size: int, dense: bool
) -> tf.data.Dataset:
    """Endless batches in stored order, made by one thread and not before they are asked for: what reading costs.

    dense=False: records only read and parsed, (hits of each event, index, value, label) of `_parse`. dense=True:
    (images, label) of `parse_images`.
    """

    def images(batch: tf.Tensor) -> tuple[tf.Tensor, ...]:
        return parse_images(batch, image_shape, value_dtype) if dense else _parse(batch, value_dtype)

    options = tf.data.Options()
    options.threading.private_threadpool_size = 1
    options.threading.max_intra_op_parallelism = 1
    options.autotune.enabled = False
    options.experimental_optimization.inject_prefetch = False
    return tf.data.TFRecordDataset(files).repeat().batch(batch_size).map(images).with_options(options)


def _with_effects(hits: HitBatch, image_shape: Shape, iteration: tf.Tensor, options: BatchOptions) -> HitBatch:
    """`with_effects` as a TensorFlow operation."""

    def made(event: np.ndarray, index: np.ndarray, value: np.ndarray, number: np.ndarray) -> HitBatch:
        return with_effects(HitBatch(event, index, value), image_shape, int(number), options)

    types = [tf.int32, tf.int32, tf.float32]
    arrays = tf.numpy_function(made, [*hits, iteration], types, stateful=False)
    return HitBatch(*(tf.ensure_shape(array, (None,)) for array in arrays))


def parse_hits(
    records: tf.Tensor, image_shape: Shape, value_dtype: str, symmetries: Iterable[tf.Tensor] | None = None
) -> tuple[HitBatch, tf.Tensor]:
    """Hits and labels of a batch of records, as TensorFlow operations.

    Args:
        records: (batch,) string.
        image_shape: (rows, cols, planes).
        value_dtype: of stored ADC.
        symmetries: three tensors, for each event and plane (batch, planes) int32: whether to mirror its rows, its
            columns (0 or 1), and where the plane goes.

    Returns:
        HitBatch and labels (batch,) int64.
    """
    hits, index, value, label = _parse(records, value_dtype)
    number, planes = _numbers(hits), image_shape[-1]
    if symmetries is not None:
        of_hit = number * planes + plane_of(index, image_shape)
        index = turned(index, image_shape, *(tf.gather(tf.reshape(part, [-1]), of_hit) for part in symmetries))
    return HitBatch(number, index, value), label


def parse_images(
    records: tf.Tensor, image_shape: Shape, value_dtype: str, symmetries: Iterable[tf.Tensor] | None = None
) -> tuple[tf.Tensor, tf.Tensor]:
    """Dense images (batch, rows, cols, planes) float32 ADC and labels of a batch of records; see `parse_hits`."""
    hits, label = parse_hits(records, image_shape, value_dtype, symmetries)
    return _images(hits, tf.size(label), image_shape), label


def _images(hits: HitBatch, events: int | tf.Tensor, image_shape: Shape) -> tf.Tensor:
    """Dense images (events, rows, cols, planes) float32."""
    pixels = math.prod(image_shape)
    # 64 bits: a batch of full views has more pixels than 32 can count.
    where = tf.cast(hits.event, tf.int64) * pixels + tf.cast(hits.index, tf.int64)
    sparse = tf.SparseTensor(where[:, None], hits.value, [tf.cast(events, tf.int64) * pixels])
    # Indices are unique by the schema; scatter_nd, which would add equal ones up, is slower.
    flat = tf.sparse.to_dense(sparse, validate_indices=False)
    return tf.reshape(flat, (-1, *image_shape))


def _parse(records: tf.Tensor, value_dtype: str) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
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


def _numbers(hits: tf.Tensor) -> tf.Tensor:
    """For every hit of a batch, the number of its event, which tf.repeat would give more slowly."""
    starts = tf.cumsum(hits)[:-1]
    steps = tf.scatter_nd(starts[:, None], tf.ones_like(starts), [tf.reduce_sum(hits) + 1])
    return tf.cumsum(steps)[:-1]


def _shard_reader(files: list[str], cache: bool) -> Callable[[tf.Tensor], tf.data.Dataset]:
    """Function from the number of a shard to the dataset of its records."""
    if not cache:
        names = tf.constant(files)
        return lambda number: tf.data.TFRecordDataset(names[number])
    shards = [list(read_records(file)) for file in files]
    flat = tf.constant([record for records in shards for record in records])
    records = tf.RaggedTensor.from_row_lengths(flat, [len(shard) for shard in shards])
    return lambda number: tf.data.Dataset.from_tensor_slices(records[number])


def _shuffled(
    shard: Callable[[tf.Tensor], tf.data.Dataset], shards: int, seed: int, epoch: tf.Tensor
) -> tf.data.Dataset:
    """The records of one epoch: shards in random order, read side by side, shuffled window by window.

    Only stateless operations, because Dataset.shuffle also follows TensorFlow's global seed.
    """
    order = tf.random.experimental.stateless_shuffle(tf.range(shards), seed=tf.stack([seed, epoch]))
    records = tf.data.Dataset.from_tensor_slices(order).interleave(
        shard, cycle_length=_PARALLEL_SHARDS, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True
    )

    def shuffled(number: tf.Tensor, window: tf.Tensor) -> tf.data.Dataset:
        seeds = tf.stack([seed, epoch * _WINDOWS_PER_EPOCH + number])
        return tf.data.Dataset.from_tensor_slices(tf.random.experimental.stateless_shuffle(window, seed=seeds))

    return records.batch(_SHUFFLE_WINDOW).enumerate().flat_map(shuffled)


def _symmetries(planes: int, iteration: tf.Tensor, options: BatchOptions) -> list[tf.Tensor]:
    """One symmetry for each event at random, a function of seed and iteration, as `parse_hits` takes them."""
    size = options.batch_size
    seeds = tf.stack([tf.cast(options.seed, tf.int64), iteration])
    mirrored = tf.cast(tf.random.stateless_uniform((size, 2), seeds) < 0.5, tf.int32) * int(options.mirror)
    rows, cols = (tf.repeat(coins[:, None], planes, axis=1) for coins in tf.unstack(mirrored, axis=1))
    plane = tf.tile(tf.range(planes)[None], [size, 1])
    if options.exchange_planes:
        # Other numbers than the mirrors': a seed of its own, which no iteration has.
        way = tf.random.stateless_uniform((size,), -1 - seeds, 0, len(EXCHANGES), tf.int32)
        cols, plane = tf.bitwise.bitwise_xor(cols, tf.gather(MIRRORED_ON_THE_WAY, way)), tf.gather(EXCHANGES, way)
    return [part[options.rows] for part in (rows, cols, plane)]
