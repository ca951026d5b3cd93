"""Fixtures: small LArCV2 files with their content, a small data set, a training on it, two logical CPU devices."""

import json
import os
import shutil
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import pytest
import tensorflow as tf

from data_tools.conversion import convert
from lartpc_zoo.procedure import train
from lartpc_zoo.training.recipe import recipe_from_dict

_DATA = Path(__file__).parent / "data"
_SHARED = Path(__file__).parents[2] / "shared"

# Two devices on a machine without GPUs; must come before TensorFlow starts its runtime.
_CPU = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(_CPU, [tf.config.LogicalDeviceConfiguration()] * 2)


# One plane, dropout, cuts, mirrors, a penalty: what is forgotten anywhere on the way changes the result.
NETWORK = "plainresnet10b_wd16_fc8_p2"
TINY = {
    "batch_size": 4,
    "mirror": True,
    "optimizer": {"class_name": "AdamW", "config": {"weight_decay": 0.01}},
    "learning_rate": {"base": 0.01, "gamma": 0.01, "power": 1.0},
    "l2": 1e-4,
    "inputs": {"threshold": [2.0, 3.0, 4.0], "maximum": 300.0, "scale": 0.02},
    "statistics_events": 8,
    # 20 events in batches of 4: five iterations per epoch
    "protocol": {
        "evaluation_interval": 3,
        "minimum_before": 0.85,
        "mean_of_last": 2,
        "window_epochs": 1.0,
        "minimum_epochs": 2.0,
        "maximum_epochs": 4.0,
    },
    "convert": {"samples": ("train=20", "testA=10", "testB"), "down_sample": 4},
}


class LarcvTruth:
    """The exact content of a fixture NAME.root, from NAME.npz: hits as (entry, image, row, col) and values."""

    def __init__(self, path):
        with np.load(path, allow_pickle=False) as stored:
            self.fields = dict(stored)
        self.entries, _, self.rows, self.cols = (int(n) for n in self.fields["shape"])

    def image(self, entry):
        """The event's own planes, (rows, cols, 3) float32."""
        images = np.zeros((int(self.fields["n_images"][entry]), self.rows, self.cols), np.float32)
        mine = self.fields["coo"][:, 0] == entry
        images[tuple(self.fields["coo"][mine, 1:].T)] = self.fields["val"][mine]
        return np.moveaxis(images[self.fields["own"][entry]], 0, -1)


@pytest.fixture(scope="session")
def larcv2_256():
    """40 events, 256 x 256 x 3, eight of each species in turn, producers data and mctruth."""
    return _DATA / "larcv2_256.root"


@pytest.fixture(scope="session")
def larcv2_row_order():
    """20 events of 192 rows x 320 columns."""
    return _DATA / "larcv2_row_order.root"


@pytest.fixture(scope="session")
def larcv2_unknown_pdg():
    """20 events, 256 x 256 x 3, pdg 11, 321, 13, 0, 2212, 22, 211, -11, -13, -211; numbered as those of larcv2_256."""
    return _DATA / "larcv2_unknown_pdg.root"


@pytest.fixture(scope="session")
def truth_of():
    """Function: LarcvTruth of a fixture file."""
    return lambda path: LarcvTruth(path.with_suffix(".npz"))


@pytest.fixture
def shared_file():
    """Function: a file of the collection of damaged and unusual files that lies beside a development checkout."""

    def path(name):
        if not (_SHARED / name).is_file():
            pytest.skip(f"{name} lies beside a development checkout only")
        return _SHARED / name

    return path


@pytest.fixture(scope="session")
def small_data(larcv2_256, tmp_path_factory):
    """larcv2_256 converted to 64 x 64 x 3: train 20, testA 10, testB 10 events."""
    output = tmp_path_factory.mktemp("small") / "data"
    return convert(larcv2_256, output, ["train=20", "testA=10", "testB"], down_sample=4, shards=3)


@pytest.fixture
def copy_of_small_data(small_data, tmp_path):
    """A copy of small_data that a test may damage: its directory."""
    return Path(shutil.copytree(small_data.directory, tmp_path / "copy"))


@pytest.fixture
def edit_manifest():
    """Function: change the manifest of a data set by a function on its content."""

    def edit(directory, change):
        path = directory / "manifest.json"
        content = json.loads(path.read_text())
        change(content)
        path.write_text(json.dumps(content))

    return edit


@pytest.fixture(scope="session")
def tiny():
    """Function: the small recipe, with some fields replaced."""
    return lambda **changes: recipe_from_dict("tiny", {**TINY, **changes}, "tiny")


@pytest.fixture(scope="session")
def network():
    """Name of a small network."""
    return NETWORK


@pytest.fixture(scope="session")
def finished_run(small_data, tiny, tmp_path_factory):
    """A finished training on small_data; not to be changed by a test."""
    return train(NETWORK, small_data, tmp_path_factory.mktemp("runs") / "run", tiny(), seed=1)
