"""`lartpc-convert`: LArCV files to a data set of sharded TFRecords."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from data_tools import options as defaults
from data_tools.cli.command import clean_errors
from data_tools.cli.defects import chosen_policies, defect_options
from data_tools.cli.effects import effect_option
from data_tools.defects import DEFECTS, describe
from data_tools.particles import FIVE_PARTICLES

if TYPE_CHECKING:
    from data_tools.tfrecords.dataset import Dataset
    from data_tools.tfrecords.manifest import SourceDescription


_SHARDS = f"{defaults.FEWEST_SHARDS}, or more of {defaults.EVENTS_PER_SHARD:,} events each"


@click.command(context_settings={"show_default": True})
@click.argument("inputs", nargs=-1, metavar="INPUT...")
@click.option("--output", type=click.Path(file_okay=False), help="Directory of the data set to make.")
@click.option(
    "--sample",
    "samples",
    multiple=True,
    metavar="NAME[=N][@GLOB]",
    help="A sample: N events in all, equal per class; without N all that is left; with @GLOB from these inputs only. "
    "Repeatable.",
)
@click.option("--seed", default=defaults.SEED, help="Seed of the random choice and order of events.")
@click.option("--shards", type=int, help=f"Shards per sample.  [default: {_SHARDS}]")
@click.option("--down-sample", default=defaults.DOWN_SAMPLE, help="Sum N x N pixels into one (raises ADC).")
@click.option("--threshold", type=float, help="Drop hits below this ADC, after down-sampling.")
@click.option("--crop", metavar="ROWSxCOLS", help="Keep the window that holds most ADC.")
@click.option("--select", metavar="CONDITION", help="Keep events by truth and hits: 'momentum > 100 and hits_Y >= 20'.")
@click.option(
    "--classes",
    multiple=True,
    metavar="NAME=PDG[,PDG...]",
    help=f"A class, in label order; repeatable.  [default: {', '.join(FIVE_PARTICLES.names)}]",
)
@click.option("--image-producer", help="Producer of the images, where a file holds several.")
@click.option("--particle-producer", help="Producer of the truth, where a file holds several.")
@click.option(
    "--value-dtype",
    default=defaults.VALUE_DTYPE,
    type=click.Choice(defaults.VALUE_DTYPES),
    help="Type in which ADC is stored.",
)
@effect_option
@click.option("--workers", default=defaults.WORKERS, help="Processes on this machine.")
@click.option("--dask", metavar="ADDRESS", help="Scheduler of a dask cluster that does the reading (extra: dask).")
@click.option("--verify", type=click.Path(file_okay=False), help="Only check a data set: every count and every hash.")
@defect_options
@click.version_option(package_name="lartpc-zoo")
@clean_errors
def main(
    inputs: tuple[str, ...], output: str | None, samples: tuple[str, ...], verify: str | None, **options: Any
) -> None:
    """Convert LArCV files (INPUT: files, directories, patterns, URLs) into TFRecords for training.

    Example: lartpc-convert singles_*.root --output DIR --sample train=10000 --sample testA=10000 --sample testB
    """
    if verify is not None:
        _verify(verify, inputs, output, samples)
        return
    if not (inputs and output and samples):
        raise click.UsageError("Expected INPUT..., --output DIR and one --sample or more (or --verify DIR).")
    from data_tools.conversion import convert
    from data_tools.tfrecords.manifest import FILE_NAME

    opened_only = (Path(output) / FILE_NAME).is_file()
    policies = chosen_policies(options)
    _print_summary(convert(inputs, output, samples, on=policies, **options))
    if opened_only:
        click.echo(f"{output} holds this data set already; nothing was converted.")


def _verify(directory: str, *others: object) -> None:
    if any(others):
        raise click.UsageError("--verify DIR stands alone: it converts nothing.")
    from data_tools.tfrecords.verification import find_faults

    faults = find_faults(directory)
    for fault in faults:
        click.echo(fault)
    if faults:
        raise click.ClickException(f"{directory}: {len(faults)} {'fault' if len(faults) == 1 else 'faults'}.")
    click.echo(f"{directory}: every count and every hash is as the manifest says.")


def _print_summary(dataset: "Dataset") -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    console = Console()
    rows, cols, planes = dataset.image_shape
    described = dataset.manifest.samples
    # Samples are columns: there are few of them, and a terminal is narrow.
    click.echo(f"{dataset.directory}: images of {rows} x {cols} x {planes}")
    table = Table("events", box=SIMPLE_HEAD)
    for name in described:
        table.add_column(name, justify="right")
    if any(sample.labelled for sample in described.values()):
        for name in dataset.classes:
            table.add_row(name, *(f"{sample.events_per_class[name]:,}" for sample in described.values()))
    if not all(sample.labelled for sample in described.values()):
        table.add_row("without truth", *(f"{0 if s.labelled else s.events:,}" for s in described.values()))
    table.add_row("all", *(f"{sample.events:,}" for sample in described.values()), end_section=True)
    table.add_row("hits per event", *(f"{sample.hits_per_event.mean:,.0f}" for sample in described.values()))
    table.add_row("most hits", *(f"{sample.hits_per_event.max:,}" for sample in described.values()))
    table.add_row("shards", *(str(len(sample.shards)) for sample in described.values()))
    table.add_row("MB", *(f"{sample.bytes / 1e6:.1f}" for sample in described.values()))
    console.print(table)
    for source in dataset.sources:
        for line in source_lines(source, dataset.manifest.made_with.policies):
            click.echo(line)
    click.echo(f"fingerprint {dataset.fingerprint}")


def source_lines(source: "SourceDescription", policies: dict[str, str]) -> Iterator[str]:
    """What became of a source's entries, line by line."""
    if not source.trees:
        yield f"{source.path}: left out, {DEFECTS['truncated'].found}"
        return
    truth = "" if source.labelled else ", no truth"
    yield (
        f"{source.path}: {source.entries:,} entries{truth}, {source.kept:,} kept"
        + (f", {source.not_asked_for:,} not asked for" if source.not_asked_for else "")
    )
    for what, count in source.rejected.items():
        yield f"  {count:,} left out: {DEFECTS[what].found if what in DEFECTS else what}"
    for name, count in source.noticed.items():
        yield f"  {count:,} with {describe(name, policies[name])}"
