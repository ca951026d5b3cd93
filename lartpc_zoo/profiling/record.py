"""What profile.json holds, as typed records, and how it is read."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from data_tools.files import write_json
from data_tools.record import Record, plain_with_version, read_record
from lartpc_zoo.backend.environment import MeasuredOn
from lartpc_zoo.backend.memory import LARGE_TENSORS, PROCESS, TENSORS
from lartpc_zoo.errors import BadProfile
from lartpc_zoo.models.executions import IMAGES

NAME = "profile.json"
MEMORY_KINDS = (TENSORS, LARGE_TENSORS, PROCESS, None)
_AGAIN = "Expected what `profile` writes; measure again, or restore the file."


@dataclass(frozen=True, kw_only=True)
class Quantity(Record):
    """A measured quantity, and the straight line that is fitted to it.

    Attributes:
        unit: of the values, 'ms' or 'MB'.
        batch_sizes: images in a batch, ascending.
        values: of a whole batch: for every batch size one value per round.
        slope: of the line, per image.
        slope_error: its standard error.
        intercept: of the line, the fixed cost of a batch.
        intercept_error: its standard error.
    """

    unit: str
    batch_sizes: tuple[int, ...]
    values: tuple[tuple[float, ...], ...]
    slope: float
    slope_error: float
    intercept: float
    intercept_error: float

    def __post_init__(self) -> None:
        if len(self.values) != len(self.batch_sizes):
            raise ValueError(f"{len(self.batch_sizes)} batch sizes with {len(self.values)} rows of values.")
        if not all(self.values):
            raise ValueError("values: expected one or more of every batch size.")


@dataclass(frozen=True)
class _Quantities(Record):
    """Quantities by their names, None where one was not measured."""

    UNITS: ClassVar[dict[str, str]] = {}

    def __post_init__(self) -> None:
        for name, measured in self.by_name().items():
            if measured and measured.unit != self.UNITS[name]:
                raise ValueError(f"{name} is in {measured.unit!r}, expected {self.UNITS[name]!r}.")

    def by_name(self) -> dict[str, Quantity | None]:
        """{name: quantity}"""
        return {name: getattr(self, name) for name in self.UNITS}


@dataclass(frozen=True, kw_only=True)
class NetworkQuantities(_Quantities):
    """What is measured with a network.

    Attributes:
        peak_memory: of a training step.
        forward: time of an inference.
        forward_backward: time of a training step.
        io_wait: time for which a training waits for the next batch.
    """

    UNITS: ClassVar[dict[str, str]] = {"peak_memory": "MB", "forward": "ms", "forward_backward": "ms", "io_wait": "ms"}

    peak_memory: Quantity | None
    forward: Quantity | None
    forward_backward: Quantity | None
    io_wait: Quantity | None


@dataclass(frozen=True, kw_only=True)
class InputQuantities(_Quantities):
    """What is measured with the data alone.

    Attributes:
        io_thread: time in which one thread reads and parses shards.
        io_thread_copy: time in which it makes dense images and hands them over.
    """

    UNITS: ClassVar[dict[str, str]] = {"io_thread": "ms", "io_thread_copy": "ms"}

    io_thread: Quantity | None = None
    io_thread_copy: Quantity | None = None


UNITS = {**NetworkQuantities.UNITS, **InputQuantities.UNITS}
"""{quantity: its unit}"""


@dataclass(frozen=True, kw_only=True)
class MeasuredNetwork(Record):
    """One network.

    Attributes:
        parameters: trainable ones.
        macs: multiply-adds for one image; of a submanifold network at the mean number of active cells of the data.
        activations_mb: sum of all activations for one image in float32, in MB of 10^6 bytes.
        execution: how it was run, 'images' or 'sites'.
        quantities: what was measured.
    """

    parameters: int
    macs: int
    activations_mb: float
    execution: str = IMAGES
    quantities: NetworkQuantities


@dataclass(frozen=True, kw_only=True)
class Profile(Record):
    """What networks cost, and on what this was measured.

    Attributes:
        environment: versions and machine.
        data: fingerprint of the data set, None without one.
        images: which images were taken.
        input_shape: (rows, cols, planes) of an image.
        classes: how many.
        batch_sizes: images in a batch, ascending.
        rounds: measurements of every batch size.
        networks: by name.
        io: what was measured with the data alone.
        missing: {quantity: why it was not measured}.
    """

    environment: MeasuredOn
    data: str | None
    images: str
    input_shape: tuple[int, int, int]
    classes: int
    batch_sizes: tuple[int, ...]
    rounds: int
    networks: dict[str, MeasuredNetwork]
    io: InputQuantities
    missing: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.networks:
            raise ValueError("it has no networks.")
        if self.environment.memory not in MEMORY_KINDS:
            kinds = ", ".join(map(str, MEMORY_KINDS))
            raise ValueError(f"environment: memory {self.environment.memory!r}: expected one of {kinds}.")
        if unknown := [name for name in self.missing if name not in UNITS]:
            raise ValueError(f"missing: unknown quantity {', '.join(unknown)}; they are {', '.join(UNITS)}.")

    def measured(self, quantity: str) -> dict[str | None, Quantity | None]:
        """{network: what was measured of a quantity}; of the data alone under None."""
        if quantity in InputQuantities.UNITS:
            return {None: self.io.by_name()[quantity]}
        return {name: network.quantities.by_name()[quantity] for name, network in self.networks.items()}

    def write(self, directory: Path) -> None:
        """Write profile.json to a directory."""
        write_json(directory / NAME, plain_with_version(self))


def load_profile(path: str | Path) -> Profile:
    """The Profile in a file.

    Args:
        path: profile.json, or its directory.

    Raises:
        BadProfile: it is not there, or not what `profile` writes.
    """
    path = Path(path)
    path = path / NAME if path.is_dir() else path
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BadProfile(f"{path}: no such file; `profile` writes it.") from error
    except (OSError, ValueError) as error:
        raise BadProfile(f"{path}: cannot be read ({error}). {_AGAIN}") from error
    return read_record(Profile, content, path, BadProfile, _AGAIN)
