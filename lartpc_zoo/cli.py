"""`lartpc-zoo`: list and describe networks, train and evaluate them, look at data."""

import click

from data_tools.command import clean_errors


@click.group(context_settings={"show_default": True})
@click.version_option(package_name="lartpc-zoo")
def main():
    """Networks that tell particles apart in LArTPC wire-plane images."""


@main.command("list")
@click.argument("pattern", default="*")
@clean_errors
def list_networks(pattern):
    """The study's networks whose names match PATTERN, as in 'resnet*'."""
    from rich.console import Console
    from rich.table import Table

    from lartpc_zoo.errors import UnknownNetwork
    from lartpc_zoo.models.registry import list_models, network_info

    if not (names := list_models(pattern)):
        raise UnknownNetwork(f"No network of the study matches {pattern!r}; `lartpc-zoo list` shows all.")
    table = Table(title="Networks of the study (costs at 576 x 576 x 3, five classes)")
    for column in ("name", "parameters", "multiply-adds", "weights", "Table 1"):
        table.add_column(column, justify="left" if column == "name" else "right")
    for name in names:
        info = network_info(name)
        table.add_row(name, *_costs(info), "yes" if info["table1"] else "")
    Console().print(table)


@main.command()
@click.argument("name")
@click.option("--input-shape", default="576,576,3", metavar="ROWS,COLS,PLANES", help="Shape of the images.")
@click.option("--classes", default=5, type=click.IntRange(2), help="Number of classes.")
@clean_errors
def info(name, input_shape, classes):
    """Size, cost and provenance of the network NAME."""
    from lartpc_zoo.models.registry import network_info

    about = network_info(name, _parse_shape(input_shape), classes)
    parameters, macs, weights = _costs(about)
    click.echo(f"{about['name']}: {about['about']}")
    click.echo(f"at {' x '.join(map(str, about['input_shape']))}, {classes} classes:")
    click.echo(f"  parameters     {about['parameters']:,} ({parameters}), {weights} in float32")
    click.echo(f"  multiply-adds  {macs} per image (convolutions and dense layers)")
    for key, title in (("found", "found in the study's sources"), ("inferred", "inferred")):
        click.echo(f"{title}:")
        for line in about[key]:
            click.echo(f"  - {line}")


@main.command()
@click.argument("network")
@click.option(
    "--data", required=True, type=click.Path(), help="Converted data set with samples train, testA and testB."
)
@click.option("--output", required=True, type=click.Path(file_okay=False), help="Run directory to make or to continue.")
@click.option("--recipe", default="paper", help="A name in zoo_configs/recipes, or a YAML file.")
@click.option(
    "--seed", default=0, type=click.IntRange(0, 2**32 - 1), help="Seed of initial weights, order and augmentation."
)
@click.option(
    "--device", "devices", multiple=True, help="Device, as in GPU:0; repeatable.  [default: all GPUs, else the CPU]"
)
@click.option("--deterministic", is_flag=True, help="Bit-for-bit reproducible operations, slower.")
@clean_errors
def train(network, data, output, recipe, seed, devices, deterministic):
    """Train NETWORK under the study's protocol.

    It ends with testB, reported once. Started again, it continues.
    """
    from lartpc_zoo.procedure import train

    run = train(network, data, output, recipe, seed, devices or None, deterministic)
    click.echo(run.table1_markdown())
    click.echo(f"{run.results['status']} after {run.results['epochs']:.1f} epochs; everything is in {run.directory}")


@main.command()
@click.argument("run", type=click.Path())
@click.option("--data", required=True, type=click.Path(), help="Converted data set.")
@click.option("--sample", default="testB", help="Sample to score.")
@click.option(
    "--output", type=click.Path(file_okay=False), help="Where to write.  [default: RUN/evaluations/SAMPLE-DATA]"
)
@clean_errors
def evaluate(run, data, sample, output):
    """Score a sample with the weights of RUN.

    The scoring is logged in its results.json.
    """
    from lartpc_zoo.procedure import evaluate

    table, directory = evaluate(run, data, sample, output)
    click.echo(table)
    click.echo(f"Predictions, Table 1 and confusion matrix are in {directory}")


@main.command()
@click.argument("path", metavar="FILE|DIR")
@click.option("--sample", help="Sample of a data set.  [default: all of them]")
@clean_errors
def inspect(path, sample):
    """What is in a LArCV file or a data set: classes, hits, ADC, momenta, defects."""
    from pathlib import Path

    from data_tools.dataset import open_dataset
    from data_tools.inspection import open_events, summarize
    from data_tools.location import is_url
    from data_tools.progress import bar
    from lartpc_zoo.inspect_text import dataset_text, summary_text

    samples = [sample]
    if not is_url(path) and Path(path).is_dir():
        data = open_dataset(path)
        click.echo(dataset_text(data))
        samples = [sample] if sample else data.samples
    for name in samples:
        events = open_events(path, name)
        with bar("Reading events", events.size) as advance:
            summary = summarize(events, advance)
        click.echo(summary_text(summary))


@main.command()
@click.argument("path", metavar="FILE|DIR")
@click.option("--event", type=click.IntRange(0), help="Draw this event: entry of a file, place in a sample.")
@click.option("--species", is_flag=True, help="Draw one event of every class, of medium momentum, in one plane.")
@click.option("--contact-sheet", metavar="CLASS", help="Draw the first events of a class, in one plane.")
@click.option("--sample", help="Sample of a data set.  [default: the first]")
@click.option("--plane", default=2, help="Plane id of --species and --contact-sheet (Y, the collection plane, is 2).")
@click.option(
    "--output", type=click.Path(dir_okay=False), help="PNG or PDF file.  [default: named after what it shows]"
)
@clean_errors
def display(path, event, species, contact_sheet, sample, plane, output):
    """Draw events of a LArCV file or a data set, zoomed on the activity."""
    from lartpc_zoo.display import draw

    if sum((event is not None, species, contact_sheet is not None)) != 1:
        raise click.UsageError("Expected one of --event N, --species, --contact-sheet CLASS.")
    click.echo(draw(path, event, species, contact_sheet, sample, plane, output))


def _costs(info):
    """Parameters, multiply-adds and weights as short texts."""
    return f"{info['parameters'] / 1e6:.1f} M", f"{info['macs'] / 1e9:.1f} G", f"{info['weights_mb']:,.0f} MB"


def _parse_shape(text):
    from lartpc_zoo.errors import BadInput

    try:
        rows, cols, planes = (int(part) for part in text.split(","))
    except ValueError as error:
        raise BadInput(f"Input shape {text!r}: expected ROWS,COLS,PLANES, as in 576,576,3.") from error
    return rows, cols, planes
