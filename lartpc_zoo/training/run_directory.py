"""The directory of one training: what lies where, written so that an interruption leaves the last complete state.

config.yaml  environment.json  scorings.jsonl  state/  weights/  history.csv  window.csv  results.json
predictions_testB.csv.gz  table1.{csv,md,tex}  figures/

An archived run (lartpc_zoo.pretrained.archiving) has no state, weights and figures, and in the place of the predictions
their scores alone, scores_testB.npz; the events are in the directory above, events_testB.csv.gz, for all runs.
"""

import json
import math
import os
import shutil
import zlib
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import yaml

import zoo_configs
from data_tools.files import (
    check_room,
    remove_remains,
    sha256_of_file,
    unfinished,
    write_csv,
    write_json,
    write_text,
    written_aside,
)
from data_tools.locks import locked
from data_tools.record import differences, plain, plain_with_version, read_record
from lartpc_zoo.backend.environment import Start
from lartpc_zoo.errors import CorruptRun, NotARun, RunBusy, RunDiffers
from lartpc_zoo.models.scoring import Scoring, latest
from lartpc_zoo.training.records import Results, RunConfig, Starts
from lartpc_zoo.training.scores_file import read_scores

EVENT = ("source", "entry", "run", "subrun", "event", "label")
"""Columns of the predictions that say which event it is."""

_BYTES_PER_WEIGHT = 4
_RESTORE = "It is damaged: restore it, or start the run again elsewhere."


