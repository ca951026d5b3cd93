"""One progress bar for every long step, on standard error, so that results on standard output stay clean."""

import contextlib

_SHOWN_PER_SECOND = 4


@contextlib.contextmanager
def bar(description, total, unit="events"):
    """Show a progress bar; yields `advance(n=1, note="")`.

    `total` is the number of `unit` expected, or None where it is unknown. `note` replaces the text at the bar's end.
    """
    from rich import progress
    from rich.console import Console

    columns = [
        progress.TextColumn("{task.description:<22}"),
        progress.BarColumn(bar_width=28),
        progress.MofNCompleteColumn(),
        progress.TextColumn(unit),
        progress.TimeElapsedColumn(),
        progress.TextColumn("{task.fields[note]}"),
    ]
    with progress.Progress(*columns, console=Console(stderr=True), refresh_per_second=_SHOWN_PER_SECOND) as shown:
        task = shown.add_task(description, total=total, note="")

        def advance(n=1, note=None):
            shown.update(task, advance=n, **({} if note is None else {"note": note}))

        yield advance
