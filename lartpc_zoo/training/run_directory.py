"""The directory of one training: what lies where, written so that an interruption leaves the last complete state.

config.yaml  environment.json  state/  weights/  history.csv  window.csv  results.json  predictions_testB.csv.gz
table1.{csv,md,tex}  figures/

An archived run (lartpc_zoo.archiving) has no state, weights and figures, and in the place of the predictions their
scores alone, scores_testB.npz; the events are in the directory above, events_testB.csv.gz, for all runs.
"""

import contextlib
import errno
import fcntl
import json
import math
import os
import shutil
import warnings
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

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
from lartpc_zoo.environment import this_process
from lartpc_zoo.errors import CorruptRun, NotARun, RunBusy, RunDiffers
from lartpc_zoo.training.scores_file import read_scores

EVENT = ("source", "entry", "run", "subrun", "event", "label")
"""Columns of the predictions that say which event it is."""

_BYTES_PER_WEIGHT = 4
_RESULTS = {
    *("status", "iterations", "epochs", "evaluations", "minimum", "stop", "window", "chosen", "class_names"),
    *("table1_caption", "accuracies", "confusion_matrix", "predictions_sha256", "scorings"),
}


_NO_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL, errno.EBADF)


class NoLock(UserWarning):
    """Nothing keeps two processes from one run directory."""


def check_output(directory):
    """Raise RunDiffers where other results would be written over those of a run or over a data set."""
    if (directory / "config.yaml").exists() or (directory / "manifest.json").exists():
        raise RunDiffers(f"{directory} is a run or a data set, whose files would be lost. Choose another output.")


