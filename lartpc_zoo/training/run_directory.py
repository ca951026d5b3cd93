"""The directory of one training: what lies where, written so that an interruption leaves the last complete state.

config.yaml  environment.json  state/  weights/  history.csv  window.csv  results.json  predictions_testB.csv.gz
table1.{csv,md,tex}  figures/
"""

import contextlib
import json
import os
import platform
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import keras
import numpy as np
import yaml

from data_tools.files import sha256_of_file, write_json, write_text, written_aside
from lartpc_zoo.errors import CorruptRun, NotARun, RunDiffers

_VERSIONS_OF = ("lartpc-zoo", "keras", "tensorflow", "jax", "numpy", "uproot", "pandas")


class RunDirectory:
    """Paths and files of a run; knows nothing of networks."""

    def __init__(self, path):
        self.path = Path(path)
        self.figures = self.path / "figures"
        self._state_file = self.path / "state" / "state.json"
        self._config_file = self.path / "config.yaml"
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
        elif self.path.exists() and not (self.path.is_dir() and not any(self.path.iterdir())):
            raise RunDiffers(f"{self.path} is not empty and holds no run. Choose another output directory.")

    def begin(self, config):
        """Make the directory, or go on in one of the same configuration. Raises RunDiffers."""
        self.check(config)
        for part in ("state", "weights", "figures"):
            (self.path / part).mkdir(parents=True, exist_ok=True)
        if not self._config_file.is_file():
            write_text(self._config_file, yaml.safe_dump(config, sort_keys=False))

    def config(self):
        """The configuration. Raises NotARun where there is none, CorruptRun where it cannot be read."""
        if not self._config_file.is_file():
            raise NotARun(f"{self.path}: no config.yaml, so this is not the directory of a run.")
        return _load(self._config_file, yaml.safe_load, {"network", "seed", "data", "recipe"})

    def write_environment(self, **more):
        """Record versions, machine and command of this start; starts before it stay on record."""
        path = self.path / "environment.json"
        starts = _load(path, json.loads, {"starts"})["starts"] if path.is_file() else []
        write_json(path, {"starts": [*starts, {**_environment(), **more}]})

    def weights(self, iteration):
        """Path of the weights of an evaluation."""
        return self.path / "weights" / f"iteration-{iteration:07d}.weights.h5"

    def save_weights(self, model, iteration):
        """Save the weights of `model`, without optimizer."""
        with written_aside(self.weights(iteration)) as aside:
            model.save_weights(aside)

    def keep_weights(self, iterations):
        """Remove the weights of all other iterations."""
        kept = {self.weights(iteration) for iteration in iterations}
        for path in (self.path / "weights").glob("*.weights.h5"):
            if path not in kept:
                path.unlink()

    def save_state(self, iteration, variables, content):
        """Save arrays {name: array} and JSON `content` of one moment: arrays first, then the file that names them."""
        path = self._state_file.with_name(f"variables-{iteration:07d}.npz")
        with written_aside(path) as aside:
            np.savez(aside, **variables)
        write_json(self._state_file, {**content, "variables": path.name, "sha256": sha256_of_file(path)})
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

    def write_results(self, results):
        """Write results.json; the state for resuming is not needed any more."""
        write_json(self._results_file, results)
        shutil.rmtree(self._state_file.parent, ignore_errors=True)

    def results(self):
        """Content of results.json, or None while the run has not ended. Raises CorruptRun."""
        if not self._results_file.is_file():
            return None
        return _load(self._results_file, json.loads, {"chosen", "accuracies", "table1_caption", "scorings"})

    def finished(self):
        """Content of results.json. Raises NotARun while the run has not ended."""
        self.config()
        results = self.results()
        if results is None:
            raise NotARun(f"{self.path}: the run has not ended; start it again with the same arguments to continue.")
        return results


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


def _environment():
    return {
        "versions": {"python": platform.python_version(), **_versions()},
        "keras_backend": keras.backend.backend(),
        "host": platform.node(),
        "machine": platform.machine(),
        "cpus": os.cpu_count(),
        "argv": sys.argv,
        "git": _git_commit(),
    }


def _versions():
    found = {}
    for name in _VERSIONS_OF:
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def _git_commit():
    """The commit of the checkout this package runs from, or None for an installed one."""
    here = Path(__file__)
    git = ["git", "-C", str(here.parent)]
    try:
        # An installed package may lie in the checkout of something else.
        subprocess.run([*git, "ls-files", "--error-unmatch", here.name], capture_output=True, check=True)
        described = subprocess.run(
            [*git, "describe", "--always", "--dirty"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return described.stdout.strip()


def _differences(before, now, where=""):
    """Lines 'a.b was X, now Y' for every leaf in which two nested mappings differ."""
    if isinstance(before, dict) and isinstance(now, dict):
        keys = list(dict.fromkeys([*before, *now]))
        return [
            line for key in keys for line in _differences(before.get(key), now.get(key), f"{where}.{key}".strip("."))
        ]
    return [] if before == now else [f"{where} was {before}, now {now}"]
