"""`lartpc-convert`: LArCV files to a data set of sharded TFRecords."""

import click

from data_tools.command import clean_errors


@click.command(context_settings={"show_default": True})
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option("--output", required=True, type=click.Path(file_okay=False), help="Directory of the data set to make.")
@click.option(
    "--sample",
    "samples",
    multiple=True,
    required=True,
    metavar="NAME[=N][@GLOB]",
    help="A sample: N events in all, equal per class; without N all that is left; with @GLOB from these inputs only. "
    "Repeatable.",
)
@click.option("--seed", default=0, help="Seed of the random choice and order of events.")
@click.option("--shards", type=int, help="Shards per sample.  [default: 8, or 10,000 events each]")
@click.option("--down-sample", default=1, help="Sum N x N pixels into one (raises ADC).")
@click.option("--threshold", type=float, help="Drop hits below this ADC, after down-sampling.")
@click.option(
    "--classes",
    multiple=True,
    metavar="NAME=PDG[,PDG...]",
    help="A class, in label order; repeatable.  [default: electron, gamma, muon, pion, proton]",
)
@click.option("--image-producer", help="Producer of the images, where a file holds several.")
@click.option("--particle-producer", help="Producer of the truth, where a file holds several.")
@click.option("--skip-unknown", is_flag=True, help="Leave out events of other PDG codes instead of stopping.")
@click.option("--value-dtype", default="float32", type=click.Choice(["float32", "float16"]), help="Stored ADC.")
@click.version_option(package_name="lartpc-zoo")
@clean_errors
def main(inputs, output, samples, **options):
    """Convert LArCV files (INPUT: files, directories, patterns) into TFRecords for training.

    Example: lartpc-convert singles_*.root --output DIR --sample train=10000 --sample testA=10000 --sample testB
    """
    from data_tools.conversion import convert

    _print_summary(convert(inputs, output, samples, **options))


def _print_summary(dataset):
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    console = Console()
    rows, cols, planes = dataset.image_shape
    described = dataset.manifest["samples"]
    # Samples are columns: there are few of them, and a terminal is narrow.
    click.echo(f"{dataset.directory}: images of {rows} x {cols} x {planes}")
    table = Table("events", box=SIMPLE_HEAD)
    for name in described:
        table.add_column(name, justify="right")
    for name in dataset.classes:
        table.add_row(name, *(f"{sample['events_per_class'][name]:,}" for sample in described.values()))
    table.add_row("all", *(f"{sample['events']:,}" for sample in described.values()), end_section=True)
    table.add_row("hits per event", *(f"{sample['hits_per_event']['mean']:,.0f}" for sample in described.values()))
    table.add_row("most hits", *(f"{sample['hits_per_event']['max']:,}" for sample in described.values()))
    table.add_row("shards", *(str(len(sample["shards"])) for sample in described.values()))
    table.add_row("MB", *(f"{sum(s['bytes'] for s in sample['shards']) / 1e6:.1f}" for sample in described.values()))
    console.print(table)
    for source in dataset.manifest["sources"]:
        counts = [
            f"{source['entries']:,} entries",
            f"{source['kept']:,} kept",
            f"{source['not_asked_for']:,} not asked for",
        ]
        for what, count in source["rejected"].items():
            counts.append(f"{count:,} left out: {what}")
        for what, count in source["noticed"].items():
            counts.append(f"{count:,} with {what}")
        click.echo(f"{source['path']}: {', '.join(counts)}")
    click.echo(f"fingerprint {dataset.fingerprint}")
