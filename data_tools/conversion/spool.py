"""The converter's work in progress: one part per range of entries of a source, encoded but not yet in a sample.

A part is KEY.records (its records one after the other) and KEY.npz (the table of its events, written last: a part
without it is not there). Parts let the converter read every input once, in order, in any number of processes, and write
every sample in a random order, in bounded memory; a part that an interrupted conversion has finished is not made again.
"""

import functools
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from data_tools.conversion.entries import Entries
from data_tools.conversion.preparation import Preparation
from data_tools.defects import DEFECTS, Policies
from data_tools.errors import BadEntry, CorruptFile
from data_tools.event import Event, LeftOut, plane_name
from data_tools.files import sha256_of_json, written_aside
from data_tools.options import VALUE_DTYPE, ValueDtype
from data_tools.readers import Reader, open_file
from data_tools.tfrecords.manifest import SCHEMA_VERSION
from data_tools.tfrecords.schema import encode
from data_tools.truth import TRUTH_COLUMNS

ENTRIES_PER_PART = 500

Table = dict[str, np.ndarray]
"""{column: (events,) array} of all events of a conversion."""

_OPEN_PARTS = 128  # each holds a file descriptor, of which a process has 1,024
_DEFECTS = list(DEFECTS)


@dataclass(frozen=True)
class Settings(Preparation):
    """What is done to an event, and how it is stored.

    Attributes:
        value_dtype: in which ADC is stored.
    """

    value_dtype: ValueDtype = VALUE_DTYPE


@dataclass(frozen=True)
class InputFile:
    """What a process needs to open a source as the others do.

    Attributes:
        path: path or URL.
        sha256: of its content.
        trees: what is read of it.
        image_producer, particle_producer: as the user named them.
    """

    path: Path | str
    sha256: str
    trees: tuple[str, ...]
    image_producer: str | None = None
    particle_producer: str | None = None


@dataclass(frozen=True, kw_only=True)
class Part:
    """One piece of work, for any process that sees the files: a range of entries of a source.

    Attributes:
        directory: where its files are made.
        file: the source.
        number: of the source, as records quote it.
        span: (start, stop) of the entries.
        truth: what is known of these entries; those without a class are passed over.
        settings: what is done to an event.
        policies: what is done about defects.
    """

    directory: Path
    file: InputFile
    number: int
    span: tuple[int, int]
    truth: Entries
    settings: Settings
    policies: dict[str, str]

    @property
    def stem(self) -> Path:
        """Path of its files without suffix: equal for equal work, whatever the source is called."""
        identity = [
            SCHEMA_VERSION,
            self.file.sha256,
            self.file.trees,
            self.number,
            self.span,
            self.truth.labels.tolist(),
            self.truth.fates.tolist(),
            asdict(self.settings),
            self.policies,
        ]
        return self.directory / sha256_of_json(identity)[:32]

    def resolved(self) -> "Part":
        """The same with absolute paths, for a process with another working directory."""
        path = self.file.path
        path = path if isinstance(path, str) else path.resolve()
        return replace(self, directory=self.directory.resolve(), file=replace(self.file, path=path))


def ranges(entries: int) -> list[tuple[int, int]]:
    """The (start, stop) of every part of a source of `entries` entries."""
    return [(start, min(start + ENTRIES_PER_PART, entries)) for start in range(0, entries, ENTRIES_PER_PART)]


def make_part(part: Part, advance: Callable[[int], object] = lambda entries: None) -> None:
    """Make a Part unless it is there.

    Args:
        part: what to make.
        advance: is told of entries that are done.

    Raises:
        UserError: what reading and encoding raise.
    """
    start, stop = part.span
    stem = part.stem
    if stem.with_suffix(".npz").is_file():
        advance(stop - start)
        return
    policies = Policies(part.policies)
    reader = _reader(part.file, tuple(part.policies.items()))
    wanted = ~part.truth.without_class
    advance(int(np.sum(~wanted)))
    rows, left_out = [], []
    with written_aside(stem.with_suffix(".records")) as aside, open(aside, "wb") as records:
        for event in reader.events(start, stop, wanted):
            advance(1)
            if not isinstance(event, LeftOut):
                _check_unchanged(event, part)
                event = part.settings.of(event, policies, part.file.path)
            if isinstance(event, LeftOut):
                left_out.append((event.entry, _DEFECTS.index(event.defect)))
            else:
                rows.append(_write_event(records, event, part, reader.planes))
    table = {name: np.array([row[name] for row in rows]) for name in rows[0]} if rows else {}
    with written_aside(stem.with_suffix(".npz")) as aside:
        np.savez(aside, **{**table, "_left_out": np.array(left_out, np.int64).reshape(-1, 2)})  # type: ignore[arg-type]


