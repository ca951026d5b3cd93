"""The converter's work in progress: one part per range of entries of a source, encoded but not yet in a sample.

A part is KEY.records (its records one after the other) and KEY.npz (the table of its events, written last: a part
without it is not there). Parts let the converter read every input once, in order, and write every sample in a random
order, in bounded memory; a part that an interrupted conversion has finished is not made again.
"""

import functools
import hashlib
from collections import Counter
from dataclasses import dataclass

import numpy as np

from data_tools.errors import BadEntry
from data_tools.event import apply_threshold, down_sample
from data_tools.files import sha256_of_json, written_aside
from data_tools.manifest import SCHEMA_VERSION
from data_tools.tfrecord import encode

ENTRIES_PER_PART = 500

_OPEN_PARTS = 128  # each holds a file descriptor, of which a process has 1,024
_SEPARATOR = "; "


@dataclass(frozen=True)
class Settings:
    """What is done to every event: `down_sample` first, then `threshold` (ADC), then encoding as `value_dtype`."""

    down_sample: int = 1
    threshold: float | None = None
    value_dtype: str = "float32"


def ranges(entries):
    """The (start, stop) of every part of a source of `entries` entries."""
    return [(start, min(start + ENTRIES_PER_PART, entries)) for start in range(0, entries, ENTRIES_PER_PART)]


def make_part(directory, reader, source, sha256, labels, span, settings, advance):
    """Make the part of entries `span` of a source unless it is there; returns its path without suffix.

    labels: (entries,) of the whole source; entries with a negative one are left out. `advance` is told of every event.
    """
    start, stop = span
    identity = [SCHEMA_VERSION, sha256, reader.trees, source, start, stop, labels[start:stop].tolist(), vars(settings)]
    part = directory / sha256_of_json(identity)[:32]
    if part.with_suffix(".npz").is_file():
        advance(stop - start)
        return part
    rows = []
    with written_aside(part.with_suffix(".records")) as aside, open(aside, "wb") as records:
        for event in reader.events(start, stop):
            advance(1)
            if labels[event.entry] >= 0:
                try:
                    rows.append(_write_event(records, event, labels[event.entry], source, settings))
                except BadEntry as error:
                    raise BadEntry(f"{reader.path}: {error}") from error
    table = {name: np.array([row[name] for row in rows]) for name in rows[0]} if rows else {}
    with written_aside(part.with_suffix(".npz")) as aside:
        np.savez(aside, **table)
    return part


def read_table(parts):
    """The tables of all parts as one {column: array}, with `part`, the position in `parts`, as a further column."""
    tables = []
    for number, part in enumerate(parts):
        with np.load(part.with_suffix(".npz"), allow_pickle=False) as stored:
            table = dict(stored)
        if table:
            tables.append({**table, "part": np.full(len(table["entry"]), number)})
    return {name: np.concatenate([table[name] for table in tables]) for name in tables[0]} if tables else {}


def count_noticed(noticed):
    """{what: events} of a table's column `noticed`."""
    return dict(Counter(what for text in noticed for what in text.split(_SEPARATOR) if what))


def read_records(parts, table, positions):
    """Yield the records of the events at `positions` of the table, in that order."""

    @functools.lru_cache(_OPEN_PARTS)
    def opened(number):
        return np.memmap(parts[number].with_suffix(".records"), np.uint8, "r")

    for position in positions:
        begin = table["begin"][position]
        yield opened(int(table["part"][position]))[begin : begin + table["length"][position]].tobytes()


def _write_event(records, event, label, source, settings):
    event = apply_threshold(down_sample(event, settings.down_sample), settings.threshold)
    begin = records.tell()
    length = records.write(encode(event, int(label), source, settings.value_dtype))
    digest = hashlib.blake2b(event.index.tobytes() + event.value.tobytes(), digest_size=8).digest()
    return {
        "source": source,
        "entry": event.entry,
        "label": label,
        "run": event.run,
        "subrun": event.subrun,
        "event": event.event,
        "hits": len(event.index),
        "hits_digest": np.frombuffer(digest, "<u8")[0],
        "noticed": _SEPARATOR.join(event.noticed),
        "begin": begin,
        "length": length,
    }
