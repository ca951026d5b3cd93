"""`train`."""

import click

from data_tools.cli.command import Interrupted, clean_errors
from data_tools.interruption import recognised
from lartpc_zoo.backend.group import Group, group_of, is_first
from lartpc_zoo.cli import options
from lartpc_zoo.training.defaults import RECIPE, SEED


@click.command()
@click.argument("network")
@click.option("--data", required=True, type=click.Path(), help="Converted data set with samples train, testA, testB.")
@options.directory("--output", "Run directory to create, or to continue.")
@click.option("--recipe", default=RECIPE, help="Name of a recipe of the package, or a YAML file.")
@click.option(
    "--seed", default=SEED, type=click.IntRange(0, 2**32 - 1), help="Seed of initial weights, order and augmentation."
)
@options.devices
@click.option("--deterministic", is_flag=True, help="Use bit-for-bit reproducible operations, which are slower.")
@click.option("--tensorboard", is_flag=True, help="Write the curves for TensorBoard as well, to OUTPUT/tensorboard.")
@click.option("--processes", type=click.IntRange(1), help="How many processes train together, on one host or several.")
@click.option("--process", type=click.IntRange(0), help="Number of this one, from 0.")
@click.option(
    "--coordinator", help="HOST:PORT of process 0, by which they meet. Under srun none of the three is needed."
)
@clean_errors
def train(
    network: str,
    data: str,
    output: str,
    recipe: str,
    seed: int,
    devices: tuple[str, ...],
    deterministic: bool,
    tensorboard: bool,
    processes: int | None,
    process: int | None,
    coordinator: str | None,
) -> None:
    """Train NETWORK under the study's protocol.

    The training ends with one scoring of testB. An interrupted one continues when the same command is given again.
    """
    from lartpc_zoo.cli import checks
    from lartpc_zoo.models.spec import parse_network
    from lartpc_zoo.training.recipe import load_recipe

    # Typos first: what follows takes seconds to import.
    parse_network(network)
    load_recipe(recipe)
    checks.devices(devices)
    checks.data_set(data)
    group = group_of(process, processes, coordinator)
    try:
        with recognised():
            _train(network, data, output, recipe, seed, list(devices) or None, deterministic, tensorboard, group)
    except KeyboardInterrupt as error:
        from lartpc_zoo.cli.text.runs import interrupted_text

        raise Interrupted(interrupted_text(output)) from error


def _train(
    network: str,
    data: str,
    output: str,
    recipe: str,
    seed: int,
    devices: list[str] | None,
    deterministic: bool,
    tensorboard: bool,
    group: Group,
) -> None:
    from lartpc_zoo.backend.quiet import load_backend

    load_backend("lartpc_zoo.training.train")
    from lartpc_zoo.training.sentences import ended_text
    from lartpc_zoo.training.train import train as train_network

    run = train_network(network, data, output, recipe, seed, devices, deterministic, tensorboard, group)
    if not is_first():
        return
    click.echo(run.table1_markdown())
    click.echo(f"{ended_text(run.results)} Everything is in {run.directory}")