class RunDirectory:
    """Paths and files of a run; knows nothing of networks."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.figures = self.path / "figures"
        self._state_file = self.path / "state" / "state.json"
        self._history_file = self.path / "history.csv"
        self.tensorboard = self.path / "tensorboard"
        self.predictions_file = self.path / "predictions_testB.csv.gz"  # what a training writes
        self.scores_file = self.path / "scores_testB.npz"
        self.events_file = self.path.parent / "events_testB.csv.gz"
        self._config_file = self.path / "config.yaml"
        self.scorings_file = self.path / "scorings.jsonl"
        self._environment_file = self.path / "environment.json"
        self._results_file = self.path / "results.json"

    def exists(self) -> bool:
        """Whether the directory holds a run, finished or not."""
        return self._config_file.is_file()

    def check(self, config: RunConfig) -> None:
        """Raise RunDiffers unless the directory is new, or holds a run of the same configuration."""
        if self.exists():
            if differing := list(differences(self.config(), config)):
                raise RunDiffers(
                    f"{self.path} holds a run of another configuration: {'; '.join(differing)}. "
                    "Choose another output directory, or start with the same configuration to continue."
                )
        elif self.path.exists() and not self._is_empty():
            raise RunDiffers(f"{self.path} is not empty and holds no run. Choose another output directory.")

    def begin(self, config: RunConfig) -> bool:
        """Make a run of the directory, or go on in one of the same configuration; returns whether it has not ended.

        What a killed process left half-written is removed, so this is for a locked directory. Raises RunDiffers.
        """
        self.check(config)
        if self.results() is not None:
            return False
        self.path.mkdir(parents=True, exist_ok=True)
        if not self._config_file.is_file():  # first of all: it makes the directory that of a run
            write_text(self._config_file, yaml.safe_dump(plain_with_version(config), sort_keys=False))
        parts = (self._state_file.parent, self.path / "weights", self.figures)
        for part in parts:
            part.mkdir(exist_ok=True)
        for part in (self.path, *parts):
            remove_remains(part)
        return True

    def locked(self, wait: bool = False) -> AbstractContextManager[None]:
        """Context in which no other process writes to the directory, which is made. `wait` for one, or raise RunBusy.

        Warns with data_tools.locks.NoLock where the file system has no locks.
        """
        busy = RunBusy(f"{self.path}: another process writes to this run. Wait for it, or stop it.")
        return locked(self.path, busy, wait)

    def config(self) -> RunConfig:
        """The configuration. Raises NotARun where there is none, CorruptRun where it cannot be read."""
        if not self._config_file.is_file():
            raise NotARun(f"{self.path}: no config.yaml, so this is not the directory of a run.")
        content = _load(self._config_file, zoo_configs.parse_yaml)
        return read_record(RunConfig, content, self._config_file, CorruptRun, _RESTORE)

    def add_start(self, start: Start) -> None:
        """Put a start on record; those before it stay there."""
        before = self.starts() if self._environment_file.is_file() else ()
        known = [{key: value for key, value in plain(one).items() if value is not None} for one in (*before, start)]
        write_json(self._environment_file, {"starts": known})

    def starts(self) -> tuple[Start, ...]:
        """Versions, machine and command of every start, one at least. Raises CorruptRun."""
        content = _load(self._environment_file, json.loads)
        return read_record(Starts, content, self._environment_file, CorruptRun, _RESTORE).starts

    def weights(self, iteration: int) -> Path:
        """Path of the weights of an evaluation."""
        return self.path / "weights" / f"iteration-{iteration:07d}.weights.h5"

    def save_weights(self, model: keras.Model, iteration: int) -> None:
        """Save the weights of `model`, without optimizer. Raises OSError when there is no room for them."""
        check_room(self.path, sum(math.prod(weight.shape) for weight in model.weights) * _BYTES_PER_WEIGHT)
        with written_aside(self.weights(iteration)) as aside:
            model.save_weights(aside)

    def keep_weights(self, iterations: Iterable[int]) -> None:
        """Remove the weights of all other iterations."""
        kept = {self.weights(iteration) for iteration in iterations}
        for path in (self.path / "weights").glob("*.weights.h5"):
            if path not in kept:
                path.unlink()

    def bring_up_to_date(self, iterations: Iterable[int], history: list[dict[str, Any]]) -> None:
        """Make of weights and history what goes with a state."""
        self.keep_weights(iterations)
        self.write_history(history)

    def write_history(self, history: list[dict[str, Any]]) -> None:
        """Write history.csv: one dictionary per evaluation."""
        write_csv(self._history_file, pd.DataFrame(history))

    def history(self) -> pd.DataFrame:
        """The content of history.csv (DataFrame). Raises CorruptRun."""
        return _load_table(self._history_file, {"iteration", "epoch", "testA_loss", "testA_accuracy"})

    def save_state(self, iteration: int, variables: dict[str, np.ndarray], content: dict[str, Any]) -> None:
        """Save arrays {name: array} and JSON `content` of one moment: arrays first, then the file that names them."""
        path = self._state_file.with_name(f"variables-{iteration:07d}.npz")
        with written_aside(path) as aside:
            np.savez(aside, **variables)  # type: ignore[arg-type]  # the stubs know of the option allow_pickle only
        write_json(
            self._state_file,
            {**content, "iteration": iteration, "variables": path.name, "sha256": sha256_of_file(path)},
        )
        for old in self._state_file.parent.glob("variables-*.npz"):
            if old != path:
                old.unlink()

    def load_state(self) -> tuple[dict[str, np.ndarray], dict[str, Any]] | None:
        """(arrays, content) of the last complete state, or None. Raises CorruptRun when its hash is wrong."""
        if not self._state_file.is_file():
            return None
        content = _load_mapping(self._state_file, {"variables", "sha256"})
        path = self._state_file.with_name(Path(content["variables"]).name)
        if not path.is_file() or sha256_of_file(path) != content["sha256"]:
            raise CorruptRun(f"{path}: missing or damaged, the run cannot be continued. Start it again elsewhere.")
        with np.load(path, allow_pickle=False) as stored:
            return dict(stored), content

    def predictions(self, sha256: str | None = None) -> pd.DataFrame:
        """testB event by event, as scored by this run (DataFrame).

        sha256: of the file, or None where it is not known yet. Raises CorruptRun when it is missing or another one.
        """
        path = self.scores_file if self.scores_file.is_file() else self.predictions_file
        if sha256 is not None and (not path.is_file() or sha256_of_file(path) != sha256):
            raise CorruptRun(f"{path}: missing, or not the predictions that results.json is of; restore it.")
        if path == self.scores_file:
            return read_scores(path, self.events_file)
        return _load_table(path, {*EVENT, "prediction"})

    def log_scoring(self, scoring: Scoring) -> None:
        """Add a scoring to scorings.jsonl: when it begins, so that what was looked at stays known, and at its end."""
        line = json.dumps(plain(scoring)) + "\n"
        with open(self.scorings_file, "a+b") as file:
            if file.tell() and not _ends_a_line(file):
                line = "\n" + line
            file.write(line.encode())
            file.flush()
            os.fsync(file.fileno())

    def scorings(self) -> list[Scoring]:
        """The scorings on record, each as it was put there last. Raises CorruptRun."""
        results = self.results()
        before = list(results.scorings) if results else []
        if not self.scorings_file.is_file():
            return before
        # What a killed process left of a line was never a whole entry.
        lines = self.scorings_file.read_text(encoding="utf-8").splitlines(keepends=True)
        whole = [line for line in lines if line.endswith("\n") and _is_json(line)]
        return before + latest(read_record(Scoring, json.loads(line), self.scorings_file, CorruptRun) for line in whole)

    def write_results(self, results: Results) -> None:
        """Write results.json; the state for resuming is not needed any more."""
        write_json(self._results_file, plain_with_version(results))
        self.remove_state()

    def remove_state(self) -> None:
        """Remove what only a run that has not ended needs."""
        shutil.rmtree(self._state_file.parent, ignore_errors=True)

    def results(self) -> Results | None:
        """What the training found, None while it has not ended. Raises CorruptRun."""
        if not self._results_file.is_file():
            return None
        return read_record(Results, _load(self._results_file, json.loads), self._results_file, CorruptRun, _RESTORE)

    def last_iteration(self) -> int:
        """The iteration of the last complete state, from which a run that has not ended goes on; 0 without one."""
        if not self._state_file.is_file():
            return 0
        return _load_mapping(self._state_file, {"iteration"})["iteration"]

    def finished(self) -> Results:
        """What the training found. Raises NotARun while it has not ended."""
        self.config()
        results = self.results()
        if results is None:
            raise NotARun(f"{self.path}: the run has not ended; start it again with the same arguments to continue.")
        return results

    def _is_empty(self) -> bool:
        """Whether there is nothing in the directory but what a killed start may have left."""
        return self.path.is_dir() and set(self.path.iterdir()) <= set(unfinished(self.path))


def _load(path: Path, parse: Callable[[str], Any]) -> Any:
    """The content of a text file that this class wrote."""
    try:
        return parse(path.read_text(encoding="utf-8"))
    except (ValueError, yaml.YAMLError) as error:
        raise CorruptRun(f"{path} is damaged ({error}); restore it, or start the run again elsewhere.") from error


def _load_mapping(path: Path, keys: set[str]) -> dict[str, Any]:
    """The content of a JSON file that this class wrote, a mapping with `keys`."""
    content = _load(path, json.loads)
    if not (isinstance(content, dict) and keys <= set(content)):
        expected = f"expected a mapping with {', '.join(sorted(keys))}"
        raise CorruptRun(f"{path} is damaged ({expected}); restore it, or start the run again elsewhere.")
    return content


def _load_table(path: Path, columns: set[str]) -> pd.DataFrame:
    """A csv file that this class wrote, as a DataFrame with some columns at least."""
    try:
        frame = pd.read_csv(path)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise CorruptRun(f"{path} is missing or damaged ({error}); restore it.") from error
    if missing := columns - set(frame):
        raise CorruptRun(f"{path} is damaged (no column {', '.join(sorted(missing))}); restore it.")
    return frame


def _ends_a_line(file: Any) -> bool:
    """Whether the last byte of an open file ends a line."""
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
