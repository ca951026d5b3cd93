"""Options that several commands have, and their texts as values."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from data_tools.errors import BadOption
from lartpc_zoo.errors import BadInput
from lartpc_zoo.models.catalogue import CLASSES, INPUT_SHAPE
from lartpc_zoo.pretrained.defaults import RECOMMENDED
from lartpc_zoo.reporting.costs import COST, COSTS, MARGIN

F = TypeVar("F", bound=Callable[..., Any])
Option = Callable[[F], F]

SHAPE = "ROWS,COLS,PLANES"
MEASURED = tuple(name for name, cost in COSTS.items() if cost.measured)


def shown(numbers: tuple[int, ...]) -> str:
    """Numbers as an option takes them, with commas."""
    return ",".join(map(str, numbers))


def directory(name: str, help: str, required: bool = True) -> Option:
    """An option that takes a directory, which need not exist."""
    return click.option(name, required=required, type=click.Path(file_okay=False), help=help)


def runs(function: F) -> F:
    """Arguments RUN..., one directory or more."""
    argument = click.argument(
        "runs", nargs=-1, required=True, metavar="RUN...", type=click.Path(exists=True, file_okay=False)
    )
    return argument(function)


STUDY = shown(INPUT_SHAPE)
shape: Option = click.option("--input-shape", default=STUDY, metavar=SHAPE, help="Shape of the images.")
classes: Option = click.option("--classes", default=CLASSES, type=click.IntRange(2), help="Number of classes.")
source: Option = click.option(
    "--source", help="Where the weights of a pretrained network are: a directory, a file or an http address."
)
networks: Option = click.option(
    "--network",
    "networks",
    default=[RECOMMENDED],
    multiple=True,
    metavar="NAME|RUN|CARD",
    help="Pretrained network, finished run, or path of a card. Repeatable: the scores are averaged.",
)
fit: Option = click.option(
    "--fit",
    is_flag=True,
    help="Pad LArCV images of another size than the network's, or cut the window around the activity.",
)
devices: Option = click.option(
    "--device",
    "devices",
    multiple=True,
    help="Device to train on, as in GPU:0; repeatable.  [default: all GPUs, else the CPU]",
)
margin: Option = click.option(
    "--margin",
    default=MARGIN,
    type=click.FloatRange(0, 100, min_open=True, max_open=True),
    help="Difference in accuracy, in percentage points, below which networks are functionally equivalent.",
)
cost: Option = click.option(
    "--cost",
    default=COST,
    type=click.Choice(list(COSTS)),
    help=f"What accuracy is weighed against; {', '.join(MEASURED)} need a profile.",
)


def parse_shape(text: str) -> tuple[int, int, int]:
    """(rows, cols, planes). Raises BadInput."""
    try:
        rows, cols, planes = (int(part) for part in text.split(","))
    except ValueError as error:
        raise BadInput(f"Input shape {text!r}: expected {SHAPE}, as in {shown(INPUT_SHAPE)}.") from error
    return rows, cols, planes


def parse_sizes(text: str) -> list[int]:
    """Batch sizes. Raises BadOption."""
    try:
        return [int(part) for part in text.split(",")]
    except ValueError as error:
        raise BadOption(f"--batch-sizes {text!r}: expected whole numbers with commas, as in 1,2,4,8.") from error
