"""`lartpc-zoo`: list, describe and export networks, train and evaluate them, look at data."""

import click

from data_tools.command import clean_errors


@click.group(context_settings={"show_default": True})
@click.version_option(package_name="lartpc-zoo")
def main():
    """Networks that tell particles apart in LArTPC wire-plane images."""


_SHAPE = click.option("--input-shape", default="576,576,3", metavar="ROWS,COLS,PLANES", help="Shape of the images.")
_CLASSES = click.option("--classes", default=5, type=click.IntRange(2), help="Number of classes.")


@main.command("list")
@click.argument("pattern", default="*")
@_SHAPE
@clean_errors
def list_networks(pattern, input_shape):
    """The study's networks whose names match PATTERN, as in 'resnet*', with what they cost."""
    from lartpc_zoo.errors import UnknownNetwork
    from lartpc_zoo.models.registry import list_models, network_info
    from lartpc_zoo.models.spec import parse
    from lartpc_zoo.network_text import networks_text

    if not (names := list_models(pattern)):
        raise UnknownNetwork(
            f"No network of the study matches {pattern!r}; `lartpc-zoo list` shows all. Names with tokens, as in "
            "resnet14b_wd4, are not in the list: `lartpc-zoo info NAME` says what they cost."
        )
    shape = _parse_shape(input_shape)
    sides = {name: parse(name).architecture.smallest_side for name in names}
    fitting = [name for name in names if min(shape[:2]) >= sides[name]] or [min(names, key=sides.get)]
    too_large = {name: sides[name] for name in names if name not in fitting}
    click.echo(networks_text([network_info(name, shape) for name in fitting], too_large))


@main.command()
@click.argument("name")
@_SHAPE
@_CLASSES
@click.option("--plot", type=click.Path(dir_okay=False), metavar="FILE", help="Draw it too, as PNG or PDF.")
@clean_errors
def info(name, input_shape, classes, plot):
    """Costs, provenance and layers of the network NAME."""
    from pathlib import Path

    from lartpc_zoo.errors import BadInput
    from lartpc_zoo.models.registry import network_info
    from lartpc_zoo.network_text import info_text

    if plot and Path(plot).suffix not in (".png", ".pdf"):
        raise BadInput(f"--plot {plot}: expected a file that ends in .png or .pdf.")
    about = network_info(name, _parse_shape(input_shape), classes)
    click.echo(info_text(about))
    if plot:
        from lartpc_zoo.evaluation.network_figure import draw_network

        draw_network(about, Path(plot))
        click.echo(f"Drawn in {plot}")


@main.command("export")
@click.argument("network_or_run", metavar="NAME|RUN")
@click.option("--format", "format_", default="onnx", type=click.Choice(["onnx", "saved_model"]), help="What to write.")
@click.option("--output", type=click.Path(), help="File or directory.  [default: NAME.onnx or NAME-saved_model]")
@click.option("--input-shape", metavar="ROWS,COLS,PLANES", help="Shape of the images; needed with NAME.")
@click.option("--classes", type=click.IntRange(2), help="Number of classes, with NAME.  [default: 5]")
@clean_errors
def export_network(network_or_run, format_, output, input_shape, classes):
    """Write a network for use outside Python, checked against the model.

    RUN is the directory of a finished run; NAME is a network with random weights.
    """
    from pathlib import Path

    from lartpc_zoo.exporting import export

    endings = {"onnx": ".onnx", "saved_model": "-saved_model"}
    output = output or f"{Path(network_or_run).resolve().name}{endings[format_]}"
    shape = _parse_shape(input_shape) if input_shape else None
    difference = export(network_or_run, output, format_, shape, classes)
    click.echo(f"{output}: logits differ from the model's by {difference:.1g} at most")
    if not Path(network_or_run).is_dir():
        click.echo("Its weights are random: only a run has trained ones.")


@main.command()
@click.argument("network")
@click.option(
    "--data",
    required=True,
    type=click.Path(),
    help="Converted data set, or its file of hits, with samples train, testA, testB.",
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
@click.option("--data", required=True, type=click.Path(), help="Converted data set, or its file of hits.")
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


def _parse_shape(text):
    from lartpc_zoo.errors import BadInput

    try:
        rows, cols, planes = (int(part) for part in text.split(","))
    except ValueError as error:
        raise BadInput(f"Input shape {text!r}: expected ROWS,COLS,PLANES, as in 576,576,3.") from error
    return rows, cols, planes
