"""Where inputs are: on a disk, or behind a URL that fsspec can open (https://, root://, s3://, ...)."""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data_tools.errors import InputNotFound, UserError

_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_HTTP = re.compile(r"https?://", re.IGNORECASE)
_BLOCK = 1 << 22
_PROBE = 8
_VERSION = ("size", "etag", "lastmodified", "mtime", "modified")
"""What a server may tell of a file, by names without - and _."""


def is_url(path: str | Path) -> bool:
    """Whether `path` is a URL and not a path on a disk."""
    return bool(_URL.match(str(path)))


def as_location(path: str | Path) -> str | Path:
    """A URL as text, anything else as a Path."""
    return str(path) if is_url(path) else Path(path)


def name_of(path: str | Path) -> str:
    """The last part of a path or URL."""
    return str(path).rstrip("/").rpartition("/")[2]


def open_stream(path: str | Path) -> Any:
    """An open binary file to be read once from its beginning to its end. Raises InputNotFound."""
    return open_binary(path, block_size=0)


def open_binary(path: str | Path, block_size: int = _BLOCK) -> Any:
    """An open binary file. Raises InputNotFound when a URL cannot be opened."""
    if not is_url(path):
        return open(path, "rb")
    try:
        import fsspec

        return fsspec.open(path, block_size=block_size).open()
    except Exception as error:  # every protocol has errors of its own
        needed = {"root": "fsspec-xrootd", "s3": "s3fs", "http": "aiohttp", "https": "aiohttp"}
        package = needed.get(str(path).partition("://")[0].lower())
        hint = f" Install {package}, which this protocol needs." if isinstance(error, ImportError) and package else ""
        raise InputNotFound(f"{path}: cannot be opened ({type(error).__name__}: {error}).{hint}") from error


def size_of(path: str | Path) -> int:
    """Number of bytes; 0 where a server does not tell."""
    if not is_url(path):
        return Path(path).stat().st_size
    with open_binary(path) as file:
        return file.size or 0


def version_of(path: str | Path) -> str:
    """A text that is another one when a file has changed: its size and time, or what a server tells of them.

    A server that tells neither a time nor a tag gives the size alone.
    """
    if not is_url(path):
        status = Path(path).stat()
        return f"{status.st_size}-{status.st_mtime_ns}"
    import fsspec

    with read_errors_named(path):
        system, name = fsspec.core.url_to_fs(path)
        told = {key.lower().replace("-", "").replace("_", ""): value for key, value in system.info(name).items()}
    return "-".join(str(told[key]) for key in _VERSION if told.get(key) is not None)


@contextlib.contextmanager
def read_errors_named(path: str | Path) -> Iterator[None]:
    """Context in which what goes wrong while reading a URL is an InputNotFound that names it."""
    try:
        yield
    except (OSError, TimeoutError) as error:
        if isinstance(error, UserError) or not is_url(path):
            raise
        raise InputNotFound(
            f"{path}: cannot be read ({type(error).__name__}: {error}). Check the address, or try again."
        ) from error


def check_ranges(path: str | Path) -> None:
    """Raise InputNotFound when a server gives whole files only: reading from it would end in nonsense."""
    if not _HTTP.match(str(path)):
        return
    import fsspec

    with read_errors_named(path):
        system, name = fsspec.core.url_to_fs(path)
        try:
            supported = len(system.cat_file(name, start=1, end=1 + _PROBE)) == _PROBE
        except ValueError:  # what fsspec makes of more bytes than it asked for
            supported = False
    if not supported:
        raise InputNotFound(
            f"{path}: the server does not answer range requests, which reading a part of a file needs. Download the "
            "file first."
        )
