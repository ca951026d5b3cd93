import shutil
from dataclasses import replace

import numpy as np
import pytest

from data_tools.conversion import convert
from data_tools.description import Adc
from data_tools.errors import InputNotFound, UnknownPDG
from lartpc_zoo.errors import DataDiffers
from lartpc_zoo.evaluation.opening import SharedSources, is_dataset, opened
from lartpc_zoo.models.trained import TrainedNetwork


class Network(TrainedNetwork):
    """What a network was trained on, without the network."""

    name, network = "mine", "resnet14b"

    def __init__(self, trained_on):
        self.trained_on = trained_on

    def find_weights(self):
        raise NotImplementedError

    def log_scoring(self, scoring):
        raise NotImplementedError


def look(data, network, **options):
    """What is to be scored, opened."""
    return opened(data, [network], **options)


@pytest.fixture
def network(small_data):
    """Trained on small_data: larcv2_256, down-sampled by 4."""
    return Network(small_data.description)


@pytest.fixture
def elsewhere(small_data):
    """Trained on images as those of small_data, made from other files."""
    return Network(replace(small_data.description, fingerprint="ab12", sources=("cd34",)))


def events_of(found):
    """Events of all parts, with their labels."""
    return [(event, label) for source in found.sources for event, label, _ in source().events()]


def test_a_data_set_and_its_directory_are_opened_shard_by_shard(small_data, network):
    for data in (small_data, small_data.directory, str(small_data.directory)):
        found = look(data, network, sample="testA")
        assert (found.description, found.entries) == (small_data.description, 10)
        expected = list(small_data.iterate("testA"))
        for (event, label), (other, its_label) in zip(events_of(found), expected, strict=True):
            assert (event.entry, label) == (other.entry, its_label)
            np.testing.assert_array_equal(event.image(), other.image())
    assert look(small_data, network).entries == 40


def test_files_are_no_data_set(small_data, larcv2_256):
    assert is_dataset(small_data) and is_dataset(str(small_data.directory))
    assert not any(map(is_dataset, (larcv2_256, str(larcv2_256), [small_data.directory], "https://host/a.root")))


def test_larcv_files_are_read_as_the_training_s_data_were_converted(larcv2_256, small_data, elsewhere):
    found = look([larcv2_256], elsewhere)
    assert found.entries == 40
    assert found.description.sources == small_data.description.sources
    assert found.description.adc == small_data.description.adc
    by_entry = {event.entry: (event, label) for name in small_data.samples for event, label in small_data.iterate(name)}
    read = events_of(found)
    assert [event.entry for event, _ in read] == list(range(40))
    for event, label in read:
        converted, its_label = by_entry[event.entry]
        np.testing.assert_array_equal(event.image(), converted.image())
        assert label == its_label


def test_the_fingerprint_of_files_is_that_of_their_content(larcv2_256, larcv2_unknown_pdg, elsewhere, tmp_path):
    one = look(larcv2_256, elsewhere).description.fingerprint
    renamed = shutil.copy(larcv2_256, tmp_path / "other_name.root")
    assert look(renamed, elsewhere).description.fingerprint == one
    assert look(larcv2_unknown_pdg, elsewhere).description.fingerprint != one


def test_crop_threshold_and_classes_are_those_of_the_training(larcv2_256, tmp_path):
    options = {
        "down_sample": 4,
        "threshold": 5.0,
        "crop": "48x40",
        "classes": ["shower=11,22", "track=13,-211,211,2212"],
    }
    data = convert(larcv2_256, tmp_path / "data", ["train"], **options)
    found = look(larcv2_256, Network(replace(data.description, sources=())))
    by_entry = {event.entry: (event, label) for event, label in data.iterate("train")}
    for event, label in events_of(found):
        converted, its_label = by_entry[event.entry]
        assert (event.shape, event.offset, label) == ((48, 40, 3), converted.offset, its_label)
        np.testing.assert_array_equal(event.image(), converted.image())


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"down_sample": 2}, "image_shape"),
        ({"down_sample": 4, "threshold": 5}, "adc"),
        ({"down_sample": 4, "classes": ["gamma=22", "electron=11", "muon=13", "pion=211", "proton=2212"]}, "classes"),
    ],
)
def test_a_data_set_of_another_kind_is_refused(options, what, network, larcv2_256, tmp_path):
    other = convert(larcv2_256, tmp_path / "other", ["testB"], **options)
    with pytest.raises(DataDiffers, match=f"other: {what} .*but mine was trained on"):
        look(other, network)


def test_another_data_set_of_the_same_files_is_warned_of_and_the_training_s_own_is_not(network, small_data, larcv2_256):
    with pytest.warns(SharedSources, match=r"larcv2_256\.root has events from 1 of the files that mine was trained on"):
        look(larcv2_256, network)
    look(small_data, network)


@pytest.mark.parametrize(
    ("adc", "found", "fits"),
    [
        (
            Adc(down_sample=4),
            "with .* down_sample 4 they become 48 x 80 x 3",
            "256 x 256 pixels of 0.5 x 0.5 cm",
        ),
        (Adc(down_sample=5), "down_sample 5 does not divide them", "320 x 320 pixels of 0.4 x 0.4 cm"),
        (
            Adc(down_sample=4, crop=(64, 64)),
            "down_sample 4 and crop 64 x 64 cannot be applied to them",
            "256 x 256 pixels or more",
        ),
    ],
    ids=["another shape", "not divisible", "too small for the crop"],
)
def test_files_whose_images_cannot_become_those_of_the_training_say_which_would(
    adc, found, fits, small_data, fixture_file
):
    other = Network(replace(small_data.description, adc=adc))
    images = r"larcv2_row_order\.root: images of 192 x 320 x 3, planes 0, 1, 2"
    text = f"{images}; {found}, but mine was trained on 64 x 64 x 3"
    with pytest.raises(DataDiffers, match=f"{text}.*Files with 3 planes of {fits}"):
        look(fixture_file("larcv2_row_order.root"), other)


def test_files_with_other_planes_are_refused(small_data, larcv2_256):
    other = Network(replace(small_data.description, planes=(0, 2, 1)))
    with pytest.raises(DataDiffers, match=r"planes 0, 1, 2; .*mine was trained on 64 x 64 x 3, planes 0, 2, 1"):
        look(larcv2_256, other)


def test_files_that_need_a_decision_are_to_be_converted_first(network, larcv2_unknown_pdg):
    advice = "This is an option of the conversion: convert the files first and score the data set"
    with pytest.raises(UnknownPDG, match=rf"321 .*on=.*skip.*{advice}"):
        look(larcv2_unknown_pdg, network, truth=True)
    labels = [label for _, label in events_of(look(larcv2_unknown_pdg, network))]
    assert len(labels) == 20 and labels[:3] == [0, -1, 2]  # scored all the same, where nothing is measured


def test_a_file_that_is_not_there(network, tmp_path):
    with pytest.raises(InputNotFound, match=r"no\.root: no such file"):
        look(tmp_path / "no.root", network)
