"""What a result was made with, as records: versions of packages, the machine, the commit of a checkout."""

import contextlib
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from data_tools.record import Record
from lartpc_zoo.backend.devices import gpu_kinds
from lartpc_zoo.backend.processor import processor_kind, usable_processors
from lartpc_zoo.backend.which import backend_name

_VERSIONS_OF = ("lartpc-zoo", "keras", "tensorflow", "jax", "numpy", "uproot", "pandas")


@dataclass(frozen=True, kw_only=True)
class Environment(Record):
    """What a training ran on, without names of hosts, users or paths: it may be published.

    Attributes:
        versions: {package: version} of Python and of what was installed of the packages that results may depend on.
        keras_backend: as in 'tensorflow'.
        machine: architecture of the processor, as in 'x86_64'.
        cpus: processors of the machine.
        devices: names of what it computed on, as in ('GPU:0',).
        git: the commit of the checkout, None for an installed package.
    """

    versions: dict[str, str]
    keras_backend: str
    machine: str
    cpus: int | None = None
    devices: tuple[str, ...] | None = None
    git: str | None = None


@dataclass(frozen=True, kw_only=True)
class Start(Environment):
    """One start of a training, as environment.json holds it; what is published has no host, command and data.

    Attributes:
        recipe: name of the recipe.
        host: name of the machine.
        argv: the command.
        data_fingerprint: of the data set.
    """

    recipe: str | None = None
    host: str | None = None
    argv: tuple[str, ...] | None = None
    data_fingerprint: str | None = None

    @property
    def environment(self) -> Environment:
        """What may be published of it."""
        return Environment(
            versions=self.versions,
            keras_backend=self.keras_backend,
            machine=self.machine,
            cpus=self.cpus,
            devices=self.devices,
            git=self.git,
        )


@dataclass(frozen=True, kw_only=True)
class MeasuredOn(Record):
    """What costs were measured on, without names of hosts, users or paths: a profile is made to be published.

    Attributes:
        versions: as in Environment.
        keras_backend: as in 'tensorflow'.
        machine: architecture of the processor, as in 'x86_64'.
        system: as in 'Linux'.
        cpus: processors that the process could use.
        device: kind of the first GPU, else of the processor.
        dtype: Keras dtype policy.
        memory: how peak memory was measured (see lartpc_zoo.backend.memory), None where it was not.
    """

    versions: dict[str, str]
    keras_backend: str
    machine: str
    system: str | None = None
    cpus: int | None
    device: str
    dtype: str
    memory: str | None = None


def this_start(devices: Sequence[str], recipe: str | None, data_fingerprint: str | None) -> Start:
    """The record of a training that starts in this process.

    Args:
        devices: names of what it computes on.
        recipe: its name.
        data_fingerprint: of the data set.
    """
    return Start(
        versions=versions(),
        keras_backend=backend_name(),
        machine=platform.machine(),
        cpus=os.cpu_count(),
        devices=tuple(devices),
        git=_git_commit(),
        recipe=recipe,
        host=platform.node(),
        argv=tuple(sys.argv),
        data_fingerprint=data_fingerprint,
    )


def measured_on(dtype: str) -> MeasuredOn:
    """The record of measurements in this process, with a Keras dtype policy."""
    return MeasuredOn(
        versions=versions(),
        keras_backend=backend_name(),
        machine=platform.machine(),
        system=platform.system(),
        cpus=usable_processors(),
        device=next(iter(gpu_kinds()), processor_kind()),
        dtype=dtype,
    )


def versions() -> dict[str, str]:
    """{package: version} of Python and of what is installed of the packages that results may depend on."""
    found = {"python": platform.python_version()}
    for name in _VERSIONS_OF:
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def _git_commit() -> str | None:
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
