"""The paper's Table 2, measured: what networks cost in memory and time, and what reading their data costs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import data_tools
from data_tools.errors import Argument, BadOption
from data_tools.progress import bar
from data_tools.tfrecords.dataset import Dataset
from lartpc_zoo.backend.environment import MeasuredOn
from lartpc_zoo.errors import Unlabelled
from lartpc_zoo.evaluation.measure import check_output
from lartpc_zoo.models.catalogue import CLASSES, INPUT_SHAPE, network_info
from lartpc_zoo.models.spec import NetworkSpec, parse_network
from lartpc_zoo.plots.fits import Panel, fits_figure
from lartpc_zoo.profiling.defaults import BATCH_SIZES, DTYPE, OUTPUT, ROUNDS
from lartpc_zoo.profiling.fits import FEWEST_BATCH_SIZES, fitted
from lartpc_zoo.profiling.processes import in_a_process
from lartpc_zoo.profiling.record import (
    UNITS,
    InputQuantities,
    MeasuredNetwork,
    NetworkQuantities,
    Profile,
    Quantity,
)
from lartpc_zoo.profiling.table import HEADINGS, table2, table2_fixed

_TRAIN = "train"
_NO_DATA = "measured without a data set"
T = TypeVar("T")


@dataclass(frozen=True)
class _Task:
    """What the processes that measure have in common.

    directory, sample: of the data set, None without one.
    """

    input_shape: tuple[int, int, int]
    classes: int
    dtype: str
    batch_sizes: tuple[int, ...]
    rounds: int
    directory: Path | None
    sample: str | None


@dataclass(frozen=True)
class _Described:
    """All of a Profile that is not measured with a network. networks: without their quantities."""

    environment: MeasuredOn
    images: str
    networks: dict[str, MeasuredNetwork]
    io: InputQuantities
    missing: dict[str, str]


@dataclass(frozen=True)
class _Measured:
    """What was measured with one network, its execution, how its memory was measured, {quantity: why it was not}."""

    quantities: NetworkQuantities
    execution: str
    memory: str | None
    missing: dict[str, str] = field(default_factory=dict)


def profile(
    networks: str | NetworkSpec | Iterable[str | NetworkSpec],
    data: Dataset | str | Path | None = None,
    input_shape: Sequence[int] | None = None,
    classes: int | None = None,
    batch_sizes: Sequence[int] = BATCH_SIZES,
    rounds: int = ROUNDS,
    dtype: str = DTYPE,
    output: str | Path = OUTPUT,
) -> Profile:
    """Measure what networks cost per image and per batch.

    Every network is measured in a fresh process of its own, on the backend's default device.

    Args:
        networks: names, or one name.
        data: a Dataset or its directory. Then images, their shape and the classes are its own, and reading is measured
            with its shards. Without it, images are random sparse events, and nothing is said about reading.
        input_shape: (rows, cols, planes) without data, default 576 x 576 x 3.
        classes: how many without data, default 5.
        batch_sizes: images in a batch, three sizes or more.
        rounds: measurements of each batch size, of which the median counts.
        dtype: Keras dtype policy, or 'auto'.
        output: directory of profile.json, table2 and table2_fixed (csv, md, tex) and figures/table2_fits (png, pdf).

    Returns:
        The Profile, as profile.json holds it.

    Raises:
        UnknownNetwork: there is no network of a name.
        BadInput: a network cannot take such images.
        BadOption: an argument cannot be understood, or does not go with the data.
        RunDiffers: the output is the directory of a run.
        Unlabelled: no sample of the data has truth.
        WorkerLost: a process that measured was killed.
        data_tools.errors.UserError: the data set cannot be opened.

    Example:
        >>> lartpc_zoo.profile(["resnet14b_wd4"], input_shape=(288, 288, 3))  # doctest: +SKIP
    """
    directory = Path(output)
    check_output(directory)
    names = list(dict.fromkeys(str(parse_network(name)) for name in _listed(networks)))
    sizes = _checked(names, batch_sizes, rounds)
    opened = data_tools.open_dataset(data) if isinstance(data, str | Path) else data
    if opened is not None:
        shape, number = _of_data(opened, input_shape, classes)
        task = _Task(shape, number, dtype, sizes, rounds, opened.directory, _labelled(opened))
    else:
        rows, cols, planes = input_shape or INPUT_SHAPE
        number = CLASSES if classes is None else classes
        task = _Task((rows, cols, planes), number, dtype, sizes, rounds, None, None)
        if submanifold := [name for name in names if parse_network(name).submanifold]:
            raise BadOption(
                f"{submanifold[0]}: what a submanifold network costs depends on its events: expected a data set (",
                Argument("data"),
                "), whose events it is measured with.",
            )
    (directory / "figures").mkdir(parents=True, exist_ok=True)  # before the work: where it cannot be, say so now
    measured = _measure_all(names, task, opened.fingerprint if opened is not None else None)
    _write(directory, measured)
    return measured


def _measure_all(names: list[str], task: _Task, fingerprint: str | None) -> Profile:
    """The Profile of networks, each measured in a process of its own."""
    with bar("Profiling", len(names) + 1) as advance:
        advance(0, note="reading" if task.directory else "")
        # First, so that what cannot be built ends it before anything is measured.
        described: _Described = in_a_process(_describe, "reading", names, task)
        environment, missing, networks = described.environment, dict(described.missing), dict(described.networks)
        for name in names:
            advance(1, note=name)
            found: _Measured = in_a_process(_measure, name, name, replace(task, dtype=environment.dtype))
            networks[name] = replace(networks[name], quantities=found.quantities, execution=found.execution)
            missing.update(found.missing)
            environment = replace(environment, memory=found.memory)
        advance(1, note="")
    return Profile(
        environment=environment,
        data=fingerprint,
        images=described.images,
        input_shape=task.input_shape,
        classes=task.classes,
        batch_sizes=task.batch_sizes,
        rounds=task.rounds,
        networks=networks,
        io=described.io,
        missing=missing,
    )


def _write(directory: Path, measured: Profile) -> None:
    measured.write(directory)
    for half in (table2(measured), table2_fixed(measured)):
        half.write(directory)
    fits_figure(directory / "figures", list(_panels(measured)), list(measured.networks))


def _panels(measured: Profile) -> Iterable[Panel]:
    """What the figure shows of every quantity that was measured."""
    for name, title in HEADINGS.items():
        known = {network: quantity for network, quantity in measured.measured(name).items() if quantity is not None}
        if len(known) == len(measured.measured(name)):
            yield Panel(title, UNITS[name], known)


def _describe(names: Sequence[str], task: _Task) -> _Described:
    """All that is not measured with a network. Runs in a process of its own."""
    from lartpc_zoo.backend.environment import measured_on
    from lartpc_zoo.backend.precision import resolve
    from lartpc_zoo.profiling import computing

    random = f"random, {100 * computing.HIT_PIXELS:g} % of the pixels hit"
    io, missing = _measure_input(task)
    return _Described(
        measured_on(resolve(task.dtype)),
        f"events of {task.sample}" if task.directory else random,
        {name: _counted(name, task) for name in names},
        io,
        missing,
    )


def _counted(name: str, task: _Task) -> MeasuredNetwork:
    """A network with what is counted of it, without what is measured."""
    info = network_info(name, task.input_shape, task.classes, task.directory)
    nothing = NetworkQuantities(peak_memory=None, forward=None, forward_backward=None, io_wait=None)
    return MeasuredNetwork(
        parameters=info.parameters, macs=info.macs, activations_mb=info.activations_mb, quantities=nothing
    )


def _measure_input(task: _Task) -> tuple[InputQuantities, dict[str, str]]:
    """What the data cost without a network, and why what is missing was not measured."""
    from lartpc_zoo.profiling import reading

    names = InputQuantities.UNITS
    if task.directory is None or task.sample is None:
        return InputQuantities(), dict.fromkeys(("io_wait", *names), _NO_DATA)
    if reason := reading.why_not():
        return InputQuantities(), dict.fromkeys(names, reason)
    reader = reading.reader_of(data_tools.open_dataset(task.directory), task.sample)
    return InputQuantities(**_fits(names, reading.measure_reading(reader, task.batch_sizes, task.rounds))), {}


def _measure(name: str, task: _Task) -> _Measured:
    """The measured costs of one network. Runs in a process of its own."""
    from lartpc_zoo.backend.memory import NoMemory
    from lartpc_zoo.profiling.computing import measure_network

    data = data_tools.open_dataset(task.directory) if task.directory else None
    measured, execution, memory = measure_network(
        name, task.input_shape, task.classes, task.dtype, task.batch_sizes, task.rounds, data, task.sample or ""
    )
    quantities = NetworkQuantities(**_fits(NetworkQuantities.UNITS, measured))
    if isinstance(memory, NoMemory):
        return _Measured(quantities, execution, None, {"peak_memory": str(memory)})
    return _Measured(quantities, execution, memory)


def _fits(
    units: Mapping[str, str], measured: Mapping[str, Mapping[int, Sequence[float]]]
) -> dict[str, Quantity | None]:
    return {name: fitted(unit, measured[name]) if name in measured else None for name, unit in units.items()}


def _listed(networks: str | NetworkSpec | Iterable[str | NetworkSpec]) -> Iterable[str | NetworkSpec]:
    return [networks] if isinstance(networks, str | NetworkSpec) else networks


def _checked(networks: Sequence[str], batch_sizes: Sequence[int], rounds: int) -> tuple[int, ...]:
    """The batch sizes in ascending order. Raises BadOption."""
    if not networks:
        raise BadOption("No network to measure: expected one name or more; list_models() has them.")
    sizes = sorted(set(batch_sizes))
    if len(sizes) < FEWEST_BATCH_SIZES or sizes[0] < 1:
        raise BadOption(
            f"Batch sizes {', '.join(map(str, batch_sizes))}: expected {FEWEST_BATCH_SIZES} or more different ones, "
            "each 1 or more, because a line with errors is fitted to them."
        )
    if rounds < 1:
        raise BadOption(f"{rounds} rounds: expected 1 or more.")
    return tuple(sizes)


def _of_data(data: Dataset, input_shape: Sequence[int] | None, classes: int | None) -> tuple[tuple[int, int, int], int]:
    """Image shape and number of classes of a data set. Raises BadOption where others were asked for."""
    found = (data.image_shape, len(data.classes))
    asked = (tuple(input_shape) if input_shape else found[0], classes or found[1])
    if asked != found:
        raise BadOption(
            f"{data.directory} has images of {found[0]} and {found[1]} classes, but {asked[0]} and {asked[1]} were "
            "asked for. With a data set, leave both out."
        )
    return found


def _labelled(data: Dataset) -> str:
    """The sample to measure with: train, or the first that has truth. Raises Unlabelled."""
    for sample in sorted(data.samples, key=lambda sample: sample != _TRAIN):
        if data.labelled(sample):
            return sample
    raise Unlabelled(f"{data.directory}: no sample has truth, and a training step needs it. Measure without data.")
