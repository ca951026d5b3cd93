import lzma
import zlib

import cramjam
import numpy as np
import pytest
import uproot
import xxhash

from data_tools.errors import CorruptFile
from data_tools.readers.larcv.baskets import BasketReader, decompress_block

CONTENT = np.random.default_rng(0).integers(0, 3, 100_000, dtype=np.uint8).tobytes()


def _lz4(content):
    packed = cramjam.lz4.compress_block(content, store_size=False)
    return xxhash.xxh64_digest(packed) + bytes(packed)


def _deflate(content):
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


PACKED = {
    b"ZL": zlib.compress,
    b"XZ": lzma.compress,
    b"L4": _lz4,
    b"ZS": lambda content: bytes(cramjam.zstd.compress(content)),
    b"CS": _deflate,
}


@pytest.mark.parametrize("algorithm", PACKED)
def test_every_compression_of_root(algorithm):
    block = np.frombuffer(PACKED[algorithm](CONTENT), np.uint8)
    output = np.zeros(len(CONTENT), np.uint8)
    assert decompress_block(algorithm, block, output) == len(CONTENT)
    assert output.tobytes() == CONTENT


@pytest.mark.parametrize("algorithm", [b"ZL", b"XZ", b"L4"])
def test_these_notice_a_flipped_byte(algorithm):
    block = np.frombuffer(PACKED[algorithm](CONTENT), np.uint8).copy()
    block[len(block) // 2] ^= 0xFF
    with pytest.raises(Exception, match=r"(?i)error|checksum|corrupt|invalid|incorrect|data"):
        decompress_block(algorithm, block, np.zeros(len(CONTENT), np.uint8))


def test_an_unknown_compression():
    with pytest.raises(CorruptFile, match="b'QQ' is none of ROOT's compression algorithms"):
        decompress_block(b"QQ", np.zeros(9, np.uint8), np.zeros(9, np.uint8))


@pytest.mark.parametrize("compression", [None, uproot.ZLIB(1), uproot.LZMA(1), uproot.LZ4(1), uproot.ZSTD(1)], ids=str)
def test_baskets_are_those_of_uproot(compression, tmp_path):
    numbers = np.random.default_rng(2).integers(0, 9, (3, 4000))
    with uproot.recreate(tmp_path / "tree.root", compression=compression) as file:
        tree = file.mktree("tree", {"number": numbers.dtype})
        for part in numbers:
            tree.extend({"number": part})
    with uproot.open(tmp_path / "tree.root") as file:
        branch, reader = file["tree"]["number"], BasketReader()
        assert branch.num_baskets == 3
        for number in range(3):
            content, offsets = reader.read(branch, number)
            assert np.array_equal(content, branch.basket(number).data)
            assert np.array_equal(content.view(">i8"), numbers[number])
            assert np.array_equal(offsets, np.arange(4001) * 8)
