"""Score a directory again and again and be killed at another instant each time; run by test_score_files.py.

Usage: killed_scoring.py FILES DIRECTORY SEED KILLS. Every kill is SIGKILL: half of them after a random time, half at a
random call of what writes. After each, DIRECTORY/N holds what was left (copied to DIRECTORY/N-left) and then the
result of the same scoring started again. A function of the hits takes the place of the network: a process in which
TensorFlow has computed cannot be forked.
"""

import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path

import numpy as np

from data_tools import files
from data_tools.description import DataDescription
from data_tools.tfrecords.hits import images_of
from lartpc_zoo.models.trained import TrainedNetwork
from lartpc_zoo.scoring import score_files as module
from lartpc_zoo.scoring import task

SHAPE = (256, 256, 3)
CLASSES = (("electron", (11,)), ("gamma", (22,)))


class Network(TrainedNetwork):
    name, network, weights_sha256 = "mine", "resnet14b", "ab12"
    trained_on = DataDescription(fingerprint="", classes=CLASSES, image_shape=SHAPE, planes=(0, 1, 2))

    def find_weights(self):
        raise NotImplementedError

    def log_scoring(self, scoring):
        raise NotImplementedError


class Scorer(task.Scorer):
    def __init__(self, networks, disturbance):
        self.classes, self.executions, self.size = ("electron", "gamma"), ("images",), 3
        self._disturbance = disturbance
        self._makers = [lambda hits, events: [images_of(hits, events, SHAPE)]]
        self._models = [lambda arrays: arrays[0].sum(axis=(1, 2))[:, :2] / 1e4]


def score(inputs, output):
    module.score_files(inputs, [Network()], output)


def in_a_fork(function, *arguments):
    """The process id of a child that calls `function(*arguments)` and ends."""
    if (child := os.fork()) == 0:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115 (until the process ends)
        function(*arguments)
        os._exit(0)
    return child


def counted_calls(inputs, output, number=None):
    """Score, and be killed at the call of that number of what writes; returns how many calls there were."""
    calls = 0
    writing = ((files, "_sync"), (files.os, "replace"), (files.json, "dumps"), (np, "exp"))
    originals = [(owner, name, getattr(owner, name)) for owner, name in writing]
    for owner, name, original in originals:

        def counted(*arguments, original=original, **options):
            nonlocal calls
            calls += 1
            if calls == number:
                os.kill(os.getpid(), signal.SIGKILL)
            return original(*arguments, **options)

        setattr(owner, name, counted)
    score(inputs, output)
    for owner, name, original in originals:
        setattr(owner, name, original)
    return calls


def main(inputs, directory, seed, kills):
    directory, random_numbers = Path(directory), random.Random(int(seed))
    task.Scorer = Scorer
    begin = time.monotonic()
    score(inputs, directory / "whole")
    seconds = time.monotonic() - begin
    calls = counted_calls(inputs, directory / "counted")
    for kill in range(int(kills)):
        output = directory / str(kill)
        if kill % 2:
            child = in_a_fork(score, inputs, output)
            time.sleep(random_numbers.uniform(0, seconds))
            os.kill(child, signal.SIGKILL)
        else:
            number = 1 + calls * kill // int(kills)  # all over the work
            child = in_a_fork(counted_calls, inputs, output, number)
        os.waitpid(child, 0)
        if output.exists():
            shutil.copytree(output, directory / f"{kill}-left")
        child = in_a_fork(score, inputs, output)
        assert os.waitpid(child, 0)[1] == 0


if __name__ == "__main__":
    main(*sys.argv[1:])
