"""Sharded TFRecord files: written aside, hashed, renamed; and checked against what a manifest says of them."""

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

from data_tools.errors import CorruptShard
from data_tools.files import sha256_of_file, written_aside
from data_tools.options import EVENTS_PER_SHARD, FEWEST_SHARDS
from data_tools.tfrecords.example import COPY_AGAIN, frame
from data_tools.tfrecords.manifest import ShardDescription


def default_shards(events: int) -> int:
    """Number of shards of a sample: 8, or as many as keep a shard at 10,000 events or fewer."""
    return max(FEWEST_SHARDS, -(-events // EVENTS_PER_SHARD))


def shard_name(sample: str, number: int, shards: int) -> str:
    """File name of a shard, as in TFDS: train-00003-of-00008.tfrecord."""
    return f"{sample}-{number:05d}-of-{shards:05d}.tfrecord"


def shard_bounds(events: int, shards: int) -> list[int]:
    """First position of every shard and the end, for `events` spread as evenly as they go over `shards`."""
    return [events * number // shards for number in range(shards + 1)]


def write_shard(path: Path, records: Iterable[bytes]) -> ShardDescription:
    """Write records to a file, atomically.

    Returns:
        What the manifest holds of it.

    Raises:
        OSError: as when the disk is full.
    """
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
    return ShardDescription(path.name, events, size, digest.hexdigest())


def check_size(directory: Path, shard: ShardDescription) -> None:
    """Raise CorruptShard when a shard is not there or has another size than in the manifest."""
    path = directory / shard.file
    size = path.stat().st_size if path.is_file() else None
    if size != shard.bytes:
        found = "it is missing" if size is None else f"it has {size} bytes"
        raise CorruptShard(f"{path}: {found}, the manifest says {shard.bytes} bytes. {COPY_AGAIN}")


def check_hash(directory: Path, shard: ShardDescription, advance: Callable[[int], None] = lambda nbytes: None) -> None:
    """Raise CorruptShard when the content of a shard is not what was written; `advance` is told the bytes read."""
    check_size(directory, shard)
    path = directory / shard.file
    found = sha256_of_file(path, advance)
    if found != shard.sha256:
        raise CorruptShard(
            f"{path}: its sha256 is {found}, the manifest says {shard.sha256}: the shard was changed or damaged. "
            f"{COPY_AGAIN}"
        )
