"""`lartpc-zoo`: list, describe and export networks, train and evaluate them, look at data."""

import click

from data_tools.cli.command import clean_errors


@click.group(context_settings={"show_default": True})
@click.version_option(package_name="lartpc-zoo")
def main():
    """Networks that tell particles apart in LArTPC wire-plane images."""


_SHAPE = click.option("--input-shape", default="576,576,3", metavar="ROWS,COLS,PLANES", help="Shape of the images.")
_MARGIN = click.option(
    "--margin",
    default=1.0,
    type=click.FloatRange(0, 100, min_open=True, max_open=True),
    help="Difference in accuracy, in percentage points, below which networks are functionally equivalent.",
)
COUNTED, MEASURED = ("macs", "parameters", "activations"), ("forward", "forward_backward", "peak_memory")
"""Names of costs, those of lartpc_zoo.reporting, which is too heavy to import for --help."""
_COST = click.option(
    "--cost",
    default="macs",
    type=click.Choice([*COUNTED, *MEASURED]),
    help=f"What accuracy is weighed against; {', '.join(MEASURED)} need a profile.",
)
_CLASSES = click.option("--classes", default=5, type=click.IntRange(2), help="Number of classes.")


@main.command("list")
@click.argument("pattern", default="*")
@_SHAPE
@click.option("--pretrained", is_flag=True, help="Published networks instead, the most accurate first.")
@clean_errors
def list_networks(pattern, input_shape, pretrained):
    """The study's networks whose names match PATTERN, as in 'resnet*', with what they cost."""
    if pretrained:
        from lartpc_zoo.cli.cards import league_text
        from lartpc_zoo.pretrained.catalogue import cards

        click.echo(league_text(cards(pattern)))
        return
    from lartpc_zoo.cli.networks import networks_text
    from lartpc_zoo.errors import UnknownNetwork
    from lartpc_zoo.models.catalogue import list_models, network_info
    from lartpc_zoo.models.spec import parse_network

    if not (names := list_models(pattern)):
        raise UnknownNetwork(
            f"No network of the study matches {pattern!r}; `lartpc-zoo list` shows all. Names with tokens, as in "
            "resnet14b_wd4, are not in the list: `lartpc-zoo info NAME` says what they cost."
        )
    shape = _parse_shape(input_shape)
    sides = {name: parse_network(name).architecture.smallest_side for name in names}
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

    from lartpc_zoo.cli.networks import info_text
    from lartpc_zoo.errors import BadInput
    from lartpc_zoo.models.catalogue import network_info

    if plot and Path(plot).suffix not in (".png", ".pdf"):
        raise BadInput(f"--plot {plot}: expected a file that ends in .png or .pdf.")
    about = network_info(name, _parse_shape(input_shape), classes)
    click.echo(info_text(about))
    if plot:
        from lartpc_zoo.plots.network import draw_network

        draw_network(about, Path(plot))
        click.echo(f"Drawn in {plot}")


@main.command("card")
@click.argument("name")
@clean_errors
def show_card(name):
    """What the pretrained network NAME was trained on, how, and how well; NAME may be the path of a card."""
    from lartpc_zoo.cli.cards import card_text
    from lartpc_zoo.pretrained.catalogue import card

    click.echo(card_text(card(name)))


@main.command()
@click.argument("run", type=click.Path(file_okay=False))
@click.option("--output", required=True, type=click.Path(file_okay=False), help="Directory of card and weights.")
@click.option("--demo", required=True, help="LArCV file whose first 20 events are scored for the card.")
@click.option("--licence", required=True, help="Of the weights, as in MIT.")
@click.option("--limits", required=True, help="What must be said of the training's data wherever results are shown.")
@click.option("--name", help="Of the card.  [default: the network's]")
@click.option("--weights/--no-weights", default=True, help="Publish the weights, or the card only.")
@clean_errors
def publish(run, output, demo, licence, limits, name, weights):
    """Make card and weights of a finished RUN, for `load_pretrained`."""
    from lartpc_zoo.pretrained.publishing import publish

    _, path = publish(run, output, demo, licence, limits, name, weights)
    click.echo(
        f"{path}: " + (f"lartpc_zoo.load_pretrained({str(path)!r}) loads it." if weights else "without weights.")
    )


@main.command()
@click.argument("runs", nargs=-1, required=True, metavar="RUN...", type=click.Path(file_okay=False))
@click.option("--output", required=True, type=click.Path(file_okay=False), help="Directory of the archive.")
@clean_errors
def archive(runs, output):
    """Keep finished RUNs in little space, as OUTPUT/RUN: all that `report` needs, without the weights."""
    from lartpc_zoo.pretrained.archiving import archive

    for directory in archive(runs, output):
        click.echo(str(directory))


