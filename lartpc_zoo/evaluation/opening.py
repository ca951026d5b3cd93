"""What is to be scored: samples of a data set, or LArCV files, which are read as the training's data were converted."""

import functools
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import data_tools
from data_tools.description import DataDescription
from data_tools.errors import UserError
from data_tools.files import sha256_of_json
from data_tools.record import plain
from data_tools.tfrecords.dataset import Dataset
from lartpc_zoo.models.trained import TrainedNetwork, check_alike
from lartpc_zoo.scoring.shard import Shard
from lartpc_zoo.scoring.source import Reading, Source

if TYPE_CHECKING:
    from lartpc_zoo.scoring.larcv_file import LarcvFile

Data = Dataset | str | Path | Sequence[str | Path]
"""A data set, its directory, or LArCV files: a path, pattern or URL, or a list of them."""


class SharedSources(UserWarning):
    """A data set was made from files that a network was trained on."""


@dataclass(frozen=True)
class Opened:
    """What is to be scored, checked.

    Attributes:
        description: of all of it, as a data set that was converted.
        entries: how many there are.
        sources: functions that open its parts, in their order.
        in_order: whether that is the order of the events; those of shards are mixed.
    """

    description: DataDescription
    entries: int
    sources: tuple[Callable[[], Source], ...]
    in_order: bool


def opened(
    data: Data,
    networks: Sequence[TrainedNetwork],
    sample: str | None = None,
    fit: bool = False,
    truth: bool = False,
) -> Opened:
    """What is to be scored, opened.

    Args:
        data: what to score.
        networks: that score it.
        sample: of a data set; None: all of them.
        fit: whether images of LArCV files of another size are padded or cut.
        truth: whether accuracies are to be measured, so that every particle needs a class.

    Raises:
        DataDiffers: the images are of another kind than those of the training.
        UserError: the data cannot be opened or read.

    Warns:
        SharedSources: the data set was made from files that a network was trained on.
    """
    check_alike(networks)
    if not is_dataset(data):
        return _files(data, networks, Reading(fit=fit), truth)  # type: ignore[arg-type]  # no data set, as just asked
    dataset = data if isinstance(data, Dataset) else data_tools.open_dataset(data)  # type: ignore[arg-type]
    for network in networks:
        network.check_data(dataset.description, dataset.directory)
        _warn_of_shared(dataset.description, dataset.directory, network)
    samples = [sample] if sample is not None else list(dataset.samples)
    dataset.verify(samples)
    shards = [shard for name in samples for shard in dataset.sample(name).shards]
    return Opened(
        description=dataset.description,
        entries=sum(shard.events for shard in shards),
        sources=tuple(
            functools.partial(Shard, dataset.directory / shard.file, dataset, shard.events) for shard in shards
        ),
        in_order=False,
    )


def is_dataset(data: Data) -> bool:
    """Whether what is to be scored is a data set already, or its directory."""
    return isinstance(data, Dataset) or (isinstance(data, str | Path) and Path(data).is_dir())


def _files(
    files: str | Path | Sequence[str | Path], networks: Sequence[TrainedNetwork], reading: Reading, truth: bool
) -> Opened:
    # The readers need uproot, which is not there where only converted data are scored.
    from data_tools.conversion.sources import expand_inputs, hash_all
    from lartpc_zoo.scoring.larcv_file import LarcvFile

    paths = expand_inputs(files)
    sources = [functools.partial(LarcvFile, path, networks, reading) for path in paths]
    try:
        entries = sum(_checked(source(), truth) for source in sources)  # before all inputs are hashed
    except UserError as error:
        if error.option in (None, "fit"):
            raise
        advice = " This is an option of the conversion: convert the files first and score the data set."
        raise type(error)(*error.parts, advice, choices=error.choices) from error
    hashes = tuple(sorted(hash_all(paths)))
    trained_on = networks[0].trained_on
    description = replace(trained_on, fingerprint="", sources=hashes, samples={})
    description = replace(description, fingerprint=sha256_of_json(plain(description)))
    where = str(paths[0]) if len(paths) == 1 else f"{len(paths)} files"
    for network in networks:
        _warn_of_shared(description, where, network)
    return Opened(description, entries, tuple(sources), in_order=True)


def _checked(file: "LarcvFile", truth: bool) -> int:
    """Number of entries of a file that was opened, whose particles have classes where that is asked for."""
    if truth:
        file.check_classes()
    return file.entries


def _warn_of_shared(data: DataDescription, where: object, network: TrainedNetwork) -> None:
    """Warn where the events of some data may be those of a training."""
    before = network.trained_on
    shared = set(before.sources) & set(data.sources)
    if shared and data.fingerprint != before.fingerprint:
        warnings.warn(
            f"{where} has events from {len(shared)} of the files that {network.name} was trained on: some of them may "
            "be those of the training, and the accuracy too high.",
            SharedSources,
            stacklevel=5,
        )
