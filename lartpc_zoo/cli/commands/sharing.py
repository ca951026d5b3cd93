"""What others can use: `export`, `publish`, `archive`."""

import click

from data_tools.cli.command import clean_errors
from lartpc_zoo.cli import options
from lartpc_zoo.pretrained.formats import FORMATS, ONNX, SAVED_MODEL

_ENDINGS = {ONNX: ".onnx", SAVED_MODEL: "-saved_model"}


@click.command()
@click.argument("what", metavar="NAME|RUN|CARD")
@click.option("--format", "format_", default=ONNX, type=click.Choice(FORMATS), help="Format to write.")
@click.option(
    "--output",
    type=click.Path(),
    help=f"File or directory.  [default: {' or '.join(f'NAME{ending}' for ending in _ENDINGS.values())}]",
)
@click.option("--input-shape", metavar=options.SHAPE, help="Shape of the images; needed with NAME.")
@click.option("--classes", type=click.IntRange(2), help=f"Number of classes, with NAME.  [default: {options.CLASSES}]")
@click.option("--pretrained", is_flag=True, help="NAME is a pretrained network.")
@options.source
@clean_errors
def export(
    what: str,
    format_: str,
    output: str | None,
    input_shape: str | None,
    classes: int | None,
    pretrained: bool,
    source: str | None,
) -> None:
    """Write a network for use outside Python.

    What is written is checked against the model. RUN is the directory of a finished run, CARD the card of a
    pretrained network; NAME is a network with random weights, or with --pretrained one of the zoo's trained ones.
    """
    from pathlib import Path

    shape = options.parse_shape(input_shape) if input_shape else None
    output = output or f"{Path(what).resolve().name.removesuffix('.card.yaml')}{_ENDINGS[format_]}"

    from lartpc_zoo.backend.quiet import load_backend

    load_backend("lartpc_zoo.zoo")
    from lartpc_zoo import zoo
    from lartpc_zoo.pretrained.loading import open_pretrained

    network = open_pretrained(what, source) if pretrained else what
    difference = zoo.export(network, output, format_, shape, classes)
    click.echo(f"{output}: logits differ from the model's by {difference:.1g} at most")
    if Path(what).name == what and not (pretrained or Path(what).is_dir()):
        click.echo("Its weights are random: --pretrained, a run or a card has trained ones.")


@click.command()
@click.argument("run", type=click.Path(exists=True, file_okay=False))
@options.directory("--output", "Directory for card and weights.")
@click.option("--demo", required=True, help="LArCV file whose first 20 events are scored for the card.")
@click.option("--licence", required=True, help="Licence of the weights, as in MIT.")
@click.option("--limits", required=True, help="What must be said of the training data wherever results are shown.")
@click.option("--name", help="Name of the card.  [default: the network's]")
@click.option("--weights/--no-weights", default=True, help="Publish the weights, or only the card.")
@clean_errors
def publish(run: str, output: str, demo: str, licence: str, limits: str, name: str | None, weights: bool) -> None:
    """Publish a finished run as card and weights.

    `load_pretrained` and `evaluate` take the card by its path.
    """
    from lartpc_zoo.backend.quiet import load_backend

    load_backend("lartpc_zoo.pretrained.publishing")
    from lartpc_zoo.pretrained import publishing

    _, path = publishing.publish(run, output, demo, licence, limits, name, weights)
    click.echo(
        f"{path}: " + (f"lartpc_zoo.load_pretrained({str(path)!r}) loads it." if weights else "without weights.")
    )


@click.command()
@options.runs
@options.directory("--output", "Directory of the archive.")
@clean_errors
def archive(runs: tuple[str, ...], output: str) -> None:
    """Keep finished runs in little space.

    Each goes to OUTPUT/RUN, with all that `report` needs, but without weights.
    """
    from lartpc_zoo.backend.quiet import load_backend

    load_backend("lartpc_zoo.pretrained.archiving")
    from lartpc_zoo.pretrained import archiving

    for directory in archiving.archive(runs, output):
        click.echo(str(directory))
