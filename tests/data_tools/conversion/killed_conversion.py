"""Convert a file again and again and be killed at another instant each time; run by test_interruption.py.

Usage: killed_conversion.py INPUT DIRECTORY SEED KILLS. Every kill is SIGKILL, which leaves no time to tidy up: half of
them after a random time, half at a random call of what writes. After each, DIRECTORY/N holds what was left
(copied to DIRECTORY/N-left) and then the result of the same conversion started again.
"""

import functools
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path

from data_tools import files
from data_tools.conversion import converter, spool
from data_tools.tfrecords import shards

SAMPLES = ["train=20", "testA=10", "testB"]
_WRITING = ((spool, "encode"), (shards, "frame"), (files, "_sync"), (files.os, "replace"), (files.json, "dumps"))


def convert(source, output, workers=1):
    converter.convert(source, output, SAMPLES, shards=3, workers=workers)


def in_a_fork(function):
    """The process id of a child that calls `function` and ends."""
    if (child := os.fork()) == 0:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115 (until the process ends)
        function()
        os._exit(0)
    return child


def count_calls(function):
    """Number of calls of what writes during `function`, in this process."""
    calls = 0

    def counting(original, *args, **kwargs):
        nonlocal calls
        calls += 1
        return original(*args, **kwargs)

    undo = _wrap_all(counting)
    function()
    undo()
    return calls


def killed_at(number, after):
    """Make this process kill itself at a call of what writes, before or after the call does its work."""
    calls = 0

    def deadly(original, *args, **kwargs):
        nonlocal calls
        calls += 1
        if calls == number and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*args, **kwargs)
        if calls == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    _wrap_all(deadly)


def _wrap_all(wrapper):
    originals = [(module, name, getattr(module, name)) for module, name in _WRITING]
    for module, name, original in originals:
        setattr(module, name, functools.partial(wrapper, original))
    return lambda: [setattr(*original) for original in originals]


def main():
    source, directory, seed, kills = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    spool.ENTRIES_PER_PART = 7
    rng = random.Random(seed)
    calls = count_calls(lambda: convert(source, directory / "whole"))
    begin = time.perf_counter()
    os.waitpid(in_a_fork(lambda: convert(source, directory / "timed")), 0)
    duration = time.perf_counter() - begin
    for kill in range(kills):
        output = directory / str(kill)
        if kill % 2:
            number, after = rng.randint(1, calls), rng.random() < 0.5
            child = in_a_fork(lambda: (killed_at(number, after), convert(source, output)))  # noqa: B023 (runs at once)
        else:
            child = in_a_fork(lambda: convert(source, output))  # noqa: B023 (runs at once)
            time.sleep(rng.uniform(0, duration))
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        if output.is_dir():
            shutil.copytree(output, directory / f"{kill}-left")
        if os.waitpid(in_a_fork(lambda: convert(source, output)), 0)[1]:  # noqa: B023 (runs at once)
            sys.exit(f"kill {kill}: the conversion did not go on")


if __name__ == "__main__":
    main()
