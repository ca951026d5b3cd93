import numpy as np
import pytest
import uproot

from data_tools.errors import NotLArCV
from data_tools.readers.larcv.rootfile import find_trees


def test_trees_are_found_by_product_and_producer(larcv2_256):
    assert set(find_trees(larcv2_256)) == {("image2d", "data"), ("particle", "mctruth")}


@pytest.mark.parametrize("name", ["larcv2_256.root", "larcv2_unsplit.root"])
def test_columns_are_the_same_with_and_without_splitting(name, fixture_file, larcv2_256):
    columns = find_trees(fixture_file(name))["particle", "mctruth"]().columns(
        ("_part_v._pdg", "_part_v._process"), 2, 9
    )
    expected = uproot.open(larcv2_256)["particle_mctruth_tree"]["_part_v._pdg"].array(entry_start=2, entry_stop=9)
    assert columns.values["_part_v._pdg"].tolist() == [code for entry in expected.tolist() for code in entry]
    assert columns.counts.tolist() == [len(entry) for entry in expected]
    assert columns.damaged == {}
    assert set(columns.values["_part_v._process"]) == {"primary"}


def test_pixels_come_entry_by_entry(larcv2_256, truth_of):
    tree = find_trees(larcv2_256)["image2d", "data"]()
    assert tree.split and tree.entries == 40
    for entry, found in tree.objects(("_image_v._meta._id",), ("_image_v._img",), 3, 5):
        image = np.array(found["_image_v._img"][2]).reshape(256, 256).T
        assert np.array_equal(image, truth_of("larcv2_256").image(entry)[..., 2])


def test_a_member_that_is_not_there(larcv2_256):
    tree = find_trees(larcv2_256)["image2d", "data"]()
    with pytest.raises(NotLArCV, match="image2d_data_tree has no member _voxel; it was not written by LArCV"):
        tree.columns(("_voxel",), 0, 1)
