import json
import re
from dataclasses import fields, replace

import pytest

from data_tools.defects import DEFECTS
from data_tools.errors import BadManifest, NotADataset
from data_tools.files import sha256_of_json
from data_tools.record import differences
from data_tools.tfrecords import manifest
from data_tools.tfrecords.manifest import MadeWith, Manifest


def train(content):
    return content["samples"]["train"]


def source(content):
    return content["sources"][0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda content: content.update(schema_version=99), "schema_version 99, but this version of lartpc-zoo"),
        (lambda content: content.pop("sources"), "missing sources; fields: "),
        (lambda content: content.pop("fingerprint"), "missing fingerprint"),
        (lambda content: content.update(colour="red"), "unknown field 'colour'"),
        (lambda content: content["classes"].reverse(), "changed by hand. Convert or copy the data set again."),
        (lambda content: content["split"].update(seed=5), "changed by hand"),
        (lambda content: train(content)["shards"][0].update(sha256="0" * 64), "changed by hand"),
        (lambda content: content["split"].update(seed=float("nan")), "split.seed: expected a whole number, got nan"),
        (lambda content: content.update(value_dtype="int8"), "value_dtype: expected float32 or float16, got 'int8'"),
        (lambda content: content.update(image_shape="abc"), "image_shape: expected a list, got 'abc'"),
        (lambda content: content.update(image_shape=[64, 64]), "image_shape: expected a list of 3, got [64, 64]"),
        (lambda content: content.update(image_shape=[64, 0, 3]), "image_shape [64, 0, 3] is not [rows, cols, planes]"),
        (lambda content: content.update(planes=[0]), "planes [0] are not 3 plane ids"),
        (lambda content: content.update(pixel_cm=[0.3, -0.3]), "pixel_cm [0.3, -0.3] is neither null nor [drift"),
        (lambda content: content.update(classes=[["a"]]), "classes.0: expected a list of 2, got ['a']"),
        (lambda content: content["classes"][0][1].append(1e999), "classes.0.1.1: expected a whole number, got inf"),
        (lambda content: content["classes"][0][1].append(13), "PDG codes [13] stand in more than one class"),
        (lambda content: content.update(samples=[]), "samples: expected a mapping, got []"),
        (lambda content: content.update(samples={}), "expected one or more samples and sources"),
        (lambda content: train(content).update(shards=3), "samples.train.shards: expected a list, got 3"),
        (lambda content: train(content).update(shards=[], events=0), "samples.train: it has no shards"),
        (lambda content: train(content).update(events=21), "samples.train: 21 events, but its shards have 20"),
        (lambda content: train(content)["shards"][0].pop("bytes"), "samples.train.shards.0: missing bytes"),
        (lambda content: train(content)["shards"][0].update(file="../x.tfrecord"), "is not the name of a shard"),
        (lambda content: train(content)["shards"][0].update(events="6"), "shards.0.events: expected a whole number"),
        (lambda content: train(content).pop("events_per_class"), "samples.train: missing events_per_class"),
        (lambda content: train(content)["events_per_class"].update(muon=5), "21 events of all classes, but it has 20"),
        (lambda content: train(content)["events_per_class"].update(kaon=0), "events_per_class is not of the classes"),
        (lambda content: train(content).update(labelled="yes"), "samples.train.labelled: expected true or false"),
        (lambda content: train(content).update(hits_per_event=3), "samples.train.hits_per_event: expected a mapping"),
        (lambda content: content.update(sources=None), "sources: expected a list, got None"),
        (lambda content: content.update(sources=[{}]), "sources.0: missing path, bytes, sha256, entries"),
        (lambda content: source(content).update(rejected=3), "sources.0.rejected: expected a mapping, got 3"),
        (lambda content: source(content).update(noticed={"gremlins": 1}), "gremlins is no defect that this version"),
        (lambda content: source(content).update(trees="tree"), "sources.0.trees: expected a list"),
        (lambda content: source(content).update(entries=41), "40 entries are accounted for, it has 41"),
        (lambda content: source(content).update(kept=39, not_asked_for=1), "39 events of the sources were kept"),
        (lambda content: content.update(made_with=None), "made_with: expected a mapping, got None"),
        (lambda content: content["made_with"].pop("policies"), "made_with: missing policies"),
        (lambda content: content["made_with"]["policies"].update(gremlins="skip"), "There is no defect 'gremlins'"),
        (lambda content: content["made_with"]["policies"].update(empty="weep"), "expected one of keep, skip, stop"),
        (lambda content: content.update(adc=[]), "adc: expected a mapping, got []"),
        (lambda content: content["adc"].update(crop=[1]), "adc.crop: expected a list of 2, got [1]"),
    ],
)
def test_a_manifest_that_cannot_be_trusted(copy_of_small_data, edit_manifest, change, message):
    edit_manifest(copy_of_small_data, change)
    with pytest.raises(BadManifest, match=f"^{copy_of_small_data}/manifest.json: .*{re.escape(message)}"):
        manifest.read(copy_of_small_data)


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"[" * 100_000])
def test_a_manifest_that_is_no_json(content, copy_of_small_data):
    (copy_of_small_data / "manifest.json").write_bytes(content)
    with pytest.raises(BadManifest, match="not JSON"):
        manifest.read(copy_of_small_data)


