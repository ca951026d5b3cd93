"""`lartpc-zoo`: all commands, in the order in which one needs them.

Command modules import what is light; what takes seconds to import is imported by the command that needs it.
"""

import click

from lartpc_zoo.cli.commands.data import display, inspect
from lartpc_zoo.cli.commands.networks import card, info, list_networks
from lartpc_zoo.cli.commands.reporting import profile, report, study
from lartpc_zoo.cli.commands.scoring import classify, evaluate, robustness, score
from lartpc_zoo.cli.commands.sharing import archive, export, publish
from lartpc_zoo.cli.commands.training import train

_SECTIONS: dict[str, tuple[click.Command, ...]] = {
    "Data": (inspect, display),
    "Networks": (list_networks, info, card),
    "Training and scoring": (train, evaluate, classify, score, robustness),
    "Comparison": (study, report, profile),
    "Sharing": (export, publish, archive),
}


class _Sections(click.Group):
    """A group whose help lists the commands by section."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        width = max(map(len, self.commands))
        limit = formatter.width - 6 - width
        for title, commands in _SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(str(one.name).ljust(width), one.get_short_help_str(limit)) for one in commands])


@click.group(cls=_Sections, context_settings={"show_default": True})
@click.version_option(package_name="lartpc-zoo")
def main() -> None:
    """Networks that tell particles apart in LArTPC wire-plane images."""


for _command in (command for commands in _SECTIONS.values() for command in commands):
    main.add_command(_command)
