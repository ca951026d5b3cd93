import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from data_tools.errors import BadEntry
from data_tools.event import Event, Truth
from data_tools.tfrecord import encode, parse_events, parse_images

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
    records = tf.constant([encode(event, label, source=7) for event, label in labelled])
    images, labels = parse_images(records, SHAPE, "float32")
    columns = parse_events(records, planes=3)
    for number, (event, label) in enumerate(labelled):
        assert np.array_equal(images[number], event.image())
        assert labels[number] == columns["label"][number] == label
        assert columns["source"][number] == 7
        for name in ("run", "subrun", "event", "entry"):
            assert columns[name][number] == getattr(event, name)
        assert columns["pdg"][number] == event.truth.pdg
        for name in ("momentum", "vertex", "energy_init", "energy_deposit"):
            assert np.array_equal(columns[name][number], np.float32(getattr(event.truth, name)))
        assert columns["hits"][number].tolist() == event.hits_per_plane().tolist()


def ramp():
    truth = Truth(11, (1.0, 2.0, 3.0), 4.0, 5.0, (6.0, 7.0, 8.0))
    return Event(0, 1, 2, 3, SHAPE, np.arange(90, dtype=np.int32), np.arange(1, 91, dtype=np.float32), truth)


@pytest.mark.parametrize("rows", [False, True])
@pytest.mark.parametrize("cols", [False, True])
def test_mirrors_act_on_each_axis_on_its_own(rows, cols):
    images, _ = parse_images(
        tf.constant([encode(ramp(), 0, 0)] * 2), SHAPE, "float32", tf.constant([[rows, cols], [False, False]])
    )
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
