"""Files that are either complete or not there: written aside, synced, then renamed; and their hashes."""

import contextlib
import errno
import gzip
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

_BLOCK = 1 << 22
_ASIDE = ".aside-"


@contextlib.contextmanager
def written_aside(path: str | Path) -> Iterator[Path]:
    """Yield a path beside `path`; it replaces `path` when the block ends well and is removed when it fails."""
    path = Path(path)
    # The suffix stays last: h5py, Keras and matplotlib choose the format by it.
    aside = path.with_name(f"{_ASIDE}{os.getpid()}-{path.name}")
    try:
        yield aside
        _sync(aside)
        os.replace(aside, path)
        _sync(path.parent)
    except OSError as error:
        # Writing to an open file does not say which one, as when the disk is full.
        if error.filename in (None, str(aside)):
            error.filename = str(path)
        raise
    finally:
        aside.unlink(missing_ok=True)


@contextlib.contextmanager
def directory_written_aside(path: str | Path) -> Iterator[Path]:
    """Yield a new directory beside `path`; it replaces `path`, with all that was there, when the block ends well."""
    path = Path(path)
    aside, old = (path.with_name(f"{_ASIDE}{os.getpid()}-{kind}{path.name}") for kind in ("", "old-"))
    aside.mkdir(parents=True)
    try:
        yield aside
        if path.exists():
            os.replace(path, old)
        os.replace(aside, path)
    finally:
        if old.exists() and not path.exists():
            os.replace(old, path)
        for left in (aside, old):
            shutil.rmtree(left, ignore_errors=True)


def check_room(directory: str | Path, nbytes: int) -> None:
    """Raise OSError when a disk has not so many bytes free: not every library fails well on a full one."""
    if shutil.disk_usage(directory).free < nbytes:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(directory))


def remove_remains(directory: str | Path) -> None:
    """Remove what killed processes left half-written in a directory."""
    for path in unfinished(directory):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def unfinished(directory: str | Path) -> list[Path]:
    """Paths of what killed processes left half-written in a directory."""
    return sorted(Path(directory).glob(f"{_ASIDE}*"))


def write_text(path: str | Path, text: str) -> None:
    """Write `text` (UTF-8) to `path` atomically."""
    with written_aside(path) as aside:
        aside.write_text(text, encoding="utf-8")


def write_json(path: str | Path, content: Any) -> None:
    """Write `content` as indented JSON to `path` atomically."""
    write_text(path, json.dumps(content, indent=1, allow_nan=False) + "\n")


def write_csv(path: str | Path, frame: "pd.DataFrame", float_format: str = "%.9g") -> None:
    """Write a pandas DataFrame atomically, compressed where `path` ends in .gz; the same bytes for the same content."""
    path = Path(path)
    with written_aside(path) as aside, open(aside, "wb") as file:
        # Neither the time nor the name of the file, which gzip would keep.
        target = gzip.GzipFile("", "wb", fileobj=file, mtime=0) if path.suffix == ".gz" else file
        with target:
            frame.to_csv(target, index=False, float_format=float_format)


def sha256_of_file(path: str | Path, advance: Callable[[int], None] = lambda nbytes: None) -> str:
    """Hex SHA-256 of a file's content; `advance` is told the bytes of every block read."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            advance(len(block))
    return digest.hexdigest()


def sha256_of_json(content: Any) -> str:
    """Hex SHA-256 of the canonical JSON form (sorted keys, no spaces) of `content`."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
