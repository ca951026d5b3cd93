import shutil

import h5py
import numpy as np
import pytest

from data_tools.defects import Policies
from data_tools.errors import CorruptFile, InputNotFound, NotLArCV, ProducerNotFound
from data_tools.readers import open_file


@pytest.mark.parametrize(
    ("name", "trees"),
    [
        ("larcv1_10.root", ("image2d_tpc_hires_crop_tree", "partroi_tpc_hires_crop_tree")),
        ("larcv2_256.root", ("image2d_data_tree", "particle_mctruth_tree")),
        ("larcv3_256.h5", ("image2d_data_group", "particle_mctruth_group")),
    ],
)
def test_a_format_is_recognised_by_the_content_whatever_the_file_is_called(name, trees, fixture_file, tmp_path):
    assert open_file(shutil.copy(fixture_file(name), tmp_path / "events.dat")).trees == trees


def test_a_path_may_be_text(larcv2_256):
    assert open_file(str(larcv2_256)).entries == 40


def test_policies_are_those_of_the_reader(fixture_file):
    path = fixture_file("larcv2_multi_particle.root")
    assert open_file(path).truth().left_out == {}
    left_out = open_file(path, policies=Policies({"several-particles": "skip"})).truth().left_out
    assert set(left_out.values()) == {"several-particles"}


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(InputNotFound, match=r"nowhere\.root: no such file"):
        open_file(tmp_path / "nowhere.root")
    with pytest.raises(InputNotFound, match="no such file"):
        open_file(tmp_path)


def test_an_empty_file(tmp_path):
    (tmp_path / "empty.root").touch()
    with pytest.raises(CorruptFile, match=r"empty\.root: an empty file"):
        open_file(tmp_path / "empty.root")


def test_a_file_that_is_neither_root_nor_hdf5(tmp_path):
    (tmp_path / "text.root").write_text("hello there")
    with pytest.raises(NotLArCV, match=r"text\.root is neither ROOT nor HDF5: it starts with b'hello th'"):
        open_file(tmp_path / "text.root")


def test_an_hdf5_file_of_something_else(tmp_path):
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["weights"] = np.zeros(3)
    with pytest.raises(NotLArCV, match=r"other\.h5 is a file of HDF5, but not one of LArCV3"):
        open_file(tmp_path / "other.h5")


@pytest.mark.parametrize("name", ["larcv2_256.root", "larcv3_256.h5"])
def test_a_truncated_file_does_not_open(name, fixture_file, tmp_path):
    content = fixture_file(name).read_bytes()
    (tmp_path / f"cut_{name}").write_bytes(content[: len(content) * 6 // 10])
    with pytest.raises(CorruptFile, match=rf"cut_{name}: .*cannot be opened .*truncated"):
        open_file(tmp_path / f"cut_{name}")


def test_what_the_user_can_help_is_not_called_damage(larcv2_256):
    with pytest.raises(ProducerNotFound, match='image_producer="wire"'):
        open_file(larcv2_256, image_producer="wire")
