"""Scores of trained networks: `evaluate`, `classify`."""

import click

from data_tools.cli.command import clean_errors
from lartpc_zoo.cli import options
from lartpc_zoo.metrics.formats import CSV, FORMATS


@click.command()
@click.argument("network", metavar="RUN|NAME|CARD", type=click.Path())
@click.option("--data", required=True, help="Converted data set, or a LArCV file, pattern or URL.")
@click.option(
    "--sample", help="Sample to score; for LArCV files, a name for all their events.  [default: testB, or input]"
)
@click.option(
    "--output", type=click.Path(file_okay=False), help="Directory to write to.  [default: RUN/evaluations/SAMPLE-DATA]"
)
@click.option("--format", "format_", default=CSV, type=click.Choice(FORMATS), help="Format of the predictions.")
@options.source
@clean_errors
def evaluate(network: str, data: str, sample: str | None, output: str | None, format_: str, source: str | None) -> None:
    """Score a sample with a trained network.

    Writes predictions, Table 1 and the confusion matrix. The network is a finished RUN, the NAME of a pretrained
    network, or the path of a CARD. A run keeps a record of every scoring in its scorings.jsonl.
    """
    from lartpc_zoo.cli import checks
    from lartpc_zoo.pretrained.catalogue import check_trained

    check_trained(network)
    checks.scored([data], sample)

    from lartpc_zoo.backend.quiet import load_backend

    load_backend("lartpc_zoo.zoo")
    from lartpc_zoo import zoo
    from lartpc_zoo.cli.text.runs import evaluation_text

    click.echo(evaluation_text(zoo.evaluate(network, data, sample, output, format_, source)))


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--network",
    "networks",
    required=True,
    multiple=True,
    metavar="NAME|RUN|CARD",
    help="Pretrained network, finished run, or path of a card. Repeatable: the scores are averaged.",
)
@click.option(
    "--output", type=click.Path(dir_okay=False), help="File to write all scores to: csv, csv.gz, parquet or root."
)
@options.source
@clean_errors
def classify(files: tuple[str, ...], networks: tuple[str, ...], output: str | None, source: str | None) -> None:
    """Score every event of LArCV files or of a data set.

    The first and the last events are shown; --output writes the scores of all of them, one row per event.
    """
    from lartpc_zoo.cli import checks
    from lartpc_zoo.pretrained.catalogue import check_trained

    for network in networks:
        check_trained(network)
    if output:
        checks.new_file(output)
    checks.scored(files)

    from lartpc_zoo.backend.quiet import load_backend

    load_backend("lartpc_zoo.zoo")
    from pathlib import Path

    from lartpc_zoo import zoo
    from lartpc_zoo.cli.text.runs import scores_text
    from lartpc_zoo.metrics.formats import format_of
    from lartpc_zoo.metrics.predictions import check_format, write_predictions

    if output:
        check_format(format_of(output))
    scores = zoo.classify(files[0] if len(files) == 1 else list(files), networks, source)
    click.echo(scores_text(scores))
    if output:
        write_predictions(Path(output), scores, format_of(output))
        click.echo(f"{len(scores):,} events: {output}")
