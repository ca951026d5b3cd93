"""ROOT's byte stream of vectors of objects, as columns: what uproot leaves to its users.

uproot refuses vectors that were written member by member ('memberwise'): the payload of sparse2d, and everything in
files written without splitting. The file itself describes its classes (streamer info), so nothing about LArCV is
built in here. The rules, from ROOT's TBufferFile and from bytes written by ROOT 6.40:

- A header is u4 byte count | 0x40000000, u2 version, and for a class without ClassDef (version 0) u4 checksum.
- A vector of objects has a header whose version carries 0x4000 ('memberwise'), then the version (and checksum) of the
  class, u4 count, then member after member, each for all objects. Members of base classes come as if they were its own.
- A member that is a vector or a string has one header for all objects, then each of them with its u4 (or u1) count.
- A member that is an object has its header for every object.
"""

import struct
from typing import Any

import numpy as np

from data_tools.errors import CorruptFile

_BYTE_COUNT = 0x40000000
_MEMBERWISE = 0x4000
_LONG_STRING = 255
_U1, _U2, _U4 = struct.Struct(">B"), struct.Struct(">H"), struct.Struct(">I")

# EReadWrite of ROOT's TStreamerInfo. 'long' is always stored in eight bytes.
_BASE = 0
_OBJECT = (61, 62)
_STL = 500
_NUMBERS = {
    1: ">i1", 2: ">i2", 3: ">i4", 4: ">i8", 5: ">f4", 8: ">f8", 11: ">u1",
    12: ">u2", 13: ">u4", 14: ">u8", 16: ">i8", 17: ">u8", 18: ">u1",
}  # fmt: skip
_STL_NUMBERS = {"float": ">f4", "double": ">f8", "int": ">i4", "unsigned int": ">u4", "unsigned short": ">u2"}


class Stream:
    """The bytes of one entry of an uproot `file`, read from the front; reading beyond the end raises CorruptFile."""

    def __init__(self, content: np.ndarray, file: Any) -> None:
        self._content = content
        self._file = file
        self.position = 0

    @property
    def left(self) -> int:
        """Bytes not yet read."""
        return len(self._content) - self.position

    def array(self, dtype: Any, count: int) -> np.ndarray:
        """The next `count` numbers, as a view."""
        dtype = np.dtype(dtype)
        return self._take(count * dtype.itemsize).view(dtype)

    def columns(self, class_name: str) -> dict[str, Any]:
        """{member path: values} of one object of a class, as split branches would hold it; vectors of objects inside
        it give one entry per object, numbers of the object itself are arrays of one."""
        return self._members(class_name, 1, base_headers=True)

    def vectors(self, type_name: str, count: int) -> list:
        """`count` vectors of numbers or objects that share one header: list of arrays or of {member: values}."""
        return self._vectors(type_name, count, self._header())

    def strings(self, count: int) -> list[str]:
        """`count` strings that share one header."""
        self._header()
        return [self.string() for _ in range(count)]

    def _members(self, class_name: str, count: int, base_headers: bool = False) -> dict[str, Any]:
        columns: dict[str, Any] = {}
        for element in self._elements(class_name):
            name, kind, type_name = (element.member(key) for key in ("fName", "fType", "fTypeName"))
            if kind == _BASE:
                end = self._header()[1] if base_headers else None
                columns |= self._members(name, count, base_headers)
                self._check_end(end, name)
            elif kind in _NUMBERS:
                columns[name] = self.array(_NUMBERS[kind], count)
            elif kind in _OBJECT:
                columns |= {f"{name}.{key}": values for key, values in self._objects(type_name, count).items()}
            elif kind == _STL and type_name.rstrip("*") in ("string", "std::string"):
                columns[name] = self.strings(count)
            elif kind == _STL:
                columns |= self._stl_member(name, type_name, count, base_headers)
            else:
                raise CorruptFile(f"member {name} of {class_name} has type {type_name} ({kind}), which is not known")
        return columns

    def _stl_member(self, name: str, type_name: str, count: int, inside_object: bool) -> dict[str, Any]:
        header = self._header()
        if not inside_object:
            vectors = self._vectors(type_name, count, header)
            self._check_end(header[1], name)
            return {name: vectors}
        (vector,) = self._vectors(type_name, 1, header)
        self._check_end(header[1], name)
        return (
            {f"{name}.{key}": values for key, values in vector.items()} if isinstance(vector, dict) else {name: vector}
        )

    def _objects(self, class_name: str, count: int) -> dict[str, Any]:
        each = []
        for _ in range(count):
            end = self._header()[1]
            each.append(self._members(class_name, 1, base_headers=True))
            self._check_end(end, class_name)
        return {key: np.concatenate([one[key] for one in each]) for key in each[0]} if each else {}

    def _vectors(self, type_name: str, count: int, header: tuple[int, int]) -> list:
        version, _ = header
        item = type_name.removeprefix("std::").removeprefix("vector<").removesuffix(">").strip()
        if item in _STL_NUMBERS:
            return [self.array(_STL_NUMBERS[item], self._number(_U4)) for _ in range(count)]
        if not version & _MEMBERWISE:
            raise CorruptFile(f"{type_name} is not stored member by member, which is not known")
        if self._number(_U2) == 0:
            self._take(_U4.size)  # checksum
        return [self._members(item, self._number(_U4)) for _ in range(count)]

    def _elements(self, class_name: str) -> Any:
        try:
            versions = self._file.streamers.get(class_name)
        except Exception as error:  # decompressors raise what they like
            raise CorruptFile(f"the file's description of its classes cannot be read ({error})") from error
        if not versions:
            raise CorruptFile(f"the file does not describe its class {class_name}")
        return versions[max(versions)].elements

    def _header(self) -> tuple[int, int]:
        """(version, position of the end) of what comes next."""
        size = self._number(_U4)
        if not size & _BYTE_COUNT:
            raise CorruptFile("a byte count is missing")
        end = self.position + (size & ~_BYTE_COUNT)
        if end > len(self._content):
            raise CorruptFile("an object is longer than its entry")
        version = self._number(_U2)
        if version == 0:
            self._take(_U4.size)  # checksum
        return version, end

    def _check_end(self, end: int | None, name: str) -> None:
        if end is not None and self.position != end:
            raise CorruptFile(f"{name} ends at byte {self.position}, its header says {end}")

    def string(self) -> str:
        """The next string, without a header."""
        length = self._number(_U1)
        if length == _LONG_STRING:
            length = self._number(_U4)
        return self._take(length).tobytes().decode("utf-8", "replace")

    def _number(self, form: struct.Struct) -> int:
        return form.unpack(self._take(form.size).tobytes())[0]

    def _take(self, size: int) -> np.ndarray:
        begin, self.position = self.position, self.position + size
        if self.position > len(self._content):
            raise CorruptFile(f"ends after {len(self._content)} bytes, expected at least {self.position}")
        return self._content[begin : self.position]
