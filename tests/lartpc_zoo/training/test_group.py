"""Several real processes on this machine that train one network together."""

import os
import signal
import socket
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
import yaml

from lartpc_zoo.backend.group import Group, group_of
from lartpc_zoo.errors import BadDevices

NETWORK = "plainresnet10b_wd32_sub"
RECIPE = {
    "batch_size": 8,
    "optimizer": {"class_name": "AdamW", "config": {"weight_decay": 0.01, "use_ema": True, "ema_momentum": 0.9}},
    "learning_rate": {"base": 2.0e-3},
    "statistics_events": 16,
    "execution": "images",
    "protocol": {
        "evaluation_interval": 4,
        "minimum_before": 0.85,
        "mean_of_last": 3,
        "window_epochs": 1,
        "minimum_epochs": 1,
        "maximum_epochs": 4,
    },
}


@pytest.fixture
def start(small_data, tmp_path):
    """Function (output, process, processes, environment): starts a training, alone or as one of a group."""
    pytest.importorskip("jax")
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(yaml.safe_dump(RECIPE))
    with socket.create_server(("127.0.0.1", 0)) as free:
        coordinator = f"127.0.0.1:{free.getsockname()[1]}"

    def started(output, process=None, processes=None, backend="jax", **environment):
        command = [sys.executable, "-m", "lartpc_zoo", "train", NETWORK, "--data", str(small_data.directory)]
        command += ["--recipe", str(recipe), "--output", str(tmp_path / output), "--seed", "1"]
        if processes:
            command += ["--process", str(process), "--processes", str(processes), "--coordinator", coordinator]
        variables = {**os.environ, "KERAS_BACKEND": backend, **environment}
        with open(tmp_path / f"{output}-{process}.log", "w") as log:
            return subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=variables)

    return started


def ended(training, within=300):
    return training.wait(within)


def said(tmp_path, name):
    return (tmp_path / f"{name}.log").read_text()


def table(tmp_path, output):
    return (tmp_path / output / "table1.md").read_text().splitlines()[-1]


TWO_DEVICES = {"XLA_FLAGS": "--xla_force_host_platform_device_count=2"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("processes", "environment"),
    [
        (2, {}),
        (4, {}),
        (2, TWO_DEVICES),
        (1, TWO_DEVICES),
    ],
    ids=["two", "four", "two with two devices each", "one with two devices"],
)
def test_several_processes_have_the_result_of_one(processes, environment, start, tmp_path):
    assert ended(start("alone")) == 0
    numbers = [(process, processes) if processes > 1 else () for process in range(processes)]
    group = [start("pair", *number, **environment) for number in numbers]
    assert [ended(training) for training in group] == [0] * processes
    histories = [pd.read_csv(tmp_path / output / "history.csv") for output in ("alone", "pair")]
    assert np.allclose(*histories, rtol=2e-3)
    assert table(tmp_path, "alone") == table(tmp_path, "pair")
    if processes > 1:
        assert "iteration" in said(tmp_path, "pair-0") and "iteration" not in said(tmp_path, "pair-1")
        assert "| plainresnet10b_wd32_sub |" not in said(tmp_path, "pair-1")


def test_two_processes_of_which_either_is_killed_have_the_result_of_one(start, tmp_path):
    state = tmp_path / "pair" / "state" / "state.json"
    for killed in (0, 1):
        before = state.read_bytes() if state.exists() else b""
        pair = [start("pair", process, 2) for process in (0, 1)]
        wait_for(lambda: state.exists() and state.read_bytes() != before)  # noqa: B023 (called at once)
        pair[killed].send_signal(signal.SIGKILL)
        assert ended(pair[killed]) == -signal.SIGKILL
        assert ended(pair[1 - killed], within=60) == 1
        assert f"Process {killed} of 2 has ended before its work was done" in said(tmp_path, f"pair-{1 - killed}")
    pair = [start("pair", process, 2) for process in (0, 1)]
    assert [ended(training) for training in pair] == [0, 0]
    assert ended(start("alone")) == 0
    histories = [pd.read_csv(tmp_path / output / "history.csv") for output in ("alone", "pair")]
    assert np.allclose(*histories, rtol=2e-3)
    assert table(tmp_path, "alone") == table(tmp_path, "pair")


def wait_for(condition, within=200):
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.slow
def test_one_process_goes_on_with_what_two_began(start, tmp_path):
    pair = [start("pair", process, 2) for process in (0, 1)]
    wait_for((tmp_path / "pair" / "state" / "state.json").exists)
    pair[0].send_signal(signal.SIGKILL)
    assert ended(pair[1], within=60) == 1
    assert ended(start("pair")) == 0
    assert ended(start("alone")) == 0
    assert table(tmp_path, "alone") == table(tmp_path, "pair")


@pytest.mark.slow
def test_processes_of_srun_need_no_option(start, tmp_path):
    slurm = {"SLURM_JOB_ID": str(os.getpid()), "SLURM_NTASKS": "2", "SLURM_STEP_NUM_TASKS": "2"}
    slurm |= {"SLURM_STEP_NODELIST": "localhost", "SLURM_STEP_NUM_NODES": "1"}
    pair = [start("pair", i, SLURM_PROCID=str(i), SLURM_LOCALID=str(i), **slurm) for i in (0, 1)]
    assert [ended(training) for training in pair] == [0, 0]
    assert (tmp_path / "pair" / "results.json").is_file()


@pytest.mark.slow
def test_on_tensorflow_it_says_to_use_jax(start, tmp_path):
    assert ended(start("pair", 0, 2, backend="tensorflow")) == 1
    assert "2 processes: only Keras on JAX trains on several" in said(tmp_path, "pair-0")


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ((0, 2, None), r"--coordinator: missing; several processes need --process, --processes, --coordinator"),
        ((2, 2, "a:1"), "Process 2 of 2: expected .* from 0 to one less"),
        ((0, 2, "node17"), "Coordinator 'node17': expected HOST:PORT"),
        ((0, 2, "node17:port"), "Coordinator 'node17:port': expected HOST:PORT"),
    ],
)
def test_groups_that_make_no_sense(named, message):
    with pytest.raises(BadDevices, match=message):
        group_of(*named)


def test_a_group_as_named_or_as_srun_made_it():
    assert group_of(1, 3, "node17:12345", {}) == Group(1, 3, "node17:12345")
    assert group_of(environment={}) == Group()
    step = {"SLURM_STEP_NUM_TASKS": "4", "SLURM_PROCID": "3"}
    assert group_of(environment=step) == Group(3, 4)
    assert group_of(environment={**step, "SLURM_STEP_NUM_TASKS": "1"}) == Group()
    assert group_of(environment={"SLURM_NTASKS": "4", "SLURM_PROCID": "0"}) == Group()  # a batch script without srun