@main.command("export")
@click.argument("what", metavar="NAME|RUN|CARD")
@click.option("--format", "format_", default="onnx", type=click.Choice(["onnx", "saved_model"]), help="What to write.")
@click.option("--output", type=click.Path(), help="File or directory.  [default: NAME.onnx or NAME-saved_model]")
@click.option("--input-shape", metavar="ROWS,COLS,PLANES", help="Shape of the images; needed with NAME.")
@click.option("--classes", type=click.IntRange(2), help="Number of classes, with NAME.  [default: 5]")
@click.option("--pretrained", is_flag=True, help="NAME is a pretrained network.")
@click.option("--source", help="With --pretrained, where its weights are: a directory, a file or an http address.")
@clean_errors
def export_network(what, format_, output, input_shape, classes, pretrained, source):
    """Write a network for use outside Python, checked against the model.

    RUN is the directory of a finished run, CARD the card of a pretrained network; NAME is a network with random
    weights, or with --pretrained one of the zoo's trained ones.
    """
    from pathlib import Path

    from lartpc_zoo.pretrained.loading import open_pretrained
    from lartpc_zoo.zoo import export

    endings = {"onnx": ".onnx", "saved_model": "-saved_model"}
    output = output or f"{Path(what).resolve().name.removesuffix('.card.yaml')}{endings[format_]}"
    shape = _parse_shape(input_shape) if input_shape else None
    network = open_pretrained(what, source) if pretrained else what
    difference = export(network, output, format_, shape, classes)
    click.echo(f"{output}: logits differ from the model's by {difference:.1g} at most")
    if Path(what).name == what and not (pretrained or Path(what).is_dir()):
        click.echo("Its weights are random: --pretrained, a run or a card has trained ones.")


@main.command()
@click.argument("network")
@click.option(
    "--data",
    required=True,
    type=click.Path(),
    help="Converted data set with samples train, testA, testB.",
)
@click.option("--output", required=True, type=click.Path(file_okay=False), help="Run directory to make or to continue.")
@click.option("--recipe", default="zoo", help="A name in zoo_configs/recipes, or a YAML file.")
@click.option(
    "--seed", default=0, type=click.IntRange(0, 2**32 - 1), help="Seed of initial weights, order and augmentation."
)
@click.option(
    "--device", "devices", multiple=True, help="Device, as in GPU:0; repeatable.  [default: all GPUs, else the CPU]"
)
@click.option("--deterministic", is_flag=True, help="Bit-for-bit reproducible operations, slower.")
@click.option("--tensorboard", is_flag=True, help="Write the curves for TensorBoard too, to OUTPUT/tensorboard.")
@clean_errors
def train(network, data, output, recipe, seed, devices, deterministic, tensorboard):
    """Train NETWORK under the study's protocol.

    It ends with testB, reported once. Started again, it continues.
    """
    import signal

    from lartpc_zoo.cli.runs import interrupted_text
    from lartpc_zoo.training.sentences import ended_text
    from lartpc_zoo.training.train import train

    # Batch systems end a job with SIGTERM: as with Ctrl-C, what is complete stays, and how to go on is said.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        run = train(network, data, output, recipe, seed, devices or None, deterministic, tensorboard)
    except KeyboardInterrupt as error:
        raise click.ClickException(interrupted_text(output)) from error
    click.echo(run.table1_markdown())
    click.echo(f"{ended_text(run.results)} Everything is in {run.directory}")


@main.command()
@click.argument("run", metavar="RUN|NAME", type=click.Path())
@click.option("--data", required=True, help="Converted data set, or a LArCV file, pattern or URL.")
@click.option("--sample", help="Sample to score; of LArCV files what all events are called.  [default: testB; input]")
@click.option(
    "--output", type=click.Path(file_okay=False), help="Where to write.  [default: RUN/evaluations/SAMPLE-DATA]"
)
@click.option(
    "--format",
    "format_",
    default="csv.gz",
    type=click.Choice(["csv.gz", "parquet", "root"]),
    help="Of the table of predictions.",
)
@click.option("--source", help="Where the weights of NAME are: a directory, a file or an http address.")
@clean_errors
def evaluate(run, data, sample, output, format_, source):
    """Score a sample with the weights of RUN, or of the pretrained network NAME.

    The scoring is logged in the results.json of RUN.
    """
    from lartpc_zoo.cli.runs import evaluation_text
    from lartpc_zoo.zoo import evaluate

    click.echo(evaluation_text(evaluate(run, data, sample, output, format_, source)))


