"""The networks of the study by name, and what is known of each: `list_models`, `network_info`. Needs no Keras."""

import fnmatch
import numbers
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lartpc_zoo.errors import BadInput
from lartpc_zoo.models.builder import build
from lartpc_zoo.models.counting import Counting, LayerCosts, Totals, all_cells
from lartpc_zoo.models.families import families, study
from lartpc_zoo.models.input_spec import InputSpec
from lartpc_zoo.models.levels import Level
from lartpc_zoo.models.spec import TOWERS, NetworkSpec, parse_network

if TYPE_CHECKING:
    from data_tools.tfrecords.dataset import Dataset

INPUT_SHAPE = (576, 576, 3)
"""Images of the study, for which costs are said where no other shape is named."""
CLASSES = 5
"""Classes of the study."""


@dataclass(frozen=True, kw_only=True)
class NetworkInfo(Totals):
    """What is known of a network.

    Attributes:
        name: of the network.
        spec: the network as data.
        about: its family, in words.
        input_shape: (rows, cols, planes) that the costs are for.
        num_classes: that the costs are for.
        smallest_side: fewest rows or columns of an image.
        first_dense: parameters of the dense layer after the flattened image, which grow with it; None without one.
        dense: the costs of a submanifold network with every pixel active, where those above are those at the active
            pixels of a data set; else None.
        tokens: {token of the name: what it does}.
        table1: whether it stands in the paper's Table 1.
        found: what stands in a source of the study or of the network's paper.
        inferred: what does not.
        layers: the costs of every layer.
    """

    name: str
    spec: NetworkSpec
    about: str
    input_shape: tuple[int, int, int]
    num_classes: int
    smallest_side: int
    first_dense: int | None
    dense: Totals | None
    tokens: dict[str, str]
    table1: bool
    found: tuple[str, ...]
    inferred: tuple[str, ...]
    layers: tuple[LayerCosts, ...]


def list_models(pattern: str = "*") -> list[str]:
    """Names of the study's networks that match a glob, in natural order (w2 before w10)."""
    return sorted(fnmatch.filter(study(), pattern), key=natural_order)


def network_info(
    name: str | NetworkSpec,
    input_shape: tuple[int, int, int] | None = None,
    num_classes: int = CLASSES,
    data: "Dataset | str | Path | None" = None,
    inputs: InputSpec | None = None,
) -> NetworkInfo:
    """What is known of a network, and what it costs for one event, without building it.

    Args:
        name: of the network, or its NetworkSpec.
        input_shape: (rows, cols, planes) of the images (default: those of the data, or else 576 x 576 x 3).
        num_classes: number of classes.
        data: a data set or its directory. Multiply-adds and activations of a submanifold network are then those at the
            mean number of active cells of 2,000 events of its first sample; without it every pixel is active.
        inputs: what happens to ADC before it is seen which pixels are active (default: scale 1/100 only).

    Raises:
        UnknownNetwork: no network has this name.
        BadInput: the network cannot take such images.

    Example:
        >>> info = lartpc_zoo.network_info("resnet14b_wd4", (144, 144, 3))
        >>> info.parameters, round(info.macs / 1e9, 2)
        (508949, 0.04)
    """
    spec, inputs = parse_network(name), inputs or InputSpec()
    shape = _shape(spec, input_shape, data)
    check_images(spec, shape, num_classes, inputs)
    architecture = spec.architecture
    counting, dense = _counted(spec, shape, num_classes), None
    if spec.submanifold and data is not None:
        from lartpc_zoo.models.active_cells import mean_active_cells  # pandas comes with a data set
        from lartpc_zoo.models.site_maker import Pixels

        cells = mean_active_cells(data, Pixels(shape, spec.inputs(inputs), spec.plane))
        counting, dense = _counted(spec, shape, num_classes, cells), counting.totals()
    rows, cols, planes = map(int, shape)
    return NetworkInfo(
        **vars(counting.totals()),
        name=str(spec),
        spec=spec,
        about=families()[spec.family].about,
        input_shape=(rows, cols, planes),
        num_classes=num_classes,
        smallest_side=architecture.smallest_side,
        first_dense=_first_dense(counting.layers),
        dense=dense,
        tokens=spec.meanings,
        table1=study().get(str(spec), False),
        found=architecture.found,
        inferred=architecture.inferred,
        layers=tuple(counting.layers),
    )


def check_images(spec: NetworkSpec, input_shape: tuple[int, ...], num_classes: int, inputs: InputSpec) -> None:
    """Raise BadInput where a network cannot take images (rows, cols, planes) with such inputs and classes."""
    smallest = spec.architecture.smallest_side
    whole = len(input_shape) == 3 and all(isinstance(side, numbers.Integral) for side in input_shape)
    if not whole or min(input_shape[:2]) < smallest or input_shape[2] < 1:
        raise BadInput(
            f"{spec}: input shape {tuple(input_shape)}, expected whole numbers (rows, cols, planes) with rows and "
            f"cols of {smallest} or more."
        )
    planes = input_shape[2]
    if isinstance(spec.planes, int) and spec.planes >= planes:
        raise BadInput(f"{spec} looks at plane {spec.planes}, but the images have planes 0 to {planes - 1}.")
    if spec.planes == TOWERS and planes < 2:
        raise BadInput(f"{spec}: towers need two or more planes, the images have {planes}.")
    for field in ("threshold", "maximum"):
        value = getattr(inputs, field)
        if isinstance(value, tuple) and len(value) != planes:
            raise BadInput(f"Input {field} {list(value)}: expected one number, or one for each of {planes} planes.")
    if num_classes < 2:
        raise BadInput(f"{num_classes} classes: expected two or more.")


def natural_order(name: str) -> list[int | str]:
    """Key to sort names by, with numbers as such."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


def _shape(
    spec: NetworkSpec, input_shape: tuple[int, int, int] | None, data: "Dataset | str | Path | None"
) -> tuple[int, int, int]:
    """The shape of the images: as it is given, of the data, or of the study."""
    if data is None:
        return input_shape or INPUT_SHAPE
    import data_tools

    dataset = data_tools.open_dataset(data) if isinstance(data, str | Path) else data
    if input_shape not in (None, dataset.image_shape):
        raise BadInput(
            f"{spec}: input shape {input_shape}, but the images of {dataset.directory} are {dataset.image_shape}."
        )
    return dataset.image_shape


def _counted(
    spec: NetworkSpec, shape: tuple[int, int, int], num_classes: int, cells: Callable[[Level], float] = all_cells
) -> Counting:
    counting = Counting(cells, spec.submanifold)
    build(spec, counting.image(shape), InputSpec(), num_classes, counting)
    return counting


def _first_dense(layers: list[LayerCosts]) -> int | None:
    """Parameters of the dense layer after the flattened image, or None."""
    flattened = next((number for number, layer in enumerate(layers) if layer.kind == "Flatten"), None)
    if flattened is None:
        return None
    return next(layer.parameters for layer in layers[flattened:] if layer.kind == "Dense")
