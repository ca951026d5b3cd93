"""Commands that are interrupted, as real processes."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
import yaml

from data_tools.record import plain

pytestmark = pytest.mark.slow  # each begins with seconds of imports

_PROMPTLY = 20
"""Seconds; an interpreter that holds TensorFlow takes some of them to end on a busy machine."""


@pytest.fixture
def command():
    """Function: `lartpc-zoo` with some arguments as a process."""
    started = []

    def start(*arguments, **environment):
        process = subprocess.Popen(
            [sys.executable, "-m", "lartpc_zoo", *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def endless(tiny, tmp_path):
    """A recipe that does not end in the time of a test."""
    protocol = {"evaluation_interval": 3, "minimum_epochs": 10_000.0, "maximum_epochs": 10_000.0}
    fields = plain(tiny(protocol=protocol))
    del fields["name"]
    path = tmp_path / "endless.yaml"
    path.write_text(yaml.safe_dump(fields))
    return path


def read_until(process, text):
    """What a process has said when it says `text`."""
    said = ""
    while text not in said:
        line = process.stderr.readline()
        assert line, f"it ended: {said}"
        said += line
    return said


def interrupted(process, number):
    """(exit status, standard error) of a process that is sent a signal."""
    begin = time.monotonic()
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert time.monotonic() - begin < _PROMPTLY
    assert "Traceback" not in err
    return process.returncode, err


@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_training_ends_with_what_is_complete(number, backend, command, endless, small_data, network, tmp_path):
    options = ("--data", small_data.directory, "--output", tmp_path / "run", "--recipe", endless)
    process = command("train", network, *options, KERAS_BACKEND=backend)
    said = read_until(process, "iteration 6,")
    assert "absl" not in said
    status, err = interrupted(process, number)
    assert status == 130
    done = json.loads((tmp_path / "run" / "state" / "state.json").read_text())["iteration"]
    assert f"Interrupted. {tmp_path / 'run'} is complete up to iteration {done}; the same command goes on" in err


def test_a_training_that_is_still_importing_ends_at_once(command, small_data, network, tmp_path):
    process = command("train", network, "--data", small_data.directory, "--output", tmp_path / "run")
    time.sleep(2)
    status, err = interrupted(process, signal.SIGTERM)
    assert "Interrupted" in err
    assert status in (130, 128 + signal.SIGTERM)
    assert not (tmp_path / "run").exists()


def test_a_study_ends_its_training_and_itself(command, endless, small_data, network, tmp_path):
    study = tmp_path / "study.yaml"
    study.write_text(yaml.safe_dump({"networks": [network], "recipes": [endless.name], "seeds": [1, 2]}))
    process = command("study", study, "--data", small_data.directory, "--output", tmp_path / "out")
    read_until(process, "iteration 6,")
    status, err = interrupted(process, signal.SIGTERM)
    assert status == 130
    assert f"{tmp_path / 'out'}/{network}-endless-seed1 is complete up to iteration" in err
    assert "What is complete is kept" in err
    assert not (tmp_path / "out" / f"{network}-endless-seed2").exists()


def test_a_profile_ends_the_process_that_measures(command, tmp_path):
    process = command("profile", "resnet14b_wd4", "--input-shape", "64,64,3", "--rounds", 1000, "--output", tmp_path)
    deadline = time.monotonic() + 60
    while len(children := children_of(process.pid)) < 2:  # the measuring one, and multiprocessing's own
        assert time.monotonic() < deadline
        time.sleep(0.1)
    time.sleep(2)
    status, err = interrupted(process, signal.SIGTERM)
    assert (status, "What is complete is kept" in err) == (130, True)
    deadline = time.monotonic() + 5  # multiprocessing's own process ends when it sees that its parent is gone
    while any(is_running(child) for child in children):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def children_of(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(child) for child in file.read().split()]


def is_running(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
