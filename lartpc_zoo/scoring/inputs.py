"""What is to be scored, found and named: files, directories, patterns, URLs, lists of them, and data sets."""

import functools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import data_tools
from data_tools.errors import BadOption, CorruptShard, DuplicateInput, InputNotFound
from data_tools.files import sha256_of_file, sha256_of_json
from data_tools.location import is_url, name_of, size_of, version_of
from data_tools.tfrecords import shards
from data_tools.tfrecords.dataset import Dataset
from data_tools.tfrecords.manifest import FILE_NAME
from lartpc_zoo.models.trained import TrainedNetwork
from lartpc_zoo.scoring.shard import Shard
from lartpc_zoo.scoring.source import Reading, Source

Inputs = str | Path | Iterable[str | Path]
"""LArCV files, directories, glob patterns, URLs, '@FILE' with one of these on every line, or data sets."""

_LIST = "@"
_COMMENT = "#"


@dataclass(frozen=True)
class Input:
    """One input: a LArCV file, or a shard of a data set.

    Attributes:
        path: absolute path, or URL.
        data_set: directory of the data set that it is a shard of, or None.
    """

    path: str
    data_set: Path | None = None

    @property
    def bytes(self) -> int:
        """Its size; 0 where a server does not tell."""
        return size_of(self.path)

    def version(self) -> str:
        """What tells a changed file from the same one at a glance."""
        return version_of(self.path)

    def sha256(self) -> str | None:
        """Hex SHA-256 of its content; None behind a URL, which would be fetched twice.

        Raises:
            CorruptShard: a shard is not what was written.
        """
        if self.data_set is not None:
            described = self._shard(_opened(self.data_set, _version_of(self.data_set)))
            shards.check_hash(self.data_set, described)
            return described.sha256
        return None if is_url(self.path) else sha256_of_file(self.path)

    def open(self, networks: Sequence[TrainedNetwork], reading: Reading) -> Source:
        """The Source of its events.

        Raises:
            UserError: it cannot be opened, or its images are not such as the networks were trained on.
        """
        if self.data_set is None:
            from lartpc_zoo.scoring.larcv_file import LarcvFile  # its readers need uproot, which may not be there

            return LarcvFile(self.path if is_url(self.path) else Path(self.path), networks, reading)
        data = _opened(self.data_set, _version_of(self.data_set))
        for network in networks:
            network.check_data(data.description, self.data_set)
        return Shard(Path(self.path), data, self._shard(data).events)

    def _shard(self, data: Dataset) -> shards.ShardDescription:
        for sample in data.manifest.samples.values():
            for shard in sample.shards:
                if shard.file == Path(self.path).name:
                    return shard
        raise CorruptShard(f"{self.path}: {data.directory} has no such shard any more. Score the data set again.")


def find_inputs(inputs: Inputs, sample: str | None = None) -> list[Input]:
    """Every input that is named.

    Args:
        inputs: what is to be scored.
        sample: of the data sets among them; None: all of it.

    Raises:
        InputNotFound: one of them names no file.
        DuplicateInput: a file is named twice.
        UnknownSample: a data set has no such sample.
        BadOption: a sample was named, and nothing is a data set.
    """
    found: list[Input] = []
    files: list[str | Path] = []
    for given in _listed([inputs] if isinstance(inputs, str | Path) else inputs):
        if not is_url(given) and (Path(given) / FILE_NAME).is_file():
            directory = Path(given).absolute()
            data = _opened(directory, _version_of(directory))
            names = [sample] if sample is not None else data.samples
            found += [Input(str(path), directory) for name in names for path in data.shard_paths(name)]
        else:
            files.append(given)
    if sample is not None and not found:
        raise BadOption(f"Sample {sample!r}: LArCV files have no samples; none of the inputs is a data set.")
    if files or not found:
        from data_tools.conversion.sources import expand_inputs

        found += [Input(str(path if is_url(path) else Path(path).absolute())) for path in expand_inputs(files)]
    if several := [path for path, number in Counter(one.path for one in found).items() if number > 1]:
        raise DuplicateInput(f"{several[0]} is given twice; give each input once.")
    return found


def output_name(one: Input, ending: str, with_hash: bool = False) -> str:
    """What the scores of an input are called: as its file, and where several are called so, with a hash of its path."""
    name = name_of(one.path.partition("?")[0])
    stem = name.rpartition(".")[0] or name
    return f"{stem}-{sha256_of_json(one.path)[:8]}.{ending}" if with_hash else f"{stem}.{ending}"


def _listed(inputs: Iterable[str | Path]) -> Iterator[str | Path]:
    """The inputs, with what lists name in place of the lists."""
    for given in inputs:
        text = str(given)
        if not text.startswith(_LIST):
            yield given
            continue
        path = Path(text.removeprefix(_LIST))
        if not path.is_file():
            raise InputNotFound(f"{path}: no such file; expected a list with one input on every line.")
        lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
        yield from (line for line in lines if line and not line.startswith(_COMMENT))


@functools.lru_cache(4)
def _opened(directory: Path, version: str) -> Dataset:
    """The data set in a directory, opened once for every version of its manifest."""
    return data_tools.open_dataset(directory)


def _version_of(directory: Path) -> str:
    return version_of(directory / FILE_NAME)
