import json
from dataclasses import replace

import pytest

from data_tools.description import Adc, DataDescription
from data_tools.errors import UserError
from data_tools.record import plain, read_record

EARLY = {
    "fingerprint": "ab12",
    "classes": [["pion", [-211, 211]], ["muon", [13]]],
    "image_shape": [64, 48, 3],
    "planes": [0, 1, 2],
}
DATA = DataDescription(
    fingerprint="ab12",
    sources=("cd34", "ef56"),
    classes=(("pion", (-211, 211)), ("muon", (13,))),
    image_shape=(64, 48, 3),
    planes=(0, 1, 2),
    pixel_cm=(0.5, 0.3),
    adc=Adc(down_sample=4, threshold=2.5, crop=(64, 48)),
    samples={"train": 20, "testB": 10},
)


def read(content):
    return read_record(DataDescription, content, "config.yaml", UserError)


def test_what_is_written_is_read_back():
    again = read(json.loads(json.dumps(plain(DATA))))
    assert again == DATA
    assert again.pixel_cm == (0.5, 0.3)


def test_what_was_written_before_there_was_more_is_of_data_as_they_were_then():
    data = read(EARLY)
    assert data.adc == Adc(unit="ADC", down_sample=1, threshold=None, crop=None)
    assert (data.sources, data.pixel_cm, data.samples) == ((), None, {})


def test_names_of_classes_are_in_the_order_of_labels():
    assert DATA.class_names == ("pion", "muon")


def test_data_are_the_same_whether_or_not_the_size_of_a_pixel_is_known():
    assert replace(DATA, pixel_cm=None) == DATA
    assert replace(DATA, fingerprint="ab13") != DATA
    assert replace(DATA, adc=replace(DATA.adc, threshold=None)) != DATA


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"image_shape": [64, 48]}, r"config\.yaml: image_shape: expected a list of 3"),
        ({"planes": ["U", "V", "Y"]}, r"planes\.0: expected a whole number, got 'U'"),
        ({"adc": {"down_sample": 2.5}}, r"adc\.down_sample: expected a whole number, got 2\.5"),
        ({"adc": {"treshold": 2.0}}, r"adc: unknown field 'treshold'.*Did you mean threshold"),
        ({"samples": {"train": "20"}}, r"samples\.train: expected a whole number, got '20'"),
    ],
)
def test_what_does_not_describe_data_is_named(change, message):
    with pytest.raises(UserError, match=message):
        read({**EARLY, **change})


def test_a_description_needs_a_fingerprint():
    with pytest.raises(UserError, match=r"config\.yaml: missing fingerprint"):
        read({key: value for key, value in EARLY.items() if key != "fingerprint"})