@main.command()
@click.argument("study", metavar="STUDY")
@click.option("--data", required=True, type=click.Path(), help="Converted data set.")
@click.option("--output", required=True, type=click.Path(file_okay=False), help="Directory of the runs and the report.")
@click.option("--list", "only_list", is_flag=True, help="Only list the trainings, numbered, and how far they are.")
@click.option("--job", type=int, help="Train only this one, and make no report: one job of a Slurm array.")
@click.option("--device", "devices", multiple=True, help="As in `train`.")
@click.option("--profile/--no-profile", default=True, help="Measure Table 2 after the trainings.")
@_MARGIN
@_COST
@clean_errors
def study(study, data, output, only_list, job, devices, profile, margin, cost):
    """Train the networks x recipes x seeds of STUDY, then report.

    STUDY is a name in zoo_configs/studies or a YAML file. Started again, it goes on with what is not finished.
    """
    import signal

    from lartpc_zoo.cli.runs import state_text
    from lartpc_zoo.reporting.study import report_study
    from lartpc_zoo.training.study import load_study, run_study, runs_of

    if cost in MEASURED and not profile:
        raise click.UsageError(f"--cost {cost} is measured by the profile, which --no-profile leaves out.")
    loaded = load_study(study)
    if only_list:
        for number, (one, run) in enumerate(zip(loaded.jobs, runs_of(loaded, output))):
            click.echo(f"{number:3d}  {one.directory}  {state_text(run)}")
        return
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    runs = run_study(loaded, data, output, job, devices)
    if job is None:
        _echo_report(report_study(loaded, runs, data, output, margin, cost, profile))


@main.command()
@click.argument("runs", nargs=-1, required=True, metavar="RUN...", type=click.Path(file_okay=False))
@click.option("--output", required=True, type=click.Path(file_okay=False), help="Directory of the report.")
@click.option("--data", type=click.Path(), help="Data set of the trainings, for figures 1 and 2.")
@click.option("--profile", type=click.Path(), help="Directory or profile.json that `profile` made, for Table 2.")
@_MARGIN
@_COST
@clean_errors
def report(runs, output, data, profile, margin, cost):
    """Report on one finished RUN, or compare several that have scored the same testB.

    Several runs of one network are its trainings with different seeds.
    """
    from lartpc_zoo.reporting.report import report

    _echo_report(report(runs, output, data, profile, margin, cost))


@main.command()
@click.argument("path", metavar="FILE|DIR")
@click.option("--sample", help="Sample of a data set.  [default: all of them]")
@clean_errors
def inspect(path, sample):
    """What is in a LArCV file or a data set: classes, hits, ADC, momenta, defects."""
    from pathlib import Path

    from data_tools.inspection import open_events, summarize
    from data_tools.location import is_url
    from data_tools.progress import bar
    from data_tools.tfrecords.dataset import open_dataset
    from lartpc_zoo.cli.data import dataset_text, summary_text

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
    from lartpc_zoo.plots.display import draw

    if sum((event is not None, species, contact_sheet is not None)) != 1:
        raise click.UsageError("Expected one of --event N, --species, --contact-sheet CLASS.")
    click.echo(draw(path, event, species, contact_sheet, sample, plane, output))


@main.command()
@click.argument("networks", nargs=-1, required=True, metavar="NAME...")
@click.option("--data", type=click.Path(), help="Converted data set; reading it is measured too.")
@click.option("--input-shape", metavar="ROWS,COLS,PLANES", help="Shape of images.  [default: of --data, or 576,576,3]")
@click.option("--classes", type=click.IntRange(2), help="Number of classes.  [default: of --data, or 5]")
@click.option("--batch-sizes", default="1,2,3,4,5,6,8,12,16", metavar="N,N,...", help="Three or more.")
@click.option("--rounds", default=5, type=click.IntRange(1), help="Measurements of each batch size; the median counts.")
@click.option("--dtype", default="float32", help="float32, mixed_bfloat16, or auto: what the machine is fast at.")
@click.option("--output", default="profile", type=click.Path(file_okay=False), help="Directory of table and figure.")
@clean_errors
def profile(networks, data, input_shape, classes, batch_sizes, rounds, dtype, output):
    """Measure memory and times of the networks NAME..., per image and fixed: the paper's Table 2.

    Without --data the images are random, and nothing is said about reading. Best on a machine that does nothing else.
    """
    from lartpc_zoo.profiling.profile import profile
    from lartpc_zoo.profiling.table import table2, table2_fixed

    shape = _parse_shape(input_shape) if input_shape else None
    content = profile(networks, data, shape, classes, _parse_sizes(batch_sizes), rounds, dtype, output)
    click.echo(table2(content).markdown())
    click.echo(table2_fixed(content).markdown())
    click.echo(f"profile.json, tables and figures are in {output}")


def _echo_report(report):
    for sentence in report.sentences:
        click.echo(f"- {sentence}")
    click.echo(f"Tables, figures and the page are in {report.page.parent}; open {report.page}")


def _parse_shape(text):
    from lartpc_zoo.errors import BadInput

    try:
        rows, cols, planes = (int(part) for part in text.split(","))
    except ValueError as error:
        raise BadInput(f"Input shape {text!r}: expected ROWS,COLS,PLANES, as in 576,576,3.") from error
    return rows, cols, planes


def _parse_sizes(text):
    from data_tools.errors import BadOption

    try:
        return [int(part) for part in text.split(",")]
    except ValueError as error:
        raise BadOption(f"--batch-sizes {text!r}: expected whole numbers with commas, as in 1,2,4,8.") from error
