"""Sharded TFRecord files: written aside, hashed, renamed; and checked against what a manifest says of them."""

import hashlib

from data_tools.errors import CorruptShard
from data_tools.files import sha256_of_file, written_aside
from data_tools.tfrecords.example import frame

_EVENTS_PER_SHARD = 10_000
_FEWEST_SHARDS = 8


def default_shards(events):
    """Number of shards of a sample: 8, or as many as keep a shard at 10,000 events or fewer."""
    return max(_FEWEST_SHARDS, -(-events // _EVENTS_PER_SHARD))


def shard_name(sample, number, shards):
    """File name of a shard, as in TFDS: train-00003-of-00008.tfrecord."""
    return f"{sample}-{number:05d}-of-{shards:05d}.tfrecord"


def shard_bounds(events, shards):
    """First position of every shard and the end, for `events` spread as evenly as they go over `shards`."""
    return [events * number // shards for number in range(shards + 1)]


def write_shard(path, records):
    """Write an iterable of records (bytes) to `path`; returns what the manifest holds of it. Raises OSError."""
    events = 0
    size = 0
    digest = hashlib.sha256()
    with written_aside(path) as aside, open(aside, "wb") as file:
        for record in records:
            framed = frame(record)
            file.write(framed)
            digest.update(framed)
            events += 1
            size += len(framed)
    return {"file": path.name, "events": events, "bytes": size, "sha256": digest.hexdigest()}


def check_size(directory, shard):
    """Raise CorruptShard when a shard is not there or has another size than in the manifest."""
    path = directory / shard["file"]
    size = path.stat().st_size if path.is_file() else None
    if size != shard["bytes"]:
        found = "it is missing" if size is None else f"it has {size} bytes"
        raise CorruptShard(
            f"{path}: {found}, the manifest says {shard['bytes']} bytes. "
            "Copy the data set again, or delete the directory and convert again."
        )


def check_hash(directory, shard, advance=lambda nbytes: None):
    """Raise CorruptShard when the content of a shard is not what was written."""
    check_size(directory, shard)
    path = directory / shard["file"]
    found = sha256_of_file(path, advance)
    if found != shard["sha256"]:
        raise CorruptShard(
            f"{path}: its sha256 is {found}, the manifest says {shard['sha256']}: the shard was changed or damaged. "
            "Copy the data set again, or delete the directory and convert again."
        )
