import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from data_tools.errors import CorruptShard
from data_tools.tfrecords.example import Example, frame, read_records

finite = st.floats(width=32, allow_nan=False, allow_infinity=False)


@settings(deadline=None)
@given(
    st.dictionaries(
        st.text(max_size=9),
        st.one_of(
            st.lists(st.binary(max_size=9), max_size=3),
            st.lists(st.integers(-(2**63), 2**63 - 1), max_size=3),
            st.lists(finite, max_size=3),
        ),
        max_size=4,
    )
)
def test_an_example_has_the_bytes_of_tensorflows(features):
    ours, theirs = Example(), tf.train.Example()
    for name, values in features.items():
        kind = {bytes: "bytes_list", int: "int64_list", float: "float_list"}[type(values[0]) if values else bytes]
        for example in (ours, theirs):
            getattr(example.features.feature[name], kind).value.extend(values)
    assert ours.SerializeToString(deterministic=True) == theirs.SerializeToString(deterministic=True)


def test_a_file_of_frames_is_a_tfrecord_file_and_the_other_way_round(tmp_path):
    records = [b"", b"one", bytes(range(256)) * 40]
    with tf.io.TFRecordWriter(str(tmp_path / "theirs")) as writer:
        for record in records:
            writer.write(record)
    assert b"".join(map(frame, records)) == (tmp_path / "theirs").read_bytes()
    assert list(read_records(tmp_path / "theirs")) == records


@pytest.mark.parametrize(
    ("position", "message"), [(3, "its length"), (9, "its length"), (14, "its content"), (-1, "its content")]
)
def test_a_damaged_frame(position, message, tmp_path):
    content = bytearray(frame(b"a record"))
    content[position] ^= 1
    (tmp_path / "damaged").write_bytes(content)
    with pytest.raises(CorruptShard, match=f"damaged, record 0: {message}"):
        list(read_records(tmp_path / "damaged"))


def test_a_cut_frame(tmp_path):
    (tmp_path / "cut").write_bytes(frame(b"first") + frame(b"second")[:-3])
    with pytest.raises(CorruptShard, match="cut, record 1: its content is damaged or cut"):
        list(read_records(tmp_path / "cut"))


def test_an_empty_file_has_no_records(tmp_path):
    (tmp_path / "empty").write_bytes(b"")
    assert list(read_records(tmp_path / "empty")) == []
