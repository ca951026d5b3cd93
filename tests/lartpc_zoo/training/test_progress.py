import io
import re

import pytest
from rich.console import Console

from lartpc_zoo.training import progress
from lartpc_zoo.training.progress import ShowProgress
from lartpc_zoo.training.protocol import Protocol, ProtocolSettings


def trained(monkeypatch, terminal):
    """What a training of four evaluations shows on a terminal or in a log."""
    shown = io.StringIO()
    console = Console(file=shown, force_terminal=terminal, width=100)
    monkeypatch.setattr(progress, "Console", lambda stderr, quiet: console)
    settings = ProtocolSettings(evaluation_interval=5, window_epochs=1, minimum_epochs=2, maximum_epochs=50)
    protocol = Protocol(settings, 10.0)
    with ShowProgress(protocol, batch_size=20) as callback:
        for number, loss in enumerate([1.0, 0.5, 0.7, 0.8]):
            callback.on_epoch_begin(number)
            for batch in range(5):
                callback.on_train_batch_end(batch, {"loss": 2.0})
            callback.on_epoch_end(number)
            protocol.record(5 * (number + 1), loss, 0.6)
            callback.show(2.0)
    return shown.getvalue()


def test_a_log_has_one_line_per_evaluation_with_everything(monkeypatch):
    first, *lines = trained(monkeypatch, terminal=False).splitlines()
    assert first == "Training from iteration 0: 10 iterations per epoch, an evaluation every 5; compiling first"
    assert len(lines) == 4
    for line in lines:
        assert re.fullmatch(
            r"iteration \d+, epoch [\d.]+: loss 2\.000, testA loss [\d.]+, accuracy 60\.0 % "
            r"\(lowest loss [\d.]+ at \d+\), [\d,]+ images/s, (done|\d:\d\d:\d\d or more to go)",
            line,
        )
    assert "testA loss 0.700, accuracy 60.0 % (lowest loss 0.500 at 10)" in lines[2]
    assert lines[3].endswith("done")


@pytest.mark.parametrize(
    "text",
    ["Training", "compiling", "20/20", "loss 2.000", "images/s", "lowest loss 0.500 at 10"],
)
def test_a_terminal_has_a_live_bar(text, monkeypatch):
    assert text in trained(monkeypatch, terminal=True)


def test_the_first_evaluation_compiles_too():
    shown = progress._Bar(Console(file=io.StringIO()))
    shown.begin(Protocol(ProtocolSettings(), 10.0))
    shown.busy()
    assert shown.tasks[0].fields["pace"] == "compiling for testA"


def test_the_time_left_is_estimated_without_the_iteration_that_compiles(monkeypatch):
    now = 0.0
    monkeypatch.setattr(progress.time, "monotonic", lambda: now)
    pace = progress._Pace()
    pace.begin()
    for seconds in (30.0, 0.5, 0.5):
        now += seconds
        pace.step()
    assert pace.iterations_per_second == 2
    now += 1.0  # an evaluation
    assert pace.seconds_per_iteration() == 1
