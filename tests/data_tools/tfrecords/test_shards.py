import hashlib
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_tools.errors import CorruptShard
from data_tools.tfrecords import shards
from data_tools.tfrecords.example import read_records
from data_tools.tfrecords.manifest import SHARD_FILE, ShardDescription

RECORDS = [b"first", b"", b"third" * 1000]


@pytest.fixture
def written(tmp_path):
    return shards.write_shard(tmp_path / shards.shard_name("train", 0, 1), iter(RECORDS))


def test_what_was_written_is_described(written, tmp_path):
    content = (tmp_path / "train-00000-of-00001.tfrecord").read_bytes()
    assert written == ShardDescription(
        "train-00000-of-00001.tfrecord", 3, len(content), hashlib.sha256(content).hexdigest()
    )
    assert list(read_records(tmp_path / written.file)) == RECORDS
    told = []
    shards.check_hash(tmp_path, written, told.append)
    assert sum(told) == written.bytes


def test_a_failed_write_leaves_nothing(tmp_path):
    def records():
        yield b"first"
        raise RuntimeError

    with pytest.raises(RuntimeError):
        shards.write_shard(tmp_path / "train-00000-of-00001.tfrecord", records())
    assert list(tmp_path.iterdir()) == []


def test_a_shard_that_is_not_what_was_written(written, tmp_path):
    path = tmp_path / written.file
    content = path.read_bytes()
    path.write_bytes(content[:20] + b"x" + content[21:])
    shards.check_size(tmp_path, written)
    with pytest.raises(CorruptShard, match=f"{written.file}: its sha256 is .*, the manifest says {written.sha256}"):
        shards.check_hash(tmp_path, written)
    path.write_bytes(content[:-1])
    with pytest.raises(CorruptShard, match=f"it has {written.bytes - 1} bytes, the manifest says {written.bytes}"):
        shards.check_hash(tmp_path, written)
    path.unlink()
    with pytest.raises(CorruptShard, match="it is missing, .* Copy the data set again"):
        shards.check_size(tmp_path, written)


@given(st.integers(1, 10**6), st.integers(1, 200))
def test_events_are_spread_evenly(events, number):
    bounds = shards.shard_bounds(events, number)
    sizes = [stop - start for start, stop in itertools.pairwise(bounds)]
    assert (len(sizes), sum(sizes), bounds[0]) == (number, events, 0)
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize(("events", "number"), [(1, 8), (80_000, 8), (80_001, 9), (1_000_000, 100)])
def test_shards_hold_ten_thousand_events_or_fewer(events, number):
    assert shards.default_shards(events) == number


def test_names_of_shards():
    assert shards.shard_name("testB", 3, 12) == "testB-00003-of-00012.tfrecord"
    assert SHARD_FILE.fullmatch(shards.shard_name("testB", 3, 12))
