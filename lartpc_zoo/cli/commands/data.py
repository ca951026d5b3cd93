"""A look at data: `inspect`, `display`."""

import click

from data_tools.cli.command import clean_errors


@click.command()
@click.argument("path", metavar="FILE|DIR")
@click.option("--sample", help="Sample of a data set.  [default: all of them]")
@clean_errors
def inspect(path: str, sample: str | None) -> None:
    """Summarise a LArCV file or a data set.

    Shows classes, momenta, hits, ADC, and what is wrong with events.
    """
    from pathlib import Path

    from data_tools.inspection import open_events, summarize
    from data_tools.location import is_url
    from data_tools.progress import bar
    from data_tools.tfrecords.dataset import open_dataset
    from lartpc_zoo.cli.text.data import dataset_text, summary_text

    samples = [sample]
    if not is_url(path) and Path(path).is_dir():
        data = open_dataset(path)
        click.echo(dataset_text(data))
        samples = [sample] if sample else list(data.samples)
    for name in samples:
        events = open_events(path, name)
        with bar("Reading events", events.size) as advance:
            summary = summarize(events, advance)
        click.echo(summary_text(summary))


@click.command()
@click.argument("path", metavar="FILE|DIR")
@click.option("--event", type=click.IntRange(0), help="Draw this event: its entry in a file, or its place in a sample.")
@click.option("--cells", is_flag=True, help="With --event: draw what a submanifold network computes, level by level.")
@click.option("--species", is_flag=True, help="Draw one event of every class, of medium momentum, in one plane.")
@click.option("--contact-sheet", metavar="CLASS", help="Draw the first events of a class, in one plane.")
@click.option("--sample", help="Sample of a data set.  [default: the first]")
@click.option("--plane", default=2, help="Plane id for --species and --contact-sheet (2 is Y, the collection plane).")
@click.option("--output", type=click.Path(dir_okay=False), help="PNG or PDF file.  [default: named after its content]")
@clean_errors
def display(
    path: str,
    event: int | None,
    cells: bool,
    species: bool,
    contact_sheet: str | None,
    sample: str | None,
    plane: int,
    output: str | None,
) -> None:
    """Draw events of a LArCV file or a data set.

    The drawing is zoomed in on the activity.
    """
    if sum((event is not None, species, contact_sheet is not None)) != 1:
        raise click.UsageError("Expected one of --event N, --species, --contact-sheet CLASS.")
    if cells and event is None:
        raise click.UsageError("--cells draws one event: expected --event N.")
    from lartpc_zoo.plots.display import draw

    click.echo(draw(path, event, cells, species, contact_sheet, sample, plane, output))
