"""The option for effects of a detector."""

import click

effect_option = click.option(
    "--effect",
    metavar="NAME[:STRENGTH]",
    help="Effects of a detector on every event, as in noise:0.5: a name in zoo_configs/effects or a file, and a "
    "strength from 0 to 1.",
)
