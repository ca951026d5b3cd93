import re

import pytest

from data_tools.tfrecords.example import Example, frame, read_records
from data_tools.tfrecords.verification import find_faults


def test_a_data_set_as_it_was_written(small_data):
    assert find_faults(small_data.directory) == []


def rewrite(path, change):
    """Change the first record's features and write the shard again, with right checksums."""
    records = list(read_records(path))
    example = Example.FromString(records[0])
    change(example.features.feature)
    path.write_bytes(b"".join(map(frame, [example.SerializeToString(), *records[1:]])))


def _flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _descending(feature):
    index = feature["index"].bytes_list.value[0]
    feature["index"].bytes_list.value[0] = index[4:8] + index[:4] + index[8:]


def _label(feature):
    feature["label"].int64_list.value[0] = 5


def _unparsable(feature):
    del feature["label"]


@pytest.mark.parametrize(
    ("damage", "messages"),
    [
        (_flip, ["its sha256 is", r"content is damaged or cut|length is damaged"]),
        (lambda path: path.write_bytes(path.read_bytes()[:-20]), ["bytes, the manifest says", "damaged or cut"]),
        (lambda path: path.unlink(), ["it is missing"]),
        (lambda path: rewrite(path, _descending), ["its sha256 is", "record 0: its hits are not ascending"]),
        (lambda path: rewrite(path, _label), ["record 0: label 5 of 5 classes", "Sample testA: events per class"]),
        (lambda path: rewrite(path, _unparsable), ["record 0: cannot be parsed"]),
        (lambda path: path.with_name("testA-00000-of-00099.tfrecord").write_text("x"), ["does not list"]),
        (lambda path: path.with_name(".aside-1-x").write_text("x"), ["left by an interrupted conversion"]),
        (lambda path: path.with_name("manifest.json").unlink(), ["no manifest.json"]),
    ],
    ids=["flip", "cut", "missing", "descending", "label", "unparsable", "stray", "aside", "manifest"],
)
def test_what_is_broken_is_said(damage, messages, copy_of_small_data):
    damage(copy_of_small_data / "testA-00001-of-00003.tfrecord")
    faults = find_faults(copy_of_small_data)
    assert [message for message in messages if not any(re.search(message, fault) for fault in faults)] == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda content: content["samples"]["train"]["events_per_class"].update(muon=5),
            "Sample train: events per class",
        ),
        (lambda content: content["samples"]["train"]["hits_per_event"].update(max=1), "Sample train: hits per event"),
        (lambda content: content["samples"]["train"].update(labelled=False), "Sample train: labelled is False"),
        (lambda content: content["sources"][0].update(kept=39), "39 events were kept, the samples have 40"),
        (lambda content: content["sources"][0].update(entries=41), "40 entries are accounted for, it has 41"),
        (lambda content: content.update(planes=[0, 1]), "planes"),
        (lambda content: content.update(sources=None), "sources is not a list"),
        (lambda content: content.update(sources=[{}]), "a source lacks its path"),
        (
            lambda content: content["sources"][0].update(noticed={"gremlins": 1}),
            "a defect that this version does not know",
        ),
        (lambda content: content["sources"][0].update(rejected=3), "rejected or noticed are not counts"),
        (lambda content: content["samples"]["train"].pop("events_per_class"), "lacks its events per class"),
        (lambda content: content.update(made_with=None), "made_with does not say the policies"),
        (lambda content: content.update(adc=[]), "adc or split is not an object"),
        (lambda content: content["split"].update(seed=float("nan")), "JSON"),
        (lambda content: content["classes"][0][1].append(1e999), "classes cannot be read"),
    ],
)
def test_counts_of_the_manifest_that_are_wrong(change, message, copy_of_small_data, edit_manifest):
    edit_manifest(copy_of_small_data, change)
    assert any(re.search(message, fault) for fault in find_faults(copy_of_small_data))
