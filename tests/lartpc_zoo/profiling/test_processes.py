import multiprocessing
import os
import signal
import threading
import time

import pytest

from data_tools.errors import WorkerLost
from lartpc_zoo.profiling import processes
from lartpc_zoo.profiling.processes import in_a_process


@pytest.fixture
def at_once(monkeypatch):
    """Processes do not wait for a backend, which the work of these tests does not need."""
    monkeypatch.setattr(processes, "_begin", os.getpid)


def test_work_is_done_in_a_process_that_is_then_gone(at_once):
    pid = in_a_process(os.getpid, "a thing")
    assert pid != os.getpid()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_work_has_its_arguments(at_once):
    assert in_a_process(divmod, "a thing", 17, 5) == (3, 2)


def test_an_error_of_the_work_is_raised_as_it_is(at_once):
    with pytest.raises(ValueError, match="invalid literal for int"):
        in_a_process(int, "a thing", "seven")


def test_a_process_that_dies_names_what_it_measured(at_once):
    with pytest.raises(WorkerLost, match="measured resnet14b was killed or crashed, as when memory runs out"):
        in_a_process(os._exit, "resnet14b", 1)
    assert multiprocessing.active_children() == []


def test_an_interruption_ends_the_process(at_once):
    def interrupt():
        while not multiprocessing.active_children():
            time.sleep(0.05)
        time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    begin = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        in_a_process(time.sleep, "a thing", 300)
    assert time.monotonic() - begin < 60
    assert multiprocessing.active_children() == []


def test_ctrl_c_in_a_terminal_is_left_to_the_parent():
    assert in_a_process(signal.getsignal, "a thing", signal.SIGINT) == signal.SIG_IGN
