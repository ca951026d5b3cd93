"""Reading converted data into dense batches, and its size on disk, against dense TFRecords, plain and GZIP.

Usage: python benchmarks/read_batches.py [FILE]      (default: the demo sample)

The file is converted once and written again as dense float32 records, as one would without this package. All three are
read with tf.data into batches of 20, records parsed in parallel, in five passes from a warm page cache. Needs as much
disk as 200 dense images.
"""

import functools
import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import tensorflow as tf
from pairs import PAIRS, compare, print_table

from data_tools import convert

_DEMO = Path(__file__).parents[1] / "examples" / "data" / "singles_demo_288.root"
_BATCH = 20
_MOST_EVENTS = 200
_PASSES = 5
_SPARSE, _DENSE, _GZIP = "converted data", "dense float32 TFRecord", "dense float32 TFRecord, GZIP"


def _write_dense(data, path, compression):
    options = tf.io.TFRecordOptions(compression_type=compression)
    with tf.io.TFRecordWriter(str(path), options) as writer:
        for event, label in data.iterate("all"):
            image = tf.train.Feature(bytes_list=tf.train.BytesList(value=[event.image().tobytes()]))
            number = tf.train.Feature(int64_list=tf.train.Int64List(value=[label]))
            features = tf.train.Features(feature={"image": image, "label": number})
            writer.write(tf.train.Example(features=features).SerializeToString())


def _dense_batches(path, compression, shape):
    schema = {"image": tf.io.FixedLenFeature([], tf.string), "label": tf.io.FixedLenFeature([], tf.int64)}

    def parse(record):
        parsed = tf.io.parse_single_example(record, schema)
        return tf.reshape(tf.io.decode_raw(parsed["image"], tf.float32), shape), parsed["label"]

    records = tf.data.TFRecordDataset(str(path), compression)
    return records.map(parse, num_parallel_calls=tf.data.AUTOTUNE).batch(_BATCH).prefetch(tf.data.AUTOTUNE)


def _read_all(batches):
    for _ in batches:
        pass


def _size(paths):
    return sum(path.stat().st_size for path in paths)


def main():
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else _DEMO
    with tempfile.TemporaryDirectory() as directory:
        directory = Path(directory)
        # Dense files are large: a part of the events will do.
        data = convert(path, directory / "data", ["all"], select=f"entry < {_MOST_EVENTS}")
        files = {_DENSE: (directory / "dense", ""), _GZIP: (directory / "gzip", "GZIP")}
        for file, compression in files.values():
            _write_dense(data, file, compression)
        batches = {_SPARSE: data.tf_dataset("all", _BATCH)}
        batches |= {name: _dense_batches(*file, data.image_shape) for name, file in files.items()}
        taken = compare({name: functools.partial(_read_all, found.repeat(_PASSES)) for name, found in batches.items()})
        events, sizes = data.size("all"), {_SPARSE: _size((directory / "data").glob("*.tfrecord"))}
        sizes |= {name: _size([file]) for name, (file, _) in files.items()}
    print(f"{path.name}: {events} events of {' x '.join(map(str, data.image_shape))}, median of {PAIRS} rounds\n")
    for slower in files:
        print_table({name: taken[name] for name in (slower, _SPARSE)}, events * _PASSES, slower)
        print()
    print("| way | kB per event on disk | times the converted data |\n| --- | ---: | ---: |")
    for name, size in sizes.items():
        print(f"| {name} | {size / events / 1e3:.1f} | {size / sizes[_SPARSE]:.1f} |")


if __name__ == "__main__":
    main()
