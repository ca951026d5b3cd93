"""Submanifold networks on sites against the same networks on dense images, and against spconv where it is installed.

Usage: python benchmarks/submanifold.py [NETWORK ...] [--file LARCV] [--spconv PYTHON]     (names without _sub)

Whole steps with batches of 20 real events, from records in memory: symmetries, images or tables, forward, backward,
the update of the weights. Ways take turns; what counts is the median of the ratios. 'dense' is the network without
`_sub` on images, 'sites' the one with `_sub` on sites, each in the dtype that 'auto' is on this machine. Peak memory is
that of a process of its own, imports included. The last table is the time of a step against the number of hits,
with batches of 5 to 40 events: a straight line.

With --spconv, the path of a Python that has torch and spconv, the same vgg16b is timed there on the CPU as well, with
the native algorithm in float32.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import itertools
import json
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import click
import numpy as np
from pairs import seconds

_NETWORKS = ("vgg16b_wd2", "vgg16b_wd4", "resnet14b_s1", "resnet14b_wd4_s1", "resnet29b")
_DEMO = Path(__file__).parents[1] / "examples" / "data" / "singles_demo_288.root"
_BATCH, _SCORED, _CLASSES = 20, 100, 5
_STEPS = {"dense": 2, "sites": 10}
_SIZES = (5, 10, 15, 20, 25, 30, 35, 40)
_SYMMETRIES = {"training": True, "seed": 1, "mirror": True, "exchange_planes": True}


class Way:
    """One way to run a network: whole steps on batches that follow one another."""

    def __init__(self, name, directory, execution, training):
        import data_tools
        from lartpc_zoo import create_model, executed, load_recipe
        from lartpc_zoo.training.trainer import compile_for_training

        data = data_tools.open_dataset(directory)
        network = create_model(name, data.image_shape, _CLASSES, dtype="auto")
        if training:
            self._ran = compile_for_training(network, load_recipe("quickstart"), execution)
        else:
            self._ran = executed(network, execution)
        self._batches = self._ran.batches(data)
        self._training = training
        self._feeds = {}

    def run(self, steps, batch_size):
        """Do so many steps; returns the number of hits, of sites only."""
        if batch_size not in self._feeds:
            self._feeds[batch_size] = iter(self._batches("train", batch_size, **_SYMMETRIES, **_cached()))
        step = self._ran.model.train_on_batch if self._training else self._ran.model.predict_on_batch
        hits = 0
        for inputs, labels in itertools.islice(self._feeds[batch_size], steps):
            step(*((inputs, labels) if self._training else (inputs,)))
            hits += int(np.asarray(inputs[0]).sum()) if self._ran.execution == "sites" else 0
        return hits


def _cached():
    from lartpc_zoo.backend.which import is_tensorflow

    return {"cache": True} if is_tensorflow() else {}


def _compare(name, directory, rounds):
    """{what: {way: [seconds per image of each round]}}."""
    taken = {}
    for what, training in (("training", True), ("forward", False)):
        ways = {
            "dense": (Way(name, directory, "images", training), _BATCH),
            "sites": (Way(f"{name}_sub", directory, "sites", training), _BATCH),
        }
        if not training:
            ways["sites, batches of 100"] = (ways["sites"][0], _SCORED)
        for way, size in ways.values():
            way.run(3, size)
        taken[what] = {label: [] for label in ways}
        for _ in range(rounds):
            for label, (way, size) in ways.items():
                steps = _STEPS[label.split(",")[0]]
                taken[what][label].append(seconds(lambda: way.run(steps, size)) / (steps * size))  # noqa: B023 (at once)
    return taken


def _against_hits(name, directory, rounds):
    """[(hits, seconds)] of one training step, for batches of several sizes."""
    way, points = Way(f"{name}_sub", directory, "sites", training=True), []
    for size in _SIZES:
        way.run(4, size)
    for _ in range(rounds):
        for size in _SIZES:
            found = []
            taken = seconds(lambda: found.append(way.run(10, size)))  # noqa: B023 (at once)
            points.append((found[0] / 10, taken / 10))
    return points


def _peak_gb(name, directory, execution):
    way = Way(name, directory, execution, training=True)
    way.run(10 if execution == "sites" else 2, _BATCH)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def _spconv(python, name, data, rounds):
    """The same as `_compare` of vgg16b in spconv, {what: [seconds per image of each round]}; None where it failed."""
    from data_tools.index import from_flat_index

    arrays, width = {"shape": data.image_shape}, int(name.partition("_wd")[2] or 1)
    batches = data.hits("train").batches(_BATCH, as_hits=True, **_SYMMETRIES)
    for number, (hits, labels) in enumerate(itertools.islice(batches, _STEPS["dense"])):
        row, col, plane = from_flat_index(hits.index, data.image_shape)
        parts = {"event": hits.event, "row": row, "col": col, "plane": plane, "value": hits.value, "label": labels}
        arrays |= {f"{part}_{number}": array for part, array in parts.items()}
    file = data.directory / "batches.npz"
    np.savez(file, **arrays)
    script = Path(__file__).with_name("submanifold_spconv.py")
    command = [python, str(script), str(file), str(width), str(rounds)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        print(f"spconv: {result.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        return None
    return json.loads(result.stdout.splitlines()[-1])


def _in_a_process_of_its_own(what, *arguments):
    """What a function of this file gives, or None and its last words."""
    command = [sys.executable, __file__, "--only", json.dumps([what, *map(str, arguments)])]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        print(f"{what} of {arguments[0]} failed: {result.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        return None
    return json.loads(result.stdout.splitlines()[-1])


@click.command(context_settings={"show_default": True})
@click.argument("networks", nargs=-1)
@click.option("--file", default=_DEMO, show_default="the bundled demo sample", type=Path, help="LArCV file.")
@click.option("--rounds", default=7)
@click.option("--memory/--no-memory", default=True)
@click.option("--spconv", metavar="PYTHON", help="A Python with torch and spconv, to time vgg16b there, too.")
@click.option("--only", hidden=True)
def main(networks, file, rounds, memory, spconv, only):
    if only:
        what, name, directory, argument = json.loads(only)
        functions = {"compare": _compare, "hits": _against_hits, "memory": _peak_gb}
        print(json.dumps(functions[what](name, directory, int(argument) if argument.isdigit() else argument)))
        return
    import data_tools

    with tempfile.TemporaryDirectory() as folder:
        data = data_tools.convert(file, Path(folder) / "data", ["train"])
        shape = " x ".join(map(str, data.image_shape))
        print(f"{data.size('train'):,} events of {shape}, batches of {_BATCH}, medians of {rounds} rounds\n")
        names = networks or _NETWORKS
        _table(names, data, rounds, memory, spconv)
        _line(names[0], data.directory, rounds)


def _table(networks, data, rounds, memory, spconv):
    columns = ["network", "training, dense [images/s]", "sites", "times", "forward, dense [images/s]", "sites", "times"]
    columns += ["times, batches of 100", "GB, dense", "GB, sites", "spconv, training [images/s]", "spconv, forward"]
    print("| " + " | ".join(columns) + " |")
    print("| --- |" + " ---: |" * (len(columns) - 1), flush=True)
    for name in networks:
        taken = _in_a_process_of_its_own("compare", name, data.directory, rounds)
        cells = [] if taken else [""] * 7
        for ways in taken.values() if taken else ():
            cells += [f"{1 / statistics.median(ways[way]):.0f}" for way in ("dense", "sites")]
            cells += [_times(ways, way) for way in ways if way != "dense"]
        for network, execution in ((name, "images"), (f"{name}_sub", "sites")):
            peak = _in_a_process_of_its_own("memory", network, data.directory, execution) if memory else None
            cells.append(f"{peak:.2f}" if peak else "")
        there = _spconv(spconv, name, data, rounds) if spconv and name.startswith("vgg16b") else None
        cells += [f"{1 / statistics.median(there[what]):.1f}" if there else "" for what in ("training", "forward")]
        print("| " + " | ".join([name, *cells]) + " |", flush=True)


def _times(ways, way):
    return f"{statistics.median(a / b for a, b in zip(ways['dense'], ways[way])):.1f}"


def _line(name, directory, rounds):
    points = _in_a_process_of_its_own("hits", name, directory, rounds)
    if points is None:
        return
    hits, taken = np.array(points).T
    by_size = hits.reshape(rounds, -1), taken.reshape(rounds, -1)
    hits, taken = (np.median(values, axis=0) for values in by_size)
    slope, fixed = np.polyfit(hits, taken, 1)
    print(f"\n{name}_sub, one training step: {1e3 * fixed:.0f} ms and {1e6 * slope:.2f} us per hit\n")
    print("| events | hits | ms | ms of the line |\n| ---: | ---: | ---: | ---: |")
    for size, number, time in zip(_SIZES, hits, taken):
        print(f"| {size} | {number:,.0f} | {1e3 * time:.0f} | {1e3 * (fixed + slope * number):.0f} |")


if __name__ == "__main__":
    main()
