"""Scores of trained networks: `evaluate`, `classify`, `score`."""

import functools
from typing import Any

import click

from data_tools.cli.command import clean_errors
from data_tools.cli.defects import chosen_policies, defect_options
from data_tools.cli.effects import effect_option
from data_tools.defects import UNKNOWN_PDG
from data_tools.options import WORKERS
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
@options.fit
@effect_option
@clean_errors
def evaluate(
    network: str,
    data: str,
    sample: str | None,
    output: str | None,
    format_: str,
    source: str | None,
    fit: bool,
    effect: str | None,
) -> None:
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

    click.echo(evaluation_text(zoo.evaluate(network, data, sample, output, format_, source, fit, effect)))


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@options.networks
@click.option(
    "--output", type=click.Path(dir_okay=False), help="File to write all scores to: csv, csv.gz, parquet or root."
)
@options.source
@options.fit
@effect_option
@clean_errors
def classify(
    files: tuple[str, ...],
    networks: tuple[str, ...],
    output: str | None,
    source: str | None,
    fit: bool,
    effect: str | None,
) -> None:
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
    from lartpc_zoo.metrics.predictions import write_predictions
    from lartpc_zoo.metrics.table_files import check_format

    if output:
        check_format(format_of(output))
    scores = zoo.classify(files[0] if len(files) == 1 else list(files), networks, source, fit, effect)
    click.echo(scores_text(scores))
    if output:
        write_predictions(Path(output), scores, format_of(output))
        click.echo(f"{len(scores):,} events: {output}")


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@options.networks
@options.directory("--output", "Directory of the scores: one file per input, and scores.json.")
@click.option("--format", default=CSV, type=click.Choice(FORMATS), help="Format of the scores.")
@click.option("--sample", help="Sample of the data sets among the inputs.  [default: all of them]")
@click.option("--image-producer", help="Producer of the images, where a file holds several.")
@click.option("--particle-producer", help="Producer of the truth, where a file holds several.")
@options.fit
@effect_option
@click.option("--workers", default=WORKERS, help="Processes on this machine.")
@click.option("--dask", metavar="ADDRESS", help="Scheduler of a dask cluster that does the scoring (extra: dask).")
@options.source
@functools.partial(defect_options, without=UNKNOWN_PDG)
@clean_errors
def score(inputs: tuple[str, ...], networks: tuple[str, ...], output: str, source: str | None, **chosen: Any) -> None:
    """Score any number of files, one output each, in constant memory.

    INPUT: LArCV files, directories, patterns, URLs, @FILE with one of these on every line, or data sets. Interrupted
    and started again, it goes on with what is missing. A file that cannot be read does not stop the others; it is named
    at the end, and the exit code is 1.
    """
    from lartpc_zoo.pretrained.catalogue import check_trained

    for network in networks:
        check_trained(network)

    from lartpc_zoo.backend.quiet import load_backend

    load_backend("lartpc_zoo.zoo")
    from lartpc_zoo import zoo
    from lartpc_zoo.cli.text.runs import scored_text

    policies = chosen_policies(chosen)
    scored = zoo.score_files(inputs, networks, output, source=source, on=policies, **chosen)
    click.echo(scored_text(scored))
    if scored.failed:
        raise click.ClickException(f"{len(scored.failed)} of {len(scored.inputs)} inputs have no scores.")


@click.command()
@click.argument("networks", nargs=-1, required=True, metavar="NAME|RUN|CARD...")
@click.option("--data", required=True, help="Converted data set, or a LArCV file, pattern or URL, with truth.")
@options.directory("--output", "Directory of tables and figure.")
@click.option(
    "--effect",
    "effects",
    multiple=True,
    metavar="NAME",
    help="Name in zoo_configs/effects, or a file; repeatable.  [default: all of the package]",
)
@click.option(
    "--strength",
    "strengths",
    multiple=True,
    type=float,
    help="Above 0, 1 at most; repeatable.  [default: 0.25, 0.5, 1]",
)
@click.option("--sample", help="Sample of a data set.  [default: testA]")
@options.source
@clean_errors
def robustness(
    networks: tuple[str, ...],
    data: str,
    output: str,
    effects: tuple[str, ...],
    strengths: tuple[float, ...],
    sample: str | None,
    source: str | None,
) -> None:
    """Measure accuracy against the strength of effects of a detector.

    Each against the same events without it, for several networks side by side: a table and a figure. Started again, it
    goes on with what is missing.
    """
    from lartpc_zoo.cli import checks
    from lartpc_zoo.pretrained.catalogue import check_trained

    for network in networks:
        check_trained(network)
    checks.scored([data], sample)

    from lartpc_zoo.backend.quiet import load_backend

    load_backend("lartpc_zoo.zoo")
    from lartpc_zoo import zoo
    from lartpc_zoo.evaluation.robustness import STRENGTHS

    found = zoo.robustness(networks, data, output, effects, strengths or STRENGTHS, sample, source)
    click.echo(found.table.markdown())
    click.echo(f"Tables and figure are in {found.directory}")
