"""Networks against each other: `study`, `report`, `profile`."""

from typing import TYPE_CHECKING

import click

from data_tools.cli.command import clean_errors
from lartpc_zoo.cli import options
from lartpc_zoo.profiling.defaults import BATCH_SIZES, DTYPE, OUTPUT, ROUNDS

if TYPE_CHECKING:
    from lartpc_zoo.reporting.report import Report


@click.command()
@click.argument("study", metavar="STUDY")
@click.option("--data", required=True, type=click.Path(), help="Converted data set.")
@options.directory("--output", "Directory of the runs and the report.")
@click.option("--list", "only_list", is_flag=True, help="Only list the trainings, numbered, and how far each is.")
@click.option("--job", type=int, help="Train only this one, and make no report: one job of a Slurm array.")
@options.devices
@click.option("--dask", metavar="ADDRESS", help="Scheduler of a dask cluster whose workers train (extra: dask).")
@click.option("--profile/--no-profile", default=True, help="Measure Table 2 after the trainings, or leave it out.")
@options.margin
@options.cost
@clean_errors
def study(
    study: str,
    data: str,
    output: str,
    only_list: bool,
    job: int | None,
    devices: tuple[str, ...],
    dask: str | None,
    profile: bool,
    margin: float,
    cost: str,
) -> None:
    """Train the networks of a study, then report on them.

    A study is networks x recipes x seeds, each combination a training of its own. STUDY is the name of a study of the
    package, or a YAML file. When the same command is given again, it goes on with what is not finished.
    """
    from lartpc_zoo.cli import checks
    from lartpc_zoo.training.study import load_study

    if cost in options.MEASURED and not profile:
        raise click.UsageError(f"--cost {cost} is measured by the profile, which --no-profile leaves out.")
    loaded = load_study(study)
    checks.devices(devices)
    if not only_list:
        checks.data_set(data)

    from lartpc_zoo.backend.quiet import load_backend

    load_backend("lartpc_zoo.reporting.study")
    from lartpc_zoo.cli.text.runs import state_text
    from lartpc_zoo.reporting.study import report_study
    from lartpc_zoo.training.jobs import run_study, runs_of

    if only_list:
        for number, (one, run) in enumerate(zip(loaded.jobs, runs_of(loaded, output))):
            click.echo(f"{number:3d}  {one.directory}  {state_text(run)}")
        return
    runs = run_study(loaded, data, output, job, devices, dask)
    if job is None:
        _echo_report(report_study(loaded, runs, data, output, margin, cost, profile))


@click.command()
@options.runs
@options.directory("--output", "Directory of the report.")
@click.option("--data", type=click.Path(), help="Data set of the trainings, for figures 1 and 2.")
@click.option("--profile", type=click.Path(), help="Directory or profile.json of `profile`, for Table 2.")
@options.margin
@options.cost
@clean_errors
def report(runs: tuple[str, ...], output: str, data: str | None, profile: str | None, margin: float, cost: str) -> None:
    """Report on a finished run, or compare several.

    All must have scored the same testB. Several runs of one network are its trainings with different seeds.
    """
    from lartpc_zoo.backend.quiet import load_backend

    load_backend("lartpc_zoo.reporting.report")
    from lartpc_zoo.reporting import report as reporting

    _echo_report(reporting.report(runs, output, data, profile, margin, cost))


@click.command()
@click.argument("networks", nargs=-1, required=True, metavar="NAME...")
@click.option("--data", type=click.Path(), help="Converted data set, reading of which is measured as well.")
@click.option(
    "--input-shape",
    metavar=options.SHAPE,
    help=f"Shape of the images.  [default: that of --data, or {options.shown(options.INPUT_SHAPE)}]",
)
@click.option(
    "--classes",
    type=click.IntRange(2),
    help=f"Number of classes.  [default: that of --data, or {options.CLASSES}]",
)
@click.option("--batch-sizes", default=options.shown(BATCH_SIZES), metavar="N,N,...", help="Three or more batch sizes.")
@click.option(
    "--rounds", default=ROUNDS, type=click.IntRange(1), help="Measurements of each batch size, whose median counts."
)
@click.option("--dtype", default=DTYPE, help="float32, mixed_bfloat16, or auto: what the machine is fast at.")
@click.option("--output", default=OUTPUT, type=click.Path(file_okay=False), help="Directory of tables and figure.")
@clean_errors
def profile(
    networks: tuple[str, ...],
    data: str | None,
    input_shape: str | None,
    classes: int | None,
    batch_sizes: str,
    rounds: int,
    dtype: str,
    output: str,
) -> None:
    """Measure memory and times of networks: Table 2.

    Every quantity is split into what an image costs and what is fixed. Without --data the images are random, and
    reading is not measured. Best on a machine that does nothing else.
    """
    from lartpc_zoo.models.spec import parse_network

    for name in networks:
        parse_network(name)
    shape = options.parse_shape(input_shape) if input_shape else None
    sizes = options.parse_sizes(batch_sizes)

    from lartpc_zoo.backend.quiet import load_backend

    load_backend("lartpc_zoo.profiling.profile")
    from lartpc_zoo.profiling import profile as profiling
    from lartpc_zoo.profiling.table import table2, table2_fixed

    measured = profiling.profile(networks, data, shape, classes, sizes, rounds, dtype, output)
    click.echo(table2(measured).markdown())
    click.echo(table2_fixed(measured).markdown())
    click.echo(f"profile.json, tables and figures are in {output}")


def _echo_report(made: "Report") -> None:
    for sentence in made.sentences:
        click.echo(f"- {sentence}")
    click.echo(f"Tables, figures and the page are in {made.page.parent}; open {made.page}")
