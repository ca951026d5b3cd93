"""What networks there are, what they cost, and how well the trained ones do: `list`, `info`, `card`."""

import click

from data_tools.cli.command import clean_errors
from lartpc_zoo.cli import options


@click.command("list")
@click.argument("pattern", default="*")
@options.shape
@click.option("--pretrained", is_flag=True, help="List the published networks instead, the most accurate first.")
@clean_errors
def list_networks(pattern: str, input_shape: str, pretrained: bool) -> None:
    """List the study's networks and what they cost.

    PATTERN selects some by name, as in 'resnet*'.
    """
    if pretrained:
        from lartpc_zoo.cli.text.cards import league_text
        from lartpc_zoo.pretrained.catalogue import cards

        click.echo(league_text(cards(pattern)))
        return
    from lartpc_zoo.cli.text.networks import networks_text
    from lartpc_zoo.errors import UnknownNetwork
    from lartpc_zoo.models.catalogue import list_models, network_info
    from lartpc_zoo.models.spec import parse_network

    if not (names := list_models(pattern)):
        raise UnknownNetwork(
            f"No network of the study matches {pattern!r}; `lartpc-zoo list` shows all. Names with tokens, as in "
            "resnet14b_wd4, are not in the list: `lartpc-zoo info NAME` says what they cost."
        )
    shape = options.parse_shape(input_shape)
    sides = {name: parse_network(name).architecture.smallest_side for name in names}
    # Where none fits, the one that needs the smallest images says what is wrong.
    fitting = [name for name in names if min(shape[:2]) >= sides[name]] or [min(names, key=lambda name: sides[name])]
    too_large = {name: sides[name] for name in names if name not in fitting}
    click.echo(networks_text([network_info(name, shape) for name in fitting], too_large))


@click.command()
@click.argument("name")
@click.option(
    "--input-shape",
    metavar=options.SHAPE,
    help=f"Shape of the images.  [default: that of the data, or {options.STUDY}]",
)
@options.classes
@click.option("--data", type=click.Path(), help="Data set: what a submanifold network costs depends on its events.")
@click.option("--plot", type=click.Path(dir_okay=False), metavar="FILE", help="Draw it as well, as PNG or PDF.")
@clean_errors
def info(name: str, input_shape: str | None, classes: int, data: str | None, plot: str | None) -> None:
    """Describe a network: costs, layers, origin of its design."""
    from pathlib import Path

    from lartpc_zoo.cli.text.networks import info_text
    from lartpc_zoo.errors import BadInput
    from lartpc_zoo.models.catalogue import network_info

    if plot and Path(plot).suffix not in (".png", ".pdf"):
        raise BadInput(f"--plot {plot}: expected a file that ends in .png or .pdf.")
    about = network_info(name, options.parse_shape(input_shape) if input_shape else None, classes, data)
    click.echo(info_text(about))
    if plot:
        from lartpc_zoo.plots.network import draw_network

        draw_network(about, Path(plot))
        click.echo(f"Drawn in {plot}")


@click.command()
@click.argument("name")
@clean_errors
def card(name: str) -> None:
    """Show the card of a pretrained network.

    It says what the network takes and gives, how it was trained, on what, and how well it does. NAME is a
    network of `lartpc-zoo list --pretrained`, or the path of a card.
    """
    from lartpc_zoo.cli.text.cards import card_text
    from lartpc_zoo.pretrained.catalogue import find_card

    found, _ = find_card(name)
    click.echo(card_text(found))
