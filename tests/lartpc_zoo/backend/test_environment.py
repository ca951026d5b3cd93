import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from data_tools.record import plain, read_record
from lartpc_zoo.backend import environment
from lartpc_zoo.backend.environment import Environment, MeasuredOn, Start, measured_on, this_start, versions
from lartpc_zoo.errors import CorruptRun

ROOT = Path(__file__).parents[3]
START = this_start(["CPU:0"], "zoo", "ab12")


def test_a_start_says_what_it_was_made_with():
    assert START.keras_backend == "tensorflow"
    assert {"python", "keras", "tensorflow", "numpy"} <= set(START.versions)
    assert (START.devices, START.recipe, START.data_fingerprint) == (("CPU:0",), "zoo", "ab12")
    assert (START.host, START.argv, START.cpus) == (platform.node(), tuple(sys.argv), os.cpu_count())
    assert read_record(Start, plain(START), "here", CorruptRun) == START


def test_what_is_published_of_it_names_no_host_command_or_data():
    published = plain(START.environment)
    assert set(published) == {"versions", "keras_backend", "machine", "cpus", "devices", "git"}
    assert read_record(Environment, published, "here", CorruptRun) == START.environment


def test_the_commit_is_that_of_a_checkout_only(monkeypatch):
    def fails(*arguments, **options):
        raise subprocess.CalledProcessError(1, "git")

    monkeypatch.setattr(subprocess, "run", fails)
    assert this_start([], None, None).git is None


def test_packages_that_are_not_installed_have_no_version(monkeypatch):
    monkeypatch.setattr(environment, "_VERSIONS_OF", ("numpy", "no-such-package"))
    assert set(versions()) == {"python", "numpy"}


@pytest.mark.parametrize(("gpus", "device"), [([], "a processor"), (["a GPU", "another"], "a GPU")])
def test_what_was_measured_on(gpus, device, monkeypatch):
    monkeypatch.setattr(environment, "gpu_kinds", lambda: gpus)
    monkeypatch.setattr(environment, "processor_kind", lambda: "a processor")
    record = measured_on("float32")
    assert (record.device, record.dtype, record.memory) == (device, "float32", None)
    assert platform.node() not in json.dumps(plain(record))


def test_what_earlier_versions_wrote_is_read():
    for path in sorted((ROOT / "results").glob("*/*/environment.json")):
        for start in json.loads(path.read_text())["starts"]:
            assert read_record(Start, start, path, CorruptRun).environment.versions == start["versions"]
    for path in sorted((ROOT / "zoo_configs" / "pretrained").glob("*.card.yaml")):
        made_with = yaml.safe_load(path.read_text())["made_with"]
        for start in (*made_with.pop("before", []), made_with):
            start["versions"] = {name: str(version) for name, version in start["versions"].items()}
            assert read_record(Environment, start, path, CorruptRun).keras_backend == start["keras_backend"]
    profile = json.loads((ROOT / "results" / "144" / "profile" / "profile.json").read_text())
    assert read_record(MeasuredOn, profile["environment"], "profile", CorruptRun).device
