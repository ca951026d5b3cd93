"""Train, be killed again and again, and go on each time; run by test_interruption.py.

Usage: killed_training.py NETWORK DATA DIRECTORY SEED RUNS KILLS. Every kill is SIGKILL, which leaves no time to tidy
up: every second one within milliseconds of the moment at which a random file is begun, while it is being written, the
others at a random time between that and the next files. The moment is counted in files, not in seconds since the
start, so that a slow start spares no training. DIRECTORY/whole is the training without a kill, DIRECTORY/0 and so on
are those of KILLS kills each. DIRECTORY/kills.txt has a line for every kill: what was there then.
"""

import os
import random
import signal
import sys
import threading
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import data_tools
from data_tools import files
from data_tools.files import written_aside
from lartpc_zoo.training import run_directory
from lartpc_zoo.training.recipe import recipe_from_dict
from lartpc_zoo.training.train import train

_WRITERS = (run_directory, files)
_LONGEST_WRITE = 0.004
_FILES = 30  # of the 75 that a training begins: it cannot end before two kills


def recipe():
    """16 evaluations of three iterations, with dropout in the network, mirrors and a penalty."""
    protocol = {"evaluation_interval": 3, "mean_of_last": 2, "window_epochs": 2.0, "minimum_epochs": 9.0}
    return recipe_from_dict(
        "killed",
        {
            "batch_size": 4,
            "optimizer": {"class_name": "AdamW", "config": {"weight_decay": 0.01}},
            "learning_rate": {"base": 0.01, "gamma": 0.01, "power": 1.0},
            "l2": 1e-4,
            "statistics_events": 8,
            "protocol": {**protocol, "maximum_epochs": 9.6},
            "convert": {"samples": ("train",)},
        },
        "killed",
    )


def train_to(output, network, data):
    train(network, data, output, recipe(), seed=5, deterministic=True)


def in_a_fork(function):
    """The process id of a child that calls `function` and ends. The parent must not have started TensorFlow."""
    if (child := os.fork()) == 0:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115 (until the process ends)
        try:
            function()
        except BaseException:
            os._exit(1)
        os._exit(0)
    return child


def killed_after_a_file(number, delay):
    """Make this process kill itself `delay` seconds after it began to write its file `number`; 0: after its start."""
    begun, timer = 0, threading.Timer(delay, os.kill, (os.getpid(), signal.SIGKILL))

    def deadly(path):
        nonlocal begun
        begun += 1
        if begun == number:
            timer.start()
        return written_aside(path)

    for module in _WRITERS:
        module.written_aside = deadly
    if number == 0:
        timer.start()


def main():
    network, data, directory = sys.argv[1], data_tools.open_dataset(sys.argv[2]), Path(sys.argv[3])
    seed, runs, kills = map(int, sys.argv[4:])
    rng = random.Random(seed)
    begin = time.perf_counter()
    os.waitpid(in_a_fork(lambda: train_to(directory / "whole", network, data)), 0)
    duration = time.perf_counter() - begin
    for run in range(runs):
        output = directory / str(run)
        for kill in range(kills):
            number = rng.randint(0, _FILES)
            delay = rng.uniform(0, _LONGEST_WRITE if kill % 2 else duration / _FILES)
            child = in_a_fork(
                lambda: (killed_after_a_file(number, delay), train_to(output, network, data))  # noqa: B023 (at once)
            )
            _, status = os.waitpid(child, 0)
            killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
            if not killed and status:
                sys.exit(f"run {run}, start {kill}: the training failed")
            weights = len(list(output.glob("weights/iteration-*.h5")))
            halves = len([*output.glob(".aside-*"), *output.glob("*/.aside-*")])
            with open(directory / "kills.txt", "a") as log:
                log.write(f"run {run}: {'killed' if killed else 'ended'}, {weights} weights, {halves} half-written\n")
        if os.waitpid(in_a_fork(lambda: train_to(output, network, data)), 0)[1]:  # noqa: B023 (at once)
            sys.exit(f"run {run}: the training did not go on")


if __name__ == "__main__":
    main()
