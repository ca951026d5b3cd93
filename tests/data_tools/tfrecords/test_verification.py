import re

import pytest

from data_tools.tfrecords.example import frame, read_records
from data_tools.tfrecords.verification import find_faults


def test_a_data_set_as_it_was_written(small_data):
    assert find_faults(small_data.directory) == []


def _flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _other_events(path):
    """A shard with right checksums of its own, of the same size."""
    records = list(read_records(path))
    path.write_bytes(b"".join(map(frame, reversed(records))))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_flip, "testA-00001-of-00003.tfrecord: its sha256 is"),
        (_other_events, "testA-00001-of-00003.tfrecord: its sha256 is"),
        (lambda path: path.write_bytes(path.read_bytes()[:-20]), "bytes, the manifest says"),
        (lambda path: path.unlink(), "it is missing"),
        (lambda path: path.with_name("testA-00000-of-00099.tfrecord").write_text("x"), "does not list"),
        (lambda path: path.with_name(".aside-1-x").write_text("x"), "left by an interrupted conversion"),
        (lambda path: path.with_name("manifest.json").unlink(), "no manifest.json"),
    ],
    ids=["flip", "other", "cut", "missing", "stray", "aside", "manifest"],
)
def test_what_is_broken_is_said(damage, message, copy_of_small_data):
    damage(copy_of_small_data / "testA-00001-of-00003.tfrecord")
    (fault,) = find_faults(copy_of_small_data)
    assert re.search(message, fault)


def test_every_fault_is_said(copy_of_small_data):
    for name in ("testA-00000-of-00003.tfrecord", "train-00002-of-00003.tfrecord"):
        _flip(copy_of_small_data / name)
    (copy_of_small_data / "testB-00000-of-00003.tfrecord").unlink()
    faults = find_faults(copy_of_small_data)
    assert [re.search(r"\w+-\d+-of-\d+", fault)[0] for fault in faults] == [
        "train-00002-of-00003",
        "testA-00000-of-00003",
        "testB-00000-of-00003",
    ]


def test_events_that_a_shard_does_not_have(copy_of_small_data, edit_manifest):
    def move(content):
        first, second, _ = content["samples"]["train"]["shards"]
        first["events"] += 1
        second["events"] -= 1

    edit_manifest(copy_of_small_data, move)
    faults = find_faults(copy_of_small_data)
    assert [re.search(r"\d+ events, the manifest says \d+", fault)[0] for fault in faults] == [
        "6 events, the manifest says 7",
        "7 events, the manifest says 6",
    ]


def test_a_manifest_that_is_not_consistent(copy_of_small_data, edit_manifest):
    edit_manifest(copy_of_small_data, lambda content: content["sources"][0].update(kept=39, not_asked_for=1))
    (fault,) = find_faults(copy_of_small_data)
    assert "39 events of the sources were kept, the samples have 40" in fault