def test_a_directory_that_is_no_data_set_says_how_to_make_one(tmp_path):
    with pytest.raises(NotADataset, match="no does not exist. A data set is made with: lartpc-convert INPUT"):
        manifest.read(tmp_path / "no")
    (tmp_path / "x.root").write_text("")
    with pytest.raises(NotADataset, match=r"x.root is a file, not a data set.*lartpc-convert .*x.root --output DIR"):
        manifest.read(tmp_path / "x.root")
    with pytest.raises(NotADataset, match="no manifest.json, so this is not a .complete. data set"):
        manifest.read(tmp_path)


def test_it_is_written_as_it_was_read(small_data, tmp_path):
    manifest.write(tmp_path, small_data.manifest)
    assert (tmp_path / "manifest.json").read_bytes() == (small_data.directory / "manifest.json").read_bytes()
    assert manifest.read(tmp_path) == small_data.manifest


def test_the_fingerprint_follows_from_images_classes_split_and_shards(small_data):
    content = json.loads((small_data.directory / "manifest.json").read_text())
    names = ("schema_version", "image_shape", "planes", "classes", "value_dtype", "split")
    shards = {name: [shard["sha256"] for shard in sample["shards"]] for name, sample in content["samples"].items()}
    assert small_data.fingerprint == sha256_of_json({**{name: content[name] for name in names}, "shards": shards})


def test_of_its_fields_a_manifest_gets_its_fingerprint(small_data):
    described = small_data.manifest
    parts = {field.name: getattr(described, field.name) for field in fields(Manifest) if field.name != "fingerprint"}
    assert Manifest.of(**parts) == described
    other = Manifest.of(**{**parts, "split": replace(described.split, seed=1)})
    assert other.fingerprint != described.fingerprint
    assert Manifest.of(**{**parts, "tool": "another"}).fingerprint == described.fingerprint


def test_what_an_earlier_version_did_not_write_has_defaults(copy_of_small_data, edit_manifest, small_data):
    def forget(content):
        del content["tool"], content["made_with"]["select"], content["made_with"]["crop"]
        del content["adc"]["crop"], content["made_with"]["policies"]["cut-hits"]

    edit_manifest(copy_of_small_data, forget)
    described = manifest.read(copy_of_small_data)
    assert list(differences(described.made_with, small_data.manifest.made_with)) == []
    assert replace(described, tool=small_data.manifest.tool) == small_data.manifest


def test_policies_that_are_not_named_are_the_defaults():
    policies = MadeWith(policies={"empty": "skip"}).policies
    assert policies == {name: defect.default for name, defect in DEFECTS.items()} | {"empty": "skip"}
