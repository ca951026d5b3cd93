"""Baskets of a ROOT branch, decompressed into one buffer that is used again and again.

uproot reads a basket into new memory each time; on images of millions of pixels, of which few are hits, asking the
system for that memory takes longer than decompressing. Compression blocks as in ROOT's documentation of R__zip:
2 bytes algorithm, 1 byte method, 3 bytes compressed and 3 bytes uncompressed size, little-endian.
"""

import collections
import functools
import itertools
import struct
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cramjam
import numpy as np

from data_tools.ahead import available_cores
from data_tools.errors import CorruptFile

_KEY = struct.Struct(">ihiIhh")  # TKey: bytes, version, uncompressed size, date, size of this header, cycle
_BASKET = struct.Struct(">Hiiii")  # TBasket: version, buffer size, entry size or offsets, entries, end of data
_FLAG_BYTES = 1
_BLOCK_HEADER = 9
_LZ4_CHECKSUM = 8
_AHEAD = 1
_LARGEST_AHEAD = 1 << 26  # bytes: larger baskets would take too much memory
_OFFSET = np.dtype(">i4")


Basket = tuple[np.ndarray, np.ndarray]
"""Content of a basket, uint8 (bytes,), and the limits of its entries, int64 (entries + 1,)."""


class BasketReader:
    """Baskets of one branch after another; what `read` gave is overwritten by the next call.

    path: the file, if it is on a disk, where reading it directly is faster than through fsspec.
    """

    def __init__(self, path: Path | str | None = None) -> None:
        self._buffer: np.ndarray = np.empty(0, np.uint8)
        self._path = path

    def read(self, branch: Any, number: int) -> Basket:
        """Content and limits of the entries of one basket: uint8 (bytes,) and int64 (entries + 1,).

        Raises whatever the decompressor raises, CorruptFile where the basket contradicts itself.
        """
        seek = branch.member("fBasketSeek")
        if number >= len(seek) or seek[number] == 0:
            return self._embedded(branch, number)
        begin = int(seek[number])
        size = int(branch.member("fBasketBytes")[number])
        raw = self._raw(branch, begin, size)
        _, _, length, _, key_length, _ = _KEY.unpack(raw[: _KEY.size].tobytes())
        _, _, entry_size, entries, last = _BASKET.unpack(
            raw[key_length - _BASKET.size - _FLAG_BYTES : key_length - _FLAG_BYTES].tobytes()
        )
        content = self._decompress(raw[key_length:], length)
        border = last - key_length
        if border == length:
            offsets = np.arange(entries + 1) * entry_size
        else:
            # A count, one offset per entry, and one that ROOT leaves unset.
            offsets = content[border + _OFFSET.itemsize :][: (entries + 1) * _OFFSET.itemsize].view(_OFFSET)
            offsets = offsets.astype(np.int64) - key_length
            offsets[-1] = border
        _check_offsets(offsets, border)
        return content[:border], offsets

    def _raw(self, branch: Any, begin: int, size: int) -> np.ndarray:
        if self._path is None:
            return np.asarray(branch.file.source.chunk(begin, begin + size).raw_data)
        with open(self._path, "rb", buffering=0) as file:
            file.seek(begin)
            raw = file.read(size)
        if len(raw) < size:
            raise CorruptFile(f"the file ends before byte {begin + size}")
        return np.frombuffer(raw, np.uint8)

    def _embedded(self, branch: Any, number: int) -> Basket:
        """Baskets that were never written to a place of their own, as in files closed by a crash."""
        basket = branch.basket(number)
        content = np.asarray(basket.data)
        offsets = basket.byte_offsets
        if offsets is None:
            offsets = np.linspace(0, len(content), basket.num_entries + 1).astype(np.int64)
        return content, np.asarray(offsets, np.int64)

    def _decompress(self, raw: np.ndarray, length: int) -> np.ndarray:
        if len(raw) >= length:
            return raw[:length]
        if len(self._buffer) < length:
            self._buffer = np.empty(length, np.uint8)
        done = 0
        while done < length:
            header = raw[:_BLOCK_HEADER].tobytes()
            packed = int.from_bytes(header[3:6], "little")
            unpacked = int.from_bytes(header[6:9], "little")
            block = raw[_BLOCK_HEADER : _BLOCK_HEADER + packed]
            if len(block) != packed or not 0 < unpacked <= length - done:
                raise CorruptFile("a compression block contradicts the size of its basket")
            written = decompress_block(header[:2], block, self._buffer[done : done + unpacked])
            if written != unpacked:
                raise CorruptFile(f"a compression block gave {written} bytes, expected {unpacked}")
            done += unpacked
            raw = raw[_BLOCK_HEADER + packed :]
        return self._buffer[:length]


def read_ahead(branch: Any, numbers: Sequence[int], path: Path | str | None = None) -> Iterator[Callable[[], Basket]]:
    """Yield a function that gives or raises what BasketReader.read does, for every basket.

    Where there is a second core, it decompresses the next one meanwhile. What a function gave is overwritten when the
    one after the next is asked for.
    """
    large = branch.uncompressed_bytes > _LARGEST_AHEAD * max(branch.num_baskets, 1)
    if len(numbers) < 2 or large or available_cores() < 2:
        reader = BasketReader(path)
        yield from (functools.partial(reader.read, branch, number) for number in numbers)
        return
    readers = itertools.cycle([BasketReader(path) for _ in range(_AHEAD + 1)])
    with ThreadPoolExecutor(1) as thread:
        waiting: collections.deque[Future[Basket]] = collections.deque()
        for number in numbers:
            waiting.append(thread.submit(next(readers).read, branch, number))
            if len(waiting) > _AHEAD:
                yield waiting.popleft().result
        while waiting:
            yield waiting.popleft().result


def decompress_block(algorithm: bytes, block: np.ndarray, output: np.ndarray) -> int:
    """Decompress a block of ROOT's `algorithm` (its two letters) into `output`; returns the number of bytes."""
    if algorithm not in _ALGORITHMS:
        raise CorruptFile(f"{algorithm!r} is none of ROOT's compression algorithms {sorted(_ALGORITHMS)}")
    return _ALGORITHMS[algorithm](block, output)


def _lz4(block: Any, output: Any) -> int:
    # ROOT writes an xxh64 checksum in front, which uproot checks, and so do we.
    import xxhash

    if xxhash.xxh64_digest(block[_LZ4_CHECKSUM:]) != block[:_LZ4_CHECKSUM].tobytes():
        raise CorruptFile("the checksum of an LZ4 block does not agree with its content")
    return cramjam.lz4.decompress_block_into(block[_LZ4_CHECKSUM:].tobytes(), output)


def _old_root(block: Any, output: Any) -> int:
    # 'CS': deflate without zlib's header, ROOT's own until 2003.
    import zlib

    unpacked = zlib.decompress(block, wbits=-zlib.MAX_WBITS)
    output[: len(unpacked)] = np.frombuffer(unpacked, np.uint8)
    return len(unpacked)


_ALGORITHMS: dict[bytes, Callable[[Any, Any], int]] = {
    b"ZL": cramjam.zlib.decompress_into,
    b"XZ": cramjam.xz.decompress_into,
    b"L4": _lz4,
    b"ZS": cramjam.zstd.decompress_into,
    b"CS": _old_root,
}


def _check_offsets(offsets: np.ndarray, border: int) -> None:
    if len(offsets) == 0 or offsets[0] < 0 or offsets[-1] > border or np.any(np.diff(offsets) < 0):
        raise CorruptFile("the entries of a basket overlap or lie outside of it")