def forget_readers() -> None:
    """Let go of the inputs that this process has open."""
    _reader.cache_clear()


def read_tables(parts: Sequence[Part]) -> tuple[Table, dict[int, Counter[str]]]:
    """(table of all events as {column: array}, {source: {defect: entries left out}}) of all Parts.

    The table's column `part` is the position in `parts`.
    """
    tables: list[Table] = []
    left_out: dict[int, Counter[str]] = {}
    for number, part in enumerate(parts):
        with np.load(part.stem.with_suffix(".npz"), allow_pickle=False) as stored:
            table = dict(stored)
        of_source = left_out.setdefault(part.number, Counter())
        of_source.update(_DEFECTS[defect] for defect in table.pop("_left_out")[:, 1])
        if table:
            tables.append({**table, "part": np.full(len(table["entry"]), number)})
    joined = {name: np.concatenate([table[name] for table in tables]) for name in tables[0]} if tables else {}
    return joined, left_out


def count_flags(flags: np.ndarray) -> dict[str, int]:
    """{defect: events} of a table's column `flags`, one bit per defect."""
    counts = {name: int(np.sum(flags >> bit & 1)) for bit, name in enumerate(_DEFECTS)}
    return {name: count for name, count in counts.items() if count}


def read_records(parts: Sequence[Part], table: Table, positions: Iterable[int]) -> Iterator[bytes]:
    """Yield the records of the events at `positions` of the table, in that order."""

    @functools.lru_cache(_OPEN_PARTS)
    def opened(number: int) -> np.memmap:
        return np.memmap(parts[number].stem.with_suffix(".records"), np.uint8, "r")

    for position in positions:
        begin = table["begin"][position]
        yield opened(int(table["part"][position]))[begin : begin + table["length"][position]].tobytes()


def selectable(planes: Iterable[int]) -> tuple[str, ...]:
    """Names of a table's columns that a selection may use, for data of these planes."""
    numbers = ("run", "subrun", "event", "entry", "label", *TRUTH_COLUMNS, "momentum")
    return (*numbers, "adc", "hits", *(f"hits_{plane_name(plane)}" for plane in planes))


@functools.lru_cache(2)
def _reader(file: InputFile, policies: tuple[tuple[str, str], ...]) -> Reader:
    # The hash is in the key, so that a file that was replaced is not read with what was known of the old one.
    return open_file(file.path, file.image_producer, file.particle_producer, Policies(dict(policies)))


def _check_unchanged(event: Event, part: Part) -> None:
    """Labels were made from the PDG codes when the file was hashed: they must be those of the images read now."""
    code = part.truth.pdg[event.entry - part.span[0]]
    if event.truth.pdg != code:
        raise CorruptFile(
            f"{part.file.path}, entry {event.entry}: PDG code {event.truth.pdg}, but {code} when the file was opened. "
            "It was changed during the conversion, or another process sees another file there. Start again."
        )


def _write_event(records: BinaryIO, event: Event, part: Part, planes: Sequence[int]) -> dict[str, Any]:
    """Append the record of an event; returns its row of the table."""
    label = int(part.truth.labels[event.entry - part.span[0]])
    begin = records.tell()
    try:
        length = records.write(encode(event, label, part.number, part.settings.value_dtype))
    except BadEntry as error:
        raise BadEntry(f"{part.file.path}: ", *error.parts) from error
    digest = hashlib.blake2b(event.index.tobytes() + event.value.tobytes(), digest_size=8).digest()
    hits = event.hits_per_plane()
    return {
        "source": part.number,
        "entry": event.entry,
        "label": label,
        "run": event.run,
        "subrun": event.subrun,
        "event": event.event,
        **event.truth.numbers(),
        "momentum": float(np.linalg.norm(event.truth.momentum)),
        "adc": float(event.value.sum(dtype=np.float64)),
        "hits": len(event.index),
        **{f"hits_{plane_name(plane)}": count for plane, count in zip(planes, hits.tolist())},
        "hits_digest": np.frombuffer(digest, "<u8")[0],
        "flags": sum(1 << _DEFECTS.index(name) for name in event.flags),
        "begin": begin,
        "length": length,
    }
