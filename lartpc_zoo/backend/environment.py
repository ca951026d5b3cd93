"""What a result was made with: versions of packages, the machine, the commit of a checkout."""

import contextlib
import os
import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import keras

_VERSIONS_OF = ("lartpc-zoo", "keras", "tensorflow", "jax", "numpy", "uproot", "pandas")


def this_process():
    """Versions, machine, host and command of this process; host and command are not for publishing."""
    return {
        "versions": versions(),
        "keras_backend": keras.backend.backend(),
        "host": platform.node(),
        "machine": platform.machine(),
        "cpus": os.cpu_count(),
        "argv": sys.argv,
        "git": _git_commit(),
    }


def versions():
    """{package: version} of Python and of what is installed of the packages that results may depend on."""
    found = {"python": platform.python_version()}
    for name in _VERSIONS_OF:
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def _git_commit():
    """The commit of the checkout this package runs from, or None for an installed one."""
    here = Path(__file__)
    git = ["git", "-C", str(here.parent)]
    try:
        # An installed package may lie in the checkout of something else.
        subprocess.run([*git, "ls-files", "--error-unmatch", here.name], capture_output=True, check=True)
        described = subprocess.run(
            [*git, "describe", "--always", "--dirty"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return described.stdout.strip()
