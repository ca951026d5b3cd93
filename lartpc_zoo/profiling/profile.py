"""The paper's Table 2, measured: what networks cost in memory and time, and what reading their data costs."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import data_tools
from data_tools.errors import BadOption, WorkerLost
from data_tools.files import write_json
from data_tools.progress import bar
from lartpc_zoo.errors import Unlabelled
from lartpc_zoo.evaluation.measure import check_output
from lartpc_zoo.models.catalogue import CLASSES, INPUT_SHAPE
from lartpc_zoo.models.spec import parse_network
from lartpc_zoo.plots.costs import Panel, fits_figure
from lartpc_zoo.profiling import record, table
from lartpc_zoo.profiling.defaults import BATCH_SIZES, DTYPE, OUTPUT, ROUNDS
from lartpc_zoo.profiling.fits import FEWEST_BATCH_SIZES, quantity

_TRAIN = "train"
_NO_DATA = "measured without a data set"


def profile(
    networks,
    data=None,
    input_shape=None,
    classes=None,
    batch_sizes=BATCH_SIZES,
    rounds=ROUNDS,
    dtype=DTYPE,
    output=OUTPUT,
):
    """Measure what networks cost per image and per batch; returns the content of profile.json, see `record`.

    networks: names, or one name. data: a data_tools Dataset, or its directory; then images, their
    shape and the classes are its own, and reading is measured with its shards. Without it, images are random sparse
    events of `input_shape` (default 576 x 576 x 3), with `classes` (default 5), and nothing is said about reading.
    batch_sizes: three or more. rounds: measurements of each batch size, of which the median counts. dtype: Keras dtype
    policy, or 'auto'. output: directory of profile.json, table2 and table2_fixed (csv, md,
    tex) and figures/table2_fits.{png,pdf}.

    Every network is measured in a fresh process of its own, on the backend's default device.
    Raises UnknownNetwork, BadInput, BadOption, RunDiffers (where the output is a run), Unlabelled, WorkerLost or a
    data_tools error.
    """
    check_output(Path(output))
    networks = list(dict.fromkeys(str(parse_network(name)) for name in _listed(networks)))
    batch_sizes = _checked(networks, batch_sizes, rounds)
    if data is not None:
        data = data if isinstance(data, data_tools.Dataset) else data_tools.open_dataset(data)
        input_shape, classes = _of_data(data, input_shape, classes)
    where, sample = (str(data.directory), _labelled(data)) if data else (None, None)
    shape = tuple(input_shape or INPUT_SHAPE)
    classes = CLASSES if classes is None else classes
    (Path(output) / "figures").mkdir(parents=True, exist_ok=True)  # before the work: where it cannot be, say so now
    with bar("Profiling", len(networks) + 1) as advance:
        advance(0, note="reading" if data else "")
        content = _in_a_process(
            _describe, "reading", networks, shape, classes, dtype, where, sample, batch_sizes, rounds
        )
        content = {**content, "data": data.fingerprint if data else None, "batch_sizes": batch_sizes, "rounds": rounds}
        policy = content["environment"]["dtype"]
        for name in networks:
            advance(1, note=name)
            costs = _in_a_process(_measure, name, name, shape, classes, policy, where, sample, batch_sizes, rounds)
            content["networks"][name]["quantities"] = costs["quantities"]
            content["missing"].update(costs["missing"])
            content["environment"]["memory"] = costs["memory"]
        advance(1, note="")
    _write(Path(output), content)
    return content


def _write(directory, content):
    write_json(directory / record.NAME, content)
    for half in (table.table2(content), table.table2_fixed(content)):
        half.write(directory)
    fits_figure(directory / "figures", _panels(content), list(content["networks"]))


def _panels(content):
    """What the figure shows of every quantity that was measured."""
    panels = []
    for name, title in table.HEADINGS.items():
        if name in record.IO_QUANTITIES:
            measured = {None: content["io"][name]}
        else:
            measured = {network: costs["quantities"][name] for network, costs in content["networks"].items()}
        if all(measured.values()):
            panels.append(Panel(title, table.UNITS[name], measured))
    return panels


def _describe(networks, input_shape, classes, dtype, where, sample, batch_sizes, rounds):
    """All of profile.json that is not measured with a network. Runs in a process of its own.

    First, so that what cannot be built ends it before anything is measured.
    """
    from lartpc_zoo.backend import machine
    from lartpc_zoo.backend.precision import resolve
    from lartpc_zoo.models.catalogue import network_info
    from lartpc_zoo.profiling import computing, reading

    kept = ("parameters", "macs", "activations_mb")
    infos = {name: network_info(name, input_shape, classes) for name in networks}
    content = {
        "environment": machine.environment(resolve(dtype)),
        "images": f"events of {sample}" if where else f"random, {100 * computing.HIT_PIXELS:g} % of the pixels hit",
        "input_shape": list(input_shape),
        "classes": classes,
        "networks": {name: {key: getattr(info, key) for key in kept} for name, info in infos.items()},
        "io": dict.fromkeys(record.IO_QUANTITIES),
        "missing": dict.fromkeys(("io_wait", *record.IO_QUANTITIES), _NO_DATA),
    }
    if where:
        data = data_tools.open_dataset(where)
        reason = reading.why_not()
        content["missing"] = dict.fromkeys(record.IO_QUANTITIES, reason) if reason else {}
        if not reason:
            measured = reading.measure_reading(reading.reader_of(data, sample), batch_sizes, rounds)
            content["io"] = _quantities(record.IO_QUANTITIES, measured)
    return content


def _measure(name, input_shape, classes, dtype, where, sample, batch_sizes, rounds):
    """The measured costs of one network. Runs in a process of its own."""
    from lartpc_zoo.backend.batches import batches_of
    from lartpc_zoo.backend.memory import NoMemory
    from lartpc_zoo.profiling.computing import measure_network

    feed = None
    if where:
        batches = batches_of(data_tools.open_dataset(where))

        def feed(size):
            return batches(sample, size, training=True)

    measured, memory = measure_network(name, input_shape, classes, dtype, batch_sizes, rounds, feed)
    without = isinstance(memory, NoMemory)
    return {
        "quantities": _quantities(record.NETWORK_QUANTITIES, measured),
        "memory": None if without else memory,
        "missing": {"peak_memory": str(memory)} if without else {},
    }


def _quantities(units, measured):
    return {name: quantity(unit, measured[name]) if name in measured else None for name, unit in units.items()}


def _in_a_process(work, what, *arguments):
    """The result of `work(*arguments)` in a new process, so that its memory is its own and no device is shared.

    Started anew, not forked: a fork of a process with threads, as TensorFlow's, can hang.
    """
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        try:
            return pool.submit(work, *arguments).result()
        except BrokenProcessPool as error:
            raise WorkerLost(
                f"The process that measured {what} ended without a word, as when memory runs out: use smaller batch "
                "sizes or images. A script needs: if __name__ == '__main__': in front of profile(...)."
            ) from error


def _listed(networks):
    return [networks] if isinstance(networks, str) or not hasattr(networks, "__iter__") else networks


def _checked(networks, batch_sizes, rounds):
    """The batch sizes in ascending order. Raises BadOption."""
    if not networks:
        raise BadOption("No network to measure: expected one name or more; `lartpc-zoo list` shows them.")
    sizes = sorted(set(batch_sizes))
    if len(sizes) < FEWEST_BATCH_SIZES or sizes[0] < 1:
        raise BadOption(
            f"Batch sizes {', '.join(map(str, batch_sizes))}: expected {FEWEST_BATCH_SIZES} or more different ones, "
            "each 1 or more, because a line with errors is fitted to them."
        )
    if rounds < 1:
        raise BadOption(f"{rounds} rounds: expected 1 or more.")
    return sizes


def _of_data(data, input_shape, classes):
    """Image shape and number of classes of a data set. Raises BadOption where others were asked for."""
    found = (data.image_shape, len(data.classes))
    asked = (tuple(input_shape) if input_shape else found[0], classes or found[1])
    if asked != found:
        raise BadOption(
            f"{data.directory} has images of {found[0]} and {found[1]} classes, but {asked[0]} and {asked[1]} were "
            "asked for. With a data set, leave both out."
        )
    return found


def _labelled(data):
    """The sample to measure with: train, or the first that has truth. Raises Unlabelled."""
    for sample in sorted(data.samples, key=lambda sample: sample != _TRAIN):
        if data.labelled(sample):
            return sample
    raise Unlabelled(f"{data.directory}: no sample has truth, and a training step needs it. Measure without data.")
