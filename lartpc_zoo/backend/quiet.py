"""Keras and its backend without the remarks that TensorFlow makes when it is imported, for command lines.

Its C++ code writes them to file descriptor 2 before any setting of a log level counts. So the descriptor leads to a
file meanwhile, and what is not known to be a mere remark is passed on afterwards.
"""

import contextlib
import importlib.util
import os
import re
import sys
import tempfile
from collections.abc import Iterator

from data_tools.interruption import expendable

_LOGGED = re.compile(r"(?:\d{4}-\d\d-\d\d [\d:.]+: ([IWEF])|([IWEF])\d{4} [\d:.]+\s+\d+) (\S+:\d+\]) ")
"""The beginning of a line in the log of TensorFlow or absl, with its level."""
_REMARKS = [
    re.compile(text)
    for text in (
        r"All log messages before absl::InitializeLog\(\) is called are written to STDERR",
        r"oneDNN custom operations are on",
        r"Could not find cuda drivers on your machine",
        r"Could not find TensorRT|TF-TRT Warning",
        # Two copies of a plugin in one process: the first one stays, and works.
        r"Unable to register cu\w+ factory|computation placer already registered",
        # No driver (303) or no device: the machine has no GPU. Other failures of cuInit are worth knowing.
        r"failed call to cuInit.*(UNKNOWN ERROR \(303\)|CUDA_ERROR_NO_DEVICE)",
        r"This TensorFlow binary is optimized to use available CPU instructions",
        r"To enable the following instructions",
    )
]


def load_backend(*modules: str) -> None:
    """Import Keras and TensorFlow, and where Keras runs on it let it find its devices, without remarks.

    Args:
        modules: names of modules to import after it; all of it is what takes a command its first seconds.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")
    with expendable(), without_remarks():
        from lartpc_zoo.backend.which import is_tensorflow

        if is_tensorflow():
            import tensorflow as tf

            tf.config.list_physical_devices()
        elif importlib.util.find_spec("tensorflow"):
            importlib.import_module("tensorflow")  # other backends do so too, at their first batch
        for module in modules:
            importlib.import_module(module)


@contextlib.contextmanager
def without_remarks() -> Iterator[None]:
    """Context in which remarks to file descriptor 2 are dropped; all else is passed on at its end, whatever happens."""
    sys.stderr.flush()
    try:
        shown = os.dup(2)
    except OSError:  # a process without standard error
        yield
        return
    with tempfile.TemporaryFile() as kept:
        os.dup2(kept.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(shown, 2)
            os.close(shown)
            kept.seek(0)
            for line in kept.read().decode(errors="replace").splitlines(keepends=True):
                if not is_remark(line):
                    os.write(2, line.encode())


def is_remark(line: str) -> bool:
    """Whether a line says nothing to a user: information in the log of the backend, or a warning that is known."""
    logged = _LOGGED.match(line)
    level = logged and (logged[1] or logged[2])
    return level == "I" or (level != "F" and any(remark.search(line) for remark in _REMARKS))
