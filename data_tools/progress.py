"""One progress bar for every long step, on standard error, so that results on standard output stay clean."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import Any

from data_tools.interruption import check

_SHOWN_PER_SECOND = 4


@contextlib.contextmanager
def bar(description: str, total: int, unit: str | None = None) -> Iterator[Callable[..., None]]:
    """Show a progress bar; yields `advance(n=1, note="")`, after which a command that was asked to end does so.

    `total` is the number of `unit` expected; `unit='bytes'` is shown as MB. `note` replaces the text at the bar's end.
    """
    from rich import progress
    from rich.console import Console

    count = progress.DownloadColumn() if unit == "bytes" else progress.MofNCompleteColumn()
    columns: list[progress.ProgressColumn] = [
        progress.TextColumn("{task.description:<15}"),
        progress.BarColumn(bar_width=16),
        count,
        progress.TimeElapsedColumn(),
        progress.TextColumn("{task.fields[note]}"),
    ]
    with progress.Progress(*columns, console=Console(stderr=True), refresh_per_second=_SHOWN_PER_SECOND) as shown:
        task = shown.add_task(description, total=total, note="")

        def advance(n: int = 1, note: str | None = None) -> None:
            fields: dict[str, Any] = {} if note is None else {"note": note}
            shown.update(task, advance=n, **fields)
            check()

        yield advance


def say(text: str) -> None:
    """Write a line on standard error, for steps that are too long for a bar."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
