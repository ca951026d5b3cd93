"""How a training says how far it is: a live bar on a terminal, one line per evaluation in a log. On standard error."""

import contextlib
import datetime as dt
import time
from collections.abc import Iterator
from typing import Any

import keras
from rich import progress
from rich.console import Console, RenderableType
from rich.text import Text

from lartpc_zoo.backend.group import is_first
from lartpc_zoo.training.protocol import Protocol

Logs = dict[str, Any] | None

_SHOWN_PER_SECOND = 4


class ShowProgress(keras.callbacks.Callback):
    """Iterations, images per second, losses, the best so far and the time left; a context that must be open during fit.

    The bar ends at the earliest iteration at which the protocol can stop, which moves on with every new minimum.

    Args:
        protocol: of the training.
        batch_size: events per iteration.
    """

    def __init__(self, protocol: Protocol, batch_size: int) -> None:
        super().__init__()
        self._protocol, self._batch_size = protocol, batch_size
        self._pace = _Pace()
        console = Console(stderr=True, quiet=not is_first())
        self._view = _Bar(console) if console.is_terminal else _Lines(console)
        self._open = contextlib.ExitStack()

    def __enter__(self) -> "ShowProgress":
        self._open.enter_context(self._view)
        self._view.begin(self._protocol)
        return self

    def __exit__(self, *exception: object) -> None:
        self._open.close()

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self._pace.begin()

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        self._pace.step()
        assert logs is not None  # as Keras calls it
        self._view.step(logs["loss"], self._batch_size * self._pace.iterations_per_second)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        self._pace.pause()
        self._view.busy()

    def show(self, training_loss: float) -> None:
        """Show the protocol's last evaluation."""
        protocol = self._protocol
        left = protocol.earliest_end - protocol.iteration if protocol.status is None else 0
        seconds = self._pace.seconds_per_iteration() * left
        self._view.show(protocol, training_loss, self._batch_size * self._pace.iterations_per_second, seconds)


class _Pace:
    """How fast an interval goes: its iterations alone, and with the evaluation at its end."""

    def __init__(self) -> None:
        self.iterations_per_second = 0.0
        self._compiled = False
        self.begin()

    def begin(self) -> None:
        self._began, self._steps = time.monotonic(), 0

    def step(self) -> None:
        if not self._compiled:
            # The first iteration is for the most part compilation: it says nothing about those to come.
            self._compiled = True
            self.begin()
            return
        self._steps += 1
        self.pause()

    def pause(self) -> None:
        self.iterations_per_second = self._steps / max(time.monotonic() - self._began, 1e-9)

    def seconds_per_iteration(self) -> float:
        return (time.monotonic() - self._began) / max(self._steps, 1)


class _Bar(progress.Progress):
    """A bar, and below it two lines on the last evaluation."""

    def __init__(self, console: Console) -> None:
        self._note = Text()
        super().__init__(
            progress.TextColumn("Training"),
            progress.BarColumn(bar_width=16),
            progress.MofNCompleteColumn(),
            progress.TimeElapsedColumn(),
            progress.TextColumn("{task.fields[pace]}"),
            console=console,
            refresh_per_second=_SHOWN_PER_SECOND,
        )

    def get_renderables(self) -> Iterator[RenderableType]:
        yield self.make_tasks_table(self.tasks)
        yield self._note

    def begin(self, protocol: Protocol) -> None:
        self._task = self.add_task("", completed=protocol.iteration, total=protocol.earliest_end, pace="compiling")

    def step(self, loss: float, images_per_second: float) -> None:
        self.update(self._task, advance=1, pace=f"loss {loss:.3f}, {images_per_second:,.0f} images/s")

    def busy(self) -> None:
        self.update(self._task, pace="evaluating on testA" if self._note else "compiling for testA")

    def show(self, protocol: Protocol, training_loss: float, images_per_second: float, seconds: float) -> None:
        self._note = Text(f"  {_evaluation_text(protocol)}\n  {_left_text(seconds)}")
        pace = f"loss {training_loss:.3f}, {images_per_second:,.0f} images/s"
        self.update(self._task, completed=protocol.iteration, total=protocol.earliest_end, pace=pace)


class _Lines(contextlib.nullcontext[None]):
    """One line per evaluation."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console

    def begin(self, protocol: Protocol) -> None:
        self._print(
            f"Training from iteration {protocol.iteration:,}: {protocol.iterations_per_epoch:g} iterations per epoch, "
            f"an evaluation every {protocol.settings.evaluation_interval:,}; compiling first"
        )

    def step(self, loss: float, images_per_second: float) -> None:
        pass

    def busy(self) -> None:
        pass

    def show(self, protocol: Protocol, training_loss: float, images_per_second: float, seconds: float) -> None:
        self._print(
            f"iteration {protocol.iteration:,}, epoch {protocol.iteration / protocol.iterations_per_epoch:.2f}: "
            f"loss {training_loss:.3f}, {_evaluation_text(protocol)}, {images_per_second:,.0f} images/s, "
            + _left_text(seconds)
        )

    def _print(self, text: str) -> None:
        if not self._console.quiet:
            self._console.file.write(text + "\n")
            self._console.file.flush()


def _evaluation_text(protocol: Protocol) -> str:
    last, best = protocol.evaluations[-1], protocol.minimum
    return (
        f"testA loss {last.loss:.3f}, accuracy {100 * last.accuracy:.1f} % "
        f"(lowest loss {best.loss:.3f} at {best.iteration:,})"
    )


def _left_text(seconds: float) -> str:
    """What remains if the lowest loss stays where it is; it can only become more."""
    return f"{dt.timedelta(seconds=round(seconds))} or more to go" if seconds else "done"
