"""A ROOT file's trees, entry by entry or as columns, whether they were written with or without splitting.

Every member is called as in a split tree ('_image_v._meta._id'). What cannot be read costs exactly the entries it
touches: they come as CorruptFile errors, not raised, so that the caller decides.
"""

import functools
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import uproot

from data_tools.errors import CorruptFile, NotLArCV
from data_tools.location import is_url
from data_tools.readers.larcv.baskets import read_ahead
from data_tools.readers.larcv.stored import Columns
from data_tools.readers.larcv.streamed import Stream

_TREE = re.compile(r"(?P<product>[a-z0-9]+)_(?P<producer>.+)_tree")


def find_trees(path: Path | str) -> dict[tuple[str, str], Callable[[], "Tree"]]:
    """{(product, producer): function that opens the Tree} of a ROOT file."""
    file = uproot.open(path)
    return {
        (match["product"], match["producer"]): functools.partial(_open_tree, path, file, key)
        for key in file.keys(cycle=False)
        if (match := _TREE.fullmatch(key))
    }


class Tree:
    """One tree of LArCV.

    Attributes:
        path: of its file.
        name: of the tree.
        entries: number of them.
        split: whether every member has a branch of its own.
    """

    def __init__(self, path: Path | str, tree: Any) -> None:
        self.path = path
        self.name = tree.name
        self.entries = tree.num_entries
        self._file = tree.file
        self._leaves = dict(tree.iteritems(full_paths=False))
        self.split = len(self._leaves) > 1
        self._object: Any = None if self.split else tree.branches[0]
        self._members: set[str] | None = None

    @property
    def members(self) -> set[str]:
        """Names of all members; of a tree without splitting, those of its first readable entry."""
        if self._members is None:
            self._members = set(self._leaves)
            if self._object is not None:
                readable = (found for _, found in self._objects(0, self.entries) if not isinstance(found, Exception))
                self._members = set(next(readable, ()))
        return self._members

    def columns(self, names: Sequence[str], start: int, stop: int) -> Columns:
        """The Columns of members that are numbers or strings, of the entries from `start` to `stop`."""
        if self._object is not None:
            return self._columns_of_objects(names, start, stop)
        each = {name: self._column(name, start, stop) for name in names}
        damaged = {position: error for column in each.values() for position, error in column.damaged.items()}
        counts = each[names[0]].counts
        for name in names[1:]:
            for position in np.flatnonzero(each[name].counts != counts):
                damaged.setdefault(int(position), CorruptFile(f"{name} and {names[0]} have different lengths"))
        if damaged:
            return self._columns_without(damaged, each, counts)
        return Columns({name: column.values[name] for name, column in each.items()}, counts)

    def objects(
        self, numbers: Sequence[str], vectors: Sequence[str], start: int, stop: int
    ) -> Iterator[tuple[int, Any]]:
        """Yield (entry, {member: values} or a CorruptFile) of every entry.

        numbers: members that are numbers. vectors: members that are vectors, each a list of one array, or one
        {member: array}, per object; views of a buffer that the next entry overwrites.
        """
        if self._object is not None:
            yield from self._objects(start, stop)
            return
        columns = self.columns(numbers, start, stop)
        ends = np.cumsum(columns.counts)
        types = {name: self._described(self._leaf(name), lambda branch: branch.typename) for name in vectors}
        payloads = zip(*(self._payloads(self._leaf(name), start, stop) for name in vectors))
        for position, found in enumerate(payloads):
            begin, end = ends[position] - columns.counts[position], ends[position]
            entry = start + position
            damage = columns.damaged.get(position) or next((e for e in found if isinstance(e, Exception)), None)
            if damage is None:
                values: dict[str, Any] = {name: values[begin:end] for name, values in columns.values.items()}
                try:
                    for name, payload in zip(vectors, found):
                        values[name] = self._vectors(name, types[name], payload, end - begin)
                except CorruptFile as error:
                    damage = error
            yield entry, damage or values

    def _vectors(self, name: str, type_name: str, payload: np.ndarray, count: int) -> list:
        stream = Stream(payload, self._file)
        vectors = stream.vectors(type_name.removesuffix("[]"), count) if count or stream.left else []
        if stream.left:
            raise CorruptFile(f"{name} has more than its {count} vectors")
        return vectors

    def _column(self, name: str, start: int, stop: int) -> Columns:
        """Columns of one member of a split tree."""
        branch = self._leaf(name)
        dtype = self._described(branch, _number_dtype)
        pieces: list[np.ndarray] = []
        counts, damaged = np.zeros(stop - start, np.int64), dict[int, CorruptFile]()
        for begin, end, found in self._baskets(branch, start, stop):
            if isinstance(found, CorruptFile):
                damaged |= dict.fromkeys(range(begin - start, end - start), found)
                continue
            content, offsets = found
            if dtype is None:
                for position, (a, b) in enumerate(itertools.pairwise(offsets), begin - start):
                    try:
                        texts = _all_strings(Stream(content[a:b], self._file))
                    except CorruptFile as error:
                        damaged[position] = error
                        continue
                    counts[position] = len(texts)
                    pieces.append(np.array(texts, dtype=object))
            else:
                counts[begin - start : end - start] = np.diff(offsets) // dtype.itemsize
                first = offsets[0]
                whole = int(counts[begin - start : end - start].sum()) * dtype.itemsize
                pieces.append(content[first : first + whole].view(dtype).astype(dtype.newbyteorder("=")))
        values = np.concatenate(pieces) if pieces else np.empty(0, object if dtype is None else dtype)
        return Columns({name: values}, counts, damaged)

    def _columns_without(
        self, damaged: dict[int, CorruptFile], each: dict[str, Columns], counts: np.ndarray
    ) -> Columns:
        """Columns where the entries at the `damaged` positions have no objects."""
        keep = np.ones(len(counts), bool)
        keep[list(damaged)] = False
        values = {name: column.values[name][np.repeat(keep, column.counts)] for name, column in each.items()}
        return Columns(values, np.where(keep, counts, 0), damaged)

    def _columns_of_objects(self, names: Sequence[str], start: int, stop: int) -> Columns:
        # Copies, because what an entry gives is overwritten by the next one.
        found = [
            columns if isinstance(columns, CorruptFile) else {name: np.array(columns[name]) for name in names}
            for _, columns in self._objects(start, stop)
        ]
        damaged = {position: error for position, error in enumerate(found) if isinstance(error, CorruptFile)}
        whole = [columns for columns in found if not isinstance(columns, CorruptFile)]
        counts = np.zeros(len(found), np.int64)
        counts[[position not in damaged for position in range(len(found))]] = [len(one[names[0]]) for one in whole]
        return Columns(
            {name: np.concatenate([one[name] for one in whole] or [np.empty(0)]) for name in names}, counts, damaged
        )

    def _objects(self, start: int, stop: int) -> Iterator[tuple[int, Any]]:
        """(entry, {member: values} or CorruptFile) of a tree without splitting."""
        class_name = self._object.member("fClassName")
        for entry, payload in enumerate(self._payloads(self._object, start, stop), start):
            if isinstance(payload, CorruptFile):
                yield entry, payload
                continue
            found: dict[str, Any] | CorruptFile
            try:
                stream = Stream(payload, self._file)
                found = stream.columns(class_name)
                if stream.left:
                    raise CorruptFile(f"{stream.left} bytes are left after the last member of {class_name}")
            except CorruptFile as error:
                found = error
            yield entry, found

    def _payloads(self, branch: Any, start: int, stop: int) -> Iterator[Any]:
        """The bytes of every entry, or the CorruptFile that keeps it from being read."""
        for begin, end, found in self._baskets(branch, start, stop):
            if isinstance(found, CorruptFile):
                yield from [found] * (end - begin)
            else:
                content, offsets = found
                for a, b in itertools.pairwise(offsets):
                    yield content[a:b]

    def _baskets(self, branch: Any, start: int, stop: int) -> Iterator[tuple[int, int, Any]]:
        """(first entry, end, (content, offsets) or CorruptFile) of what every basket holds of start to stop."""
        limits = branch.entry_offsets
        needed = [
            (number, first, end)
            for number, (first, end) in enumerate(itertools.pairwise(limits))
            if max(first, start) < min(end, stop)
        ]
        path = None if is_url(self.path) else self.path
        covered = start
        for (_, first, end), basket in zip(needed, read_ahead(branch, [number for number, _, _ in needed], path)):
            begin, finish = max(first, start), min(end, stop)
            if begin > covered:
                yield covered, begin, CorruptFile(f"{branch.name} has no basket for it")
            covered = finish
            try:
                content, offsets = basket()
                if len(offsets) != end - first + 1:
                    raise CorruptFile(f"a basket has {len(offsets) - 1} entries, expected {end - first}")
                yield begin, finish, (content, offsets[begin - first : finish - first + 1])
            except Exception as error:  # decompressors raise what they like
                reason = error if isinstance(error, CorruptFile) else f"{type(error).__name__}: {error}"
                yield begin, finish, CorruptFile(f"{branch.name}, basket of entries {first} to {end - 1}: {reason}")
        if covered < stop:
            yield covered, stop, CorruptFile(f"{branch.name} has no basket for it")

    def _described(self, branch: Any, what: Callable[[Any], Any]) -> Any:
        """What uproot knows of a branch; it may need the file's description of its classes for it."""
        try:
            return what(branch)
        except Exception as error:  # decompressors raise what they like
            raise CorruptFile(
                f"{self.path}: the description of its classes cannot be read ({error}). The file is damaged: fetch or "
                "write it again."
            ) from error

    def _leaf(self, name: str) -> Any:
        if name not in self._leaves:
            raise NotLArCV(f"{self.path}: {self.name} has no member {name}; it was not written by LArCV.")
        return self._leaves[name]


def _open_tree(path: Path | str, file: Any, key: str) -> Tree:
    return Tree(path, file[key])


def _number_dtype(branch: Any) -> np.dtype | None:
    """The big-endian dtype of a leaf of numbers, None for strings."""
    interpretation = branch.interpretation
    if isinstance(interpretation, uproot.AsJagged):
        interpretation = interpretation.content
    return interpretation.from_dtype if isinstance(interpretation, uproot.AsDtype) else None


def _all_strings(stream: Stream) -> list[str]:
    """The strings of one entry, as many as there are."""
    texts: list[str] = []
    if stream.left:
        texts = stream.strings(1)
    while stream.left:
        texts.append(stream.string())
    return texts
