from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from data_tools.errors import BadEntry
from data_tools.event import Event
from data_tools.tfrecords.example import Example
from data_tools.tfrecords.pipeline import parse_images
from data_tools.tfrecords.schema import decode, decode_hits, encode, event_table
from data_tools.truth import TRUTH_FIELDS, Truth

SHAPE = (6, 5, 3)
# TensorFlow flushes subnormal numbers to zero.
finite = st.floats(width=32, allow_nan=False, allow_infinity=False, allow_subnormal=False)
int64 = st.integers(0, 2**63 - 1)


@st.composite
def events(draw):
    image = draw(hnp.arrays(np.float32, SHAPE, elements=st.just(0.0) | finite))
    index = np.flatnonzero(image).astype(np.int32)
    three = st.tuples(finite, finite, finite)
    truth = Truth(draw(st.integers(-(2**31), 2**31)), draw(three), draw(finite), draw(finite), draw(three))
    return Event(*(draw(int64) for _ in range(4)), SHAPE, index, image.reshape(-1)[index], truth)


@settings(deadline=None)
@given(st.lists(st.tuples(events(), st.integers(-1, 9)), min_size=1, max_size=4))
def test_a_batch_of_records_gives_back_images_labels_and_truth(labelled):
    records = [encode(event, label, source=7) for event, label in labelled]
    images, labels = parse_images(tf.constant(records), SHAPE, "float32")
    columns = event_table((decode(record, SHAPE) for record in records), planes=(0, 1, 2))
    for number, (event, label) in enumerate(labelled):
        assert np.array_equal(images[number], event.image())
        assert labels[number] == columns["label"][number] == label
        assert columns["source"][number] == 7
        for name in ("run", "subrun", "event", "entry"):
            assert columns[name][number] == getattr(event, name)
        assert columns["pdg"][number] == event.truth.pdg
        for name in ("energy_init", "energy_deposit"):
            assert columns[name][number] == np.float32(getattr(event.truth, name))
        vertex = [columns[f"vertex_{axis}"][number] for axis in "xyz"]
        assert np.array_equal(vertex, np.float32(event.truth.vertex))
        assert [columns[f"npx_{plane}"][number] for plane in "UVY"] == event.hits_per_plane().tolist()


@settings(deadline=None)
@given(events(), st.integers(-1, 9), st.none() | st.tuples(int64, int64, int64, int64))
def test_decode_is_the_inverse_of_encode(event, label, offset):
    event = replace(event, offset=offset)
    decoded, decoded_label, source = decode(encode(event, label, 3), SHAPE)
    assert (decoded_label, source, decoded.offset) == (label, 3, offset)
    assert np.array_equal(decoded.index, event.index) and np.array_equal(decoded.value, event.value)
    for name in ("run", "subrun", "event", "entry"):
        assert getattr(decoded, name) == getattr(event, name)
    assert decoded.truth.pdg == event.truth.pdg
    for name in ("momentum", "vertex", "energy_init", "energy_deposit"):
        assert np.array_equal(getattr(decoded.truth, name), np.float32(getattr(event.truth, name)))


@settings(deadline=None)
@given(events(), st.integers(-1, 9), st.sampled_from(["float32", "float16"]))
def test_hits_are_those_of_the_whole_event(event, label, value_dtype):
    event = replace(event, value=np.round(np.clip(event.value, -1000, 1000)) + np.float32(2000))
    record = encode(event, label, 3, value_dtype)
    decoded, _, _ = decode(record, SHAPE, value_dtype)
    index, value, its_label = decode_hits(record, value_dtype)
    assert np.array_equal(index, decoded.index) and np.array_equal(value, decoded.value)
    assert (index.dtype, value.dtype, its_label) == (np.int32, np.float32, label)


def test_the_event_table_follows_the_table_of_truth():
    columns = event_table([(ramp(), 2, 7)], planes=(0, 1, 2))
    assert list(columns) == [
        *("run", "subrun", "event", "source", "entry", "pdg", "label", "momentum"),
        *("direction_x", "direction_y", "direction_z", "vertex_x", "vertex_y", "vertex_z"),
        *("energy_init", "energy_deposit", "npx_U", "npx_V", "npx_Y"),
    ]
    assert {name for known in TRUTH_FIELDS for name in known.columns if known.name != "momentum"} <= set(columns)
    assert columns["momentum"] == np.float32(np.sqrt(14.0))
    assert columns["direction_y"] == np.float32(2.0) / columns["momentum"]


def test_a_quantity_that_a_record_does_not_have_is_zero():
    example = Example.FromString(encode(ramp(), 2, 7))
    del example.features.feature["energy_deposit"], example.features.feature["vertex"]
    record = example.SerializeToString(deterministic=True)
    event, _, _ = decode(record, SHAPE)
    assert (event.truth.energy_deposit, event.truth.vertex) == (0, (0, 0, 0))
    assert event.truth.energy_init == 4.0
    columns = event_table([(event, 2, 7), (ramp(), 2, 7)], planes=(0, 1, 2))
    assert columns["vertex_z"].tolist() == [0.0, 8.0]
    assert columns["energy_deposit"].tolist() == [0.0, 5.0]


def ramp():
    truth = Truth(11, (1.0, 2.0, 3.0), 4.0, 5.0, (6.0, 7.0, 8.0))
    return Event(0, 1, 2, 3, SHAPE, np.arange(90, dtype=np.int32), np.arange(1, 91, dtype=np.float32), truth)


@pytest.mark.parametrize("rows", [0, 1])
@pytest.mark.parametrize("cols", [0, 1])
def test_mirrors_act_on_each_axis_on_its_own(rows, cols):
    planes = tf.tile(tf.range(SHAPE[2])[None], [2, 1])
    symmetries = (tf.constant([[mirrored] * SHAPE[2], [0] * SHAPE[2]]) for mirrored in (rows, cols))
    images, _ = parse_images(tf.constant([encode(ramp(), 0, 0)] * 2), SHAPE, "float32", (*symmetries, planes))
    expected = ramp().image()[:: -1 if rows else 1, :: -1 if cols else 1]
    assert np.array_equal(images[0], expected)
    assert np.array_equal(images[1], ramp().image())


def test_float16_halves_the_values_and_refuses_what_does_not_fit():
    record = encode(ramp(), 0, 0, "float16")
    images, _ = parse_images(tf.constant([record]), SHAPE, "float16")
    assert np.array_equal(images[0], ramp().image())
    assert len(encode(ramp(), 0, 0)) - len(record) == 2 * 90
    loud = Event(8, 1, 2, 3, SHAPE, np.zeros(1, np.int32), np.array([1e6], np.float32), ramp().truth)
    with np.errstate(over="ignore"), pytest.raises(BadEntry, match=r"Entry 8: 1e\+06 ADC does not fit float16"):
        encode(loud, 0, 0, "float16")


def test_ten_lines_of_plain_tensorflow_read_a_record():
    example = tf.train.Example.FromString(encode(ramp(), 3, 0))
    feature = example.features.feature
    index = np.frombuffer(feature["index"].bytes_list.value[0], "<i4")
    value = np.frombuffer(feature["value"].bytes_list.value[0], "<f4")
    image = np.zeros(SHAPE, np.float32)
    image.reshape(-1)[index] = value
    assert np.array_equal(image, ramp().image())
    assert feature["label"].int64_list.value[0] == 3
