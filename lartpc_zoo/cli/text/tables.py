"""Tables for a terminal, as text."""

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table


def rendered(table: "Table", width: int) -> str:
    """A rich table as text of at most `width` columns, without colours and trailing blanks."""
    from rich.console import Console

    text = io.StringIO()
    Console(file=text, width=width).print(table)
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines()) + "\n"
