import struct

import numpy as np
import pytest

from data_tools.errors import CorruptFile
from data_tools.readers.larcv.streamed import Stream


def header(content, version=9):
    return struct.pack(">IH", (len(content) + 2) | 0x40000000, version) + content


def stream(content):
    return Stream(np.frombuffer(content, np.uint8), None)


def test_vectors_of_numbers_share_one_header():
    content = header(struct.pack(">I2fI1f", 2, 1.5, 2.5, 1, 3.5))
    first, second = stream(content).vectors("vector<float>", 2)
    assert (first.tolist(), second.tolist()) == ([1.5, 2.5], [3.5])


def test_strings_short_and_long():
    text = "x" * 300
    content = header(b"\x02ab" + b"\xff" + struct.pack(">I", 300) + text.encode())
    reading = stream(content)
    assert reading.strings(2) == ["ab", text]
    assert reading.left == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (struct.pack(">IH", 6, 9), "a byte count is missing"),
        (struct.pack(">IH", 100 | 0x40000000, 9), "an object is longer than its entry"),
        (header(struct.pack(">I", 5)), "ends after 10 bytes"),
    ],
)
def test_bytes_that_contradict_themselves(content, message):
    with pytest.raises(CorruptFile, match=message):
        stream(content).vectors("vector<float>", 1)