class RunDirectory:
    """Paths and files of a run; knows nothing of networks."""

    def __init__(self, path):
        self.path = Path(path)
        self.figures = self.path / "figures"
        self._state_file = self.path / "state" / "state.json"
        self._history_file = self.path / "history.csv"
        self.tensorboard = self.path / "tensorboard"
        self.predictions_file = self.path / "predictions_testB.csv.gz"  # what a training writes
        self.scores_file = self.path / "scores_testB.npz"
        self.events_file = self.path.parent / "events_testB.csv.gz"
        self._config_file = self.path / "config.yaml"
        self._scorings_file = self.path / "state" / "scorings.json"
        self._environment_file = self.path / "environment.json"
        self._results_file = self.path / "results.json"

    def exists(self):
        """Whether the directory holds a run, finished or not."""
        return self._config_file.is_file()

    def check(self, config):
        """Raise RunDiffers unless the directory is new, or holds a run of the same configuration."""
        if self.exists():
            if differences := _differences(self.config(), config):
                raise RunDiffers(
                    f"{self.path} holds a run of another configuration: {'; '.join(differences)}. "
                    "Choose another output directory, or start with the same configuration to continue."
                )
        elif self.path.exists() and not self._is_empty():
            raise RunDiffers(f"{self.path} is not empty and holds no run. Choose another output directory.")

    def begin(self, config):
        """Make a run of the directory, or go on in one of the same configuration; returns whether it has not ended.

        What a killed process left half-written is removed, so this is for a locked directory. Raises RunDiffers.
        """
        self.check(config)
        if self.results() is not None:
            return False
        self.path.mkdir(parents=True, exist_ok=True)
        if not self._config_file.is_file():  # first of all: it makes the directory that of a run
            write_text(self._config_file, yaml.safe_dump(config, sort_keys=False))
        parts = (self._state_file.parent, self.path / "weights", self.figures)
        for part in parts:
            part.mkdir(exist_ok=True)
        for part in (self.path, *parts):
            remove_remains(part)
        return True

    @contextlib.contextmanager
    def locked(self, wait=False):
        """Context in which no other process writes to the directory, which is made. `wait` for one, or raise RunBusy.

        The lock is the system's and ends with the process, however it ends. Warns with NoLock where the file system has
        none.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDONLY)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise RunBusy(f"{self.path}: another process writes to this run. Wait for it, or stop it.") from error
            except OSError as error:
                if error.errno not in _NO_LOCKS:
                    raise
                warnings.warn(
                    f"{self.path} is on a file system without locks: start one process only.", NoLock, stacklevel=3
                )
            yield
        finally:
            os.close(descriptor)

    def config(self):
        """The configuration. Raises NotARun where there is none, CorruptRun where it cannot be read."""
        if not self._config_file.is_file():
            raise NotARun(f"{self.path}: no config.yaml, so this is not the directory of a run.")
        return _load(self._config_file, yaml.safe_load, {"network", "seed", "data", "recipe"})

    def write_environment(self, **more):
        """Record versions, machine and command of this start; starts before it stay on record."""
        starts = self.environment() if self._environment_file.is_file() else []
        write_json(self._environment_file, {"starts": [*starts, {**this_process(), **more}]})

    def environment(self):
        """Versions, machine and command of every start, one at least. Raises CorruptRun."""
        starts = _load(self._environment_file, json.loads, {"starts"})["starts"]
        if not starts:
            raise CorruptRun(f"{self._environment_file} is damaged (no start is on record); restore it.")
        return starts

    def weights(self, iteration):
        """Path of the weights of an evaluation."""
        return self.path / "weights" / f"iteration-{iteration:07d}.weights.h5"

    def save_weights(self, model, iteration):
        """Save the weights of `model`, without optimizer. Raises OSError when there is no room for them."""
        check_room(self.path, sum(math.prod(weight.shape) for weight in model.weights) * _BYTES_PER_WEIGHT)
        with written_aside(self.weights(iteration)) as aside:
            model.save_weights(aside)

    def keep_weights(self, iterations):
        """Remove the weights of all other iterations."""
        kept = {self.weights(iteration) for iteration in iterations}
        for path in (self.path / "weights").glob("*.weights.h5"):
            if path not in kept:
                path.unlink()

    def write_history(self, history):
        """Write history.csv: one dictionary per evaluation."""
        write_csv(self._history_file, pd.DataFrame(history))

    def history(self):
        """The content of history.csv (DataFrame). Raises CorruptRun."""
        return _load_table(self._history_file, {"iteration", "epoch", "testA_loss", "testA_accuracy"})

    def save_state(self, iteration, variables, content):
        """Save arrays {name: array} and JSON `content` of one moment: arrays first, then the file that names them."""
        path = self._state_file.with_name(f"variables-{iteration:07d}.npz")
        with written_aside(path) as aside:
            np.savez(aside, **variables)
        write_json(
            self._state_file,
            {**content, "iteration": iteration, "variables": path.name, "sha256": sha256_of_file(path)},
        )
        for old in self._state_file.parent.glob("variables-*.npz"):
            if old != path:
                old.unlink()

    def load_state(self):
        """(arrays, content) of the last complete state, or None. Raises CorruptRun when its hash is wrong."""
        if not self._state_file.is_file():
            return None
        content = _load(self._state_file, json.loads, {"variables", "sha256"})
        path = self._state_file.with_name(Path(content["variables"]).name)
        if not path.is_file() or sha256_of_file(path) != content["sha256"]:
            raise CorruptRun(f"{path}: missing or damaged, the run cannot be continued. Start it again elsewhere.")
        with np.load(path, allow_pickle=False) as stored:
            return dict(stored), content

    def predictions(self, sha256=None):
        """testB event by event, as scored by this run (DataFrame).

        sha256: of the file, or None where it is not known yet. Raises CorruptRun when it is missing or another one.
        """
        path = self.scores_file if self.scores_file.is_file() else self.predictions_file
        if sha256 is not None and (not path.is_file() or sha256_of_file(path) != sha256):
            raise CorruptRun(f"{path}: missing, or not the predictions that results.json is of; restore it.")
        if path == self.scores_file:
            return read_scores(path, self.events_file)
        return _load_table(path, {*EVENT, "prediction"})

    def begin_scoring(self, scoring):
        """Put a scoring on record before it begins: what was looked at stays known, whatever happens then."""
        write_json(self._scorings_file, {"scorings": [*self.scorings(), scoring]})

    def end_scoring(self, scoring):
        """Complete the record of the scoring that began last."""
        write_json(self._scorings_file, {"scorings": [*self.scorings()[:-1], scoring]})

    def scorings(self):
        """The scorings on record while the run has not ended."""
        if not self._scorings_file.is_file():
            return []
        return _load(self._scorings_file, json.loads, {"scorings"})["scorings"]

    def write_results(self, results):
        """Write results.json; the state for resuming is not needed any more."""
        write_json(self._results_file, results)
        self.remove_state()

    def log_scoring(self, scoring, instead_of=None):
        """Add the record of a scoring to results.json of a finished run, or put it in the place of its beginning.

        Returns the results.
        """
        with self.locked(wait=True):
            results = self.results()  # as they are now: another process may have scored meanwhile
            if instead_of is not None:
                results["scorings"].remove(instead_of)
            results["scorings"].append(scoring)
            write_json(self._results_file, results)
        return results

    def remove_state(self):
        """Remove what only a run that has not ended needs."""
        shutil.rmtree(self._state_file.parent, ignore_errors=True)

    def results(self):
        """Content of results.json, or None while the run has not ended. Raises CorruptRun."""
        if not self._results_file.is_file():
            return None
        return _load(self._results_file, json.loads, _RESULTS)

    def last_iteration(self):
        """The iteration of the last complete state, from which a run that has not ended goes on; 0 without one."""
        if not self._state_file.is_file():
            return 0
        return _load(self._state_file, json.loads, {"iteration"})["iteration"]

    def finished(self):
        """Content of results.json. Raises NotARun while the run has not ended."""
        self.config()
        results = self.results()
        if results is None:
            raise NotARun(f"{self.path}: the run has not ended; start it again with the same arguments to continue.")
        return results

    def _is_empty(self):
        """Whether there is nothing in the directory but what a killed start may have left."""
        return self.path.is_dir() and set(self.path.iterdir()) <= set(unfinished(self.path))


def _load(path, parse, keys):
    """The content of a text file that this class wrote, a mapping with `keys`."""
    fault = None
    try:
        content = parse(path.read_text(encoding="utf-8"))
        if not (isinstance(content, dict) and keys <= set(content)):
            fault = f"expected a mapping with {', '.join(sorted(keys))}"
    except (ValueError, yaml.YAMLError) as error:
        fault = error
    if fault:
        raise CorruptRun(f"{path} is damaged ({fault}); restore it, or start the run again elsewhere.")
    return content


def _load_table(path, columns):
    """A csv file that this class wrote, as a DataFrame with some columns at least."""
    try:
        frame = pd.read_csv(path)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise CorruptRun(f"{path} is missing or damaged ({error}); restore it.") from error
    if missing := columns - set(frame):
        raise CorruptRun(f"{path} is damaged (no column {', '.join(sorted(missing))}); restore it.")
    return frame


def _differences(before, now, where=""):
    """Lines 'a.b was X, now Y' for every leaf in which two nested mappings differ."""
    if isinstance(before, dict) and isinstance(now, dict):
        keys = list(dict.fromkeys([*before, *now]))
        return [
            line for key in keys for line in _differences(before.get(key), now.get(key), f"{where}.{key}".strip("."))
        ]
    return [] if before == now else [f"{where} was {before}, now {now}"]
