"""Fixtures: small LArCV2 files with their content, a small data set, a training on it.

The zoo, and with it TensorFlow, is imported by the fixtures that need it: tests of the data layer start without.
"""

import functools
import json
import os
import shutil
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import h5py
import numpy as np
import pytest
import uproot
import yaml

from data_tools.conversion import convert
from data_tools.record import plain

_DATA = Path(__file__).parent / "data"
_SHARED = Path(__file__).parents[2] / "shared"

# One plane, dropout, cuts, symmetries, averages, a penalty: what is forgotten anywhere on the way changes the result.
NETWORK = "plainresnet10b_wd16_fc8_p2"
TINY = {
    "batch_size": 4,
    "mirror": True,
    "exchange_planes": True,
    "optimizer": {"class_name": "AdamW", "config": {"weight_decay": 0.01, "use_ema": True, "ema_momentum": 0.5}},
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
        self._top_row_first = "row0" in self.fields

    def primary(self, entry):
        """Position of the entry's primary among all particles."""
        return int(self.fields["n_part"][:entry].sum() + self.fields["primary"][entry])

    def image(self, entry):
        """The event's own planes, (rows, cols, 3) float32, row 0 = lowest tick; a plane that is not there is 0."""
        images = np.zeros((int(self.fields["n_images"][entry]), self.rows, self.cols), np.float32)
        mine = self.fields["coo"][:, 0] == entry
        images[tuple(self.fields["coo"][mine, 1:].T)] = self.fields["val"][mine]
        planes = [images[own] if own >= 0 else np.zeros_like(images[0]) for own in self.fields["own"][entry]]
        image = np.stack(planes, axis=-1)
        return image[::-1] if self._top_row_first else image


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
def fixture_file():
    """Function: a file of tests/data, which has a README."""
    return lambda name: _DATA / name


@pytest.fixture(scope="session")
def truth_of():
    """Function: LarcvTruth of a content, as in 'larcv2_256'."""
    return functools.cache(lambda name: LarcvTruth(_DATA / f"{name}.npz"))


@pytest.fixture
def larcv2_copy(larcv2_256, tmp_path):
    """A copy of larcv2_256 that a test may damage."""
    return Path(shutil.copy(larcv2_256, tmp_path / "copy.root"))


@pytest.fixture
def larcv3_copy(fixture_file, tmp_path):
    """A copy of larcv3_256 that a test may damage."""
    return Path(shutil.copy(fixture_file("larcv3_256.h5"), tmp_path / "copy.h5"))


@pytest.fixture
def larcv3_both(larcv3_copy):
    """larcv3_256 with the same content as a sparse product beside the dense one, laid out as LArCV3 does it."""
    with h5py.File(larcv3_copy, "r+") as file:
        dense = file["Data/image2d_data_group"]
        sparse = file["Data"].create_group("sparse2d_data_group")
        extents, voxels = dense["image_extents"][:], []
        for extent in extents:
            pixels = dense["images"][extent["first"] : extent["first"] + extent["N"]]
            found = np.flatnonzero(pixels)
            extent["first"], extent["N"] = sum(map(len, voxels)), len(found)
            voxels.append(np.array(list(zip(found, pixels[found])), [("id", "<u8"), ("value", "<f4")]))
        sparse["extents"], sparse["image_meta"] = dense["extents"][:], dense["image_meta"][:]
        sparse["voxel_extents"], sparse["voxels"] = extents, np.concatenate(voxels)
    return larcv3_copy


@pytest.fixture
def larcv3_sparse(larcv3_both):
    """larcv3_256 as a sparse product."""
    with h5py.File(larcv3_both, "r+") as file:
        del file["Data/image2d_data_group"]
    return larcv3_both


@pytest.fixture
def basket_of_entry(larcv2_256):
    """Function: (position in the file, bytes) of the pixels of an entry of larcv2_256."""

    def find(entry):
        branch = uproot.open(larcv2_256)["image2d_data_tree"]["_image_v._img"]
        number = int(np.searchsorted(branch.entry_offsets, entry, side="right")) - 1
        return int(branch.member("fBasketSeek")[number]), int(branch.member("fBasketBytes")[number])

    return find


@pytest.fixture
def shared_file():
    """Function: a file of the larger collection that lies beside a development checkout."""

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
    from lartpc_zoo.training.recipe import recipe_from_dict

    return lambda **changes: recipe_from_dict("tiny", {**TINY, **changes}, "tiny")


@pytest.fixture
def tiny_recipe_file(tmp_path, tiny):
    """The small recipe as a file, tiny.yaml."""
    fields = plain(tiny())
    del fields["name"]
    path = tmp_path / "tiny.yaml"
    path.write_text(yaml.safe_dump(fields))
    return path


@pytest.fixture
def study_file(tmp_path, tiny_recipe_file):
    """Function: a study file beside the small recipe, with some fields changed."""

    def write(**changes):
        content = {"networks": ["plainresnet10b_wd16"], "recipes": [tiny_recipe_file.name], "seeds": [1], **changes}
        path = tmp_path / "study.yaml"
        path.write_text(yaml.safe_dump(content))
        return path

    return write


@pytest.fixture(scope="session")
def network():
    """Name of a small network."""
    return NETWORK


@pytest.fixture(scope="session")
def finished_run(small_data, tiny, tmp_path_factory):
    """A finished training on small_data; not to be changed by a test."""
    from lartpc_zoo.training.train import train

    return train(NETWORK, small_data, tmp_path_factory.mktemp("runs") / "run", tiny(), seed=1)


@pytest.fixture
def begun_elsewhere(finished_run, tmp_path):
    """finished_run as if it had been started twice on a GPU, by JAX, before it was continued here."""
    from lartpc_zoo.training.run import open_run

    copy = Path(shutil.copytree(finished_run.directory, tmp_path / "begun_elsewhere"))
    (start,) = json.loads((copy / "environment.json").read_text())["starts"]
    elsewhere = {**start, "keras_backend": "jax", "devices": ["a GPU"]}
    starts = [elsewhere, {**elsewhere, "host": "another"}, start]
    (copy / "environment.json").write_text(json.dumps({"starts": starts}))
    return open_run(copy)


@pytest.fixture(scope="session")
def published(finished_run, larcv2_256, tmp_path_factory):
    """Path of the card of finished_run, with its weights beside it; not to be changed by a test."""
    from lartpc_zoo.pretrained.publishing import publish

    directory = tmp_path_factory.mktemp("published")
    _, path = publish(finished_run, directory, larcv2_256, "MIT", "made for tests", name="small")
    return path
