"""One piece of the work: the scores of one input, in a file of their own, and then what is on record of it."""

import contextlib
import functools
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from data_tools.defects import SkipEntry
from data_tools.detector.disturbance import Disturbance
from data_tools.errors import CorruptFile, UserError
from data_tools.files import write_json
from data_tools.record import plain_with_version
from lartpc_zoo.backend.calling import use_threads
from lartpc_zoo.metrics.predictions import EVENT, FILE, PREDICTION, score_column, scores_of
from lartpc_zoo.metrics.table_files import table_written
from lartpc_zoo.models.trained import TrainedNetwork
from lartpc_zoo.scoring.inputs import Input
from lartpc_zoo.scoring.records import ScoredInput
from lartpc_zoo.scoring.scorer import Scorer
from lartpc_zoo.scoring.source import Reading, Source

ROWS_AT_ONCE = 10_000
"""Rows that are written together, so that memory does not grow with a file."""


_ONE_AT_A_TIME = threading.Lock()
"""Of a process: what loads weights and multiplies exactly is not for several threads."""


class _InputFailed(Exception):
    """An input cannot be read to its end, which does not stop the others."""


@dataclass(frozen=True)
class Task:
    """The scores of one input, for any process that sees the files.

    Attributes:
        input: what is scored.
        networks: that score it.
        reading: how it is read.
        format: of the output.
        output: path of the output.
        record: path of what is on record of the input.
        disturbance: effects of a detector on every event, None without.
        threads: to compute in; None: as many as the machine has.
    """

    input: Input
    networks: tuple[TrainedNetwork, ...]
    reading: Reading
    format: str
    output: Path
    record: Path
    disturbance: Disturbance | None = None
    threads: int | None = None

    @property
    def span(self) -> tuple[int, int]:
        """How much of the work it is: one input."""
        return 0, 1


def score_on_dask(task: Task) -> None:
    """Score an input in a worker of a dask cluster, in as many threads as the worker has."""
    from distributed import get_worker

    score_input(replace(task, threads=get_worker().state.nthreads))


def score_input(task: Task, advance: Callable[[float], object] = lambda fraction: None) -> None:
    """Score an input, and put on record what became of it; of one that cannot be read, the reason.

    Args:
        task: what to do.
        advance: is told which further fraction of the input is done.

    Raises:
        UserError: the networks have no weights.
        OSError: the scores cannot be written.
    """
    with _ONE_AT_A_TIME:
        done = 0.0

        def part(fraction: float) -> None:
            nonlocal done
            fraction = min(fraction, 1 - done)
            done += fraction
            advance(fraction)

        write_json(task.record, plain_with_version(_scored(task, part)))
        advance(1 - done)


def _scored(task: Task, advance: Callable[[float], object]) -> ScoredInput:
    """Score an input; returns what is to be on record."""
    scorer = scorer_of(_Networks(task.networks), task.disturbance, task.threads)
    found = ScoredInput(path=task.input.path, version="", execution=scorer.executions)
    try:
        with _reading():
            found = replace(found, version=task.input.version(), bytes=task.input.bytes, sha256=task.input.sha256())
            source = task.input.open(task.networks, task.reading)
        found = _write_scores(task, source, scorer, found, advance)
        with _reading():
            _check_unchanged(task.input, found.version)
    except _InputFailed as error:
        found = replace(found, failed=str(error), output="", output_bytes=0)
    except SkipEntry as skipped:
        found = replace(found, left_out={str(skipped): 1})
    if not found.output:
        task.output.unlink(missing_ok=True)
    return found


def _write_scores(
    task: Task, source: Source, scorer: Scorer, found: ScoredInput, advance: Callable[[float], object]
) -> ScoredInput:
    """Write the scores of an input that was opened; returns what is to be on record."""
    scored = 0
    with table_written(task.output, task.format, _no_scores(scorer.classes)) as append:
        for rows in _in_pieces(_read(scorer.tables(source)), scorer.classes, lambda n: advance(n / source.entries)):
            append(rows)
            scored += len(rows)
    return replace(
        found,
        entries=source.entries,
        scored=scored,
        left_out=dict(source.left_out),
        noticed=dict(source.noticed),
        fitted=source.fitted,
        output=task.output.name,
        output_bytes=task.output.stat().st_size,
    )


def _in_pieces(
    tables: Iterable[pd.DataFrame], classes: Sequence[str], advance: Callable[[int], object]
) -> Iterator[pd.DataFrame]:
    """The scores in tables of ROWS_AT_ONCE rows or a little more."""
    waiting: list[pd.DataFrame] = []
    for table in tables:
        advance(len(table))
        waiting.append(_as_written(table, classes))
        if sum(map(len, waiting)) >= ROWS_AT_ONCE:
            yield pd.concat(waiting, ignore_index=True)
            waiting = []
    if waiting:
        yield pd.concat(waiting, ignore_index=True)


def _as_written(table: pd.DataFrame, classes: Sequence[str]) -> pd.DataFrame:
    """The scores of a table of predictions, as float32: they were computed so."""
    return scores_of(table, classes).astype({score_column(name): np.float32 for name in classes})


def _no_scores(classes: Sequence[str]) -> pd.DataFrame:
    """A table of scores without rows, but with the types of its columns."""
    types = {FILE: object, **dict.fromkeys(EVENT, np.int64), PREDICTION: object}
    types |= {score_column(name): np.float32 for name in classes}
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in types.items()})


def _check_unchanged(given: Input, version: str) -> None:
    if given.version() != version:
        raise CorruptFile(f"{given.path} was changed while it was read. Score it again.")


@contextlib.contextmanager
def _reading() -> Iterator[None]:
    """Context in which only the input is touched: what goes wrong is its fault, whatever a library makes of it."""
    try:
        yield
    except (SkipEntry, MemoryError):
        raise
    except Exception as error:
        told = isinstance(error, UserError | OSError)
        raise _InputFailed(str(error) if told else f"{type(error).__name__}: {error}") from error


def _read(tables: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    """The tables; an input that cannot be read has failed."""
    try:
        yield from tables
    except (UserError, OSError) as error:
        raise _InputFailed(str(error)) from error


class _Networks:
    """Networks that are equal where their weights are: every task of another process has its own objects."""

    def __init__(self, networks: tuple[TrainedNetwork, ...]) -> None:
        self.networks = networks

    @property
    def _identity(self) -> tuple[object, ...]:
        return tuple((one.name, one.weights_sha256) for one in self.networks)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Networks) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)


@functools.lru_cache(1)
def scorer_of(networks: _Networks, disturbance: Disturbance | None, threads: int | None) -> Scorer:
    """The Scorer of this process, made once."""
    if threads is not None:
        use_threads(threads)
    return Scorer(networks.networks, disturbance)
