"""Options for what is done about defects of the inputs, one for each."""

from collections.abc import Callable
from typing import Any

import click

from data_tools.defects import DEFECTS


def defect_options(function: Callable, without: str | None = None) -> Callable:
    """One option --on-NAME for every defect, but for one that may be left out."""
    for defect in reversed(DEFECTS.values()):
        if defect.name == without:
            continue
        policies = "; ".join(f"{policy}: {means}" for policy, means in defect.policies.items())
        option = click.option(
            f"--on-{defect.name}",
            type=click.Choice(list(defect.policies)),
            default=defect.default,
            help=f"Where there is: {defect.found}. {policies}.",
        )
        function = option(function)
    return function


def chosen_policies(options: dict[str, Any]) -> dict[str, str]:
    """{defect: policy}, taken out of the options of a command with `defect_options`."""
    return {name: options.pop(_option(name)) for name in DEFECTS if _option(name) in options}


def _option(defect: str) -> str:
    return f"on_{defect.replace('-', '_')}"
