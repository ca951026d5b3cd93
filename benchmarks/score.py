"""From LArCV files to scores: where the time goes, and that time is a straight line and memory a constant.

Usage: python benchmarks/score.py [--file LARCV] [--network NAME ...]            stages, on one core
       python benchmarks/score.py --growth 10000,100000,1000000 [--network NAME] [--workers N]

Stages take turns in one process on one core; what counts is the median of the ratios. Weights are random, which costs
the same. 'decompression' is that of the pixels alone, 'reading' events from the file, 'tables' what the network takes
of them, 'network' the network alone on batches in memory, 'whole' `score_files` without its start.

For the growth the file is scored again and again under other names, each a hard link, by processes of their own; the
memory is the largest of the process, or of all its processes together.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import contextlib
import io
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click
from pairs import compare

_DEMO = Path(__file__).parents[1] / "examples" / "data" / "singles_demo_288.root"
_NETWORKS = ("resnet14b_wd4_s1_sub", "resnet14b_wd4_sub", "plainresnet10b_wd8_sub")
_LOOKS_EVERY_S = 0.2
_FILES = 4


def _stages(name, path, rounds):
    """{stage: [seconds of each round]} of a network, and the number of events."""
    from read_larcv import pixels
    from untrained import Untrained

    from data_tools.readers import open_file
    from data_tools.readers.larcv.baskets import BasketReader
    from lartpc_zoo.scoring.larcv_file import LarcvFile
    from lartpc_zoo.scoring.scorer import Scorer, batches
    from lartpc_zoo.scoring.source import Reading

    network = Untrained(name, path)
    scorer = Scorer([network])
    branch = pixels(path)
    events = list(LarcvFile(path, [network], Reading()).events())
    prepared = [scorer.prepared(batch, LarcvFile(path, [network], Reading())) for batch in batches(events, scorer.size)]

    def decompress():
        reader = BasketReader(path)
        for number in [*range(branch.num_baskets)] * _FILES:
            reader.read(branch, number)

    def read():
        for _ in range(_FILES):
            for _ in open_file(path).events():
                pass

    def tables():
        source = LarcvFile(path, [network], Reading())
        for batch in [*batches(events, scorer.size)] * _FILES:
            scorer.prepared(batch, source)

    def compute():
        for table, arrays in prepared * _FILES:
            scorer.predictions(table, arrays)

    def whole():
        with tempfile.TemporaryDirectory() as directory, _silent():
            _score(_linked(path, _FILES, Path(directory) / "files"), scorer, network, Path(directory) / "scores")

    ways = {"decompression": decompress, "reading": read, "tables": tables, "network": compute, "whole": whole}
    return compare(ways, rounds), len(events) * _FILES


def _score(paths, scorer, network, output):
    """Score files with a Scorer that is there already."""
    from lartpc_zoo.scoring import score_files, task

    task.scorer_of = lambda networks, disturbance, threads: scorer
    score_files.score_files(paths, [network], output)


@contextlib.contextmanager
def _silent():
    with contextlib.redirect_stderr(io.StringIO()):
        yield


def _print_stages(names, path, rounds):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    print("| network | decompression [events/s] | reading | tables | network | whole | whole against reading |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name in names:
        taken, events = _stages(name, path, rounds)
        rates = [f"{events / statistics.median(seconds):,.0f}" for seconds in taken.values()]
        ratio = statistics.median(whole / read for whole, read in zip(taken["whole"], taken["reading"]))
        print(f"| {name} | {' | '.join(rates)} | **{ratio:.2f} times** |", flush=True)


def _grow(name, path, sizes, workers):
    """Score more and more files, each number in processes of their own."""
    from data_tools.readers import open_file

    entries = open_file(path).entries
    print("| events | files | s | events/s | largest memory [GB] |\n| ---: | ---: | ---: | ---: | ---: |")
    for size in sizes:
        with tempfile.TemporaryDirectory(dir=Path.cwd()) as directory:
            first, *_ = _linked(path, size // entries, Path(directory) / "files")
            command = [sys.executable, __file__, "--file", str(first), "--network", name, "--only", directory]
            begin = time.perf_counter()
            process = subprocess.Popen([*command, "--workers", str(workers)], stdout=subprocess.PIPE)
            largest = 0
            while process.poll() is None:
                largest = max(largest, _memory(process.pid))
                time.sleep(_LOOKS_EVERY_S)
            seconds = time.perf_counter() - begin
            scored = json.loads(process.stdout.read())["scored"]
        row = (f"{scored:,}", size // entries, f"{seconds:,.0f}", f"{scored / seconds:,.0f}", f"{largest / 1e9:.2f}")
        print(f"| {' | '.join(map(str, row))} |", flush=True)


def _linked(path, number, directory):
    """The same file so many times in a directory."""
    directory.mkdir()
    first, *others = (directory / f"{count}.root" for count in range(number))
    first.write_bytes(path.read_bytes())
    for other in others:
        os.link(first, other)
    return [first, *others]


def _memory(process):
    """Resident memory of a process and of those that it began, in bytes."""
    import psutil

    total = 0
    with contextlib.suppress(psutil.NoSuchProcess):
        first = psutil.Process(process)
        for one in (first, *first.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                total += one.memory_info().rss
    return total


@click.command(context_settings={"show_default": True})
@click.option("--file", "path", default=str(_DEMO), help="LArCV file.")
@click.option("--network", "names", multiple=True, default=_NETWORKS, help="Name of a network; repeatable.")
@click.option("--rounds", default=3, help="Of the stages.")
@click.option("--growth", help="Numbers of events, with commas.")
@click.option("--workers", default=1, help="Processes for the growth.")
@click.option("--only", hidden=True, help="Score what lies in DIRECTORY/files, for the growth.")
def main(path, names, rounds, growth, workers, only):
    """Print a table."""
    path = Path(path)
    if only:
        from untrained import Untrained

        from lartpc_zoo.scoring.score_files import score_files

        with _silent():
            scored = score_files(
                Path(only) / "files", [Untrained(names[0], path)], Path(only) / "scores", workers=workers
            )
        print(json.dumps({"scored": scored.scored}))
    elif growth:
        _grow(names[0], path, [int(size) for size in growth.split(",")], workers)
    else:
        _print_stages(names, path, rounds)


if __name__ == "__main__":
    main()
