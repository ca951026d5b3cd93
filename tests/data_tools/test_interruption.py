"""Signals to real processes: each test writes a small program and interrupts it."""

import contextlib
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from data_tools import interruption
from data_tools.progress import bar

_HEAD = """
import gc, os, signal, sys, time
from data_tools import interruption
from data_tools.interruption import check, expendable, handled, recognised

def ready():
    print("ready", flush=True)

def deaf():
    # Goes on whatever is raised.
    told = False
    while True:
        try:
            if not told:
                told = True
                ready()
            time.sleep(60)
        except KeyboardInterrupt:
            pass
"""


@pytest.fixture
def program():
    """Function: a program that is waited for until it says that it is ready."""
    started = []

    def start(code):
        process = subprocess.Popen(
            [sys.executable, "-c", _HEAD + textwrap.dedent(code)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout.readline() == "ready\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def ended(process, within=5):
    """(exit status, standard output, standard error) of a process that ends in time."""
    out, err = process.communicate(timeout=within)
    return process.returncode, out, err


@pytest.mark.parametrize("number", interruption.SIGNALS)
def test_a_signal_is_a_keyboard_interrupt(program, number):
    process = program("""
        try:
            with handled():
                ready()
                time.sleep(60)
        except KeyboardInterrupt:
            print("interrupted")
    """)
    process.send_signal(number)
    assert ended(process)[:2] == (0, "interrupted\n")


def test_what_a_callback_of_the_garbage_collector_loses_is_raised_by_the_next_check(program):
    process = program("""
        def callback(phase, info):
            if phase == "start" and not told:
                told.append(True)
                ready()
                time.sleep(1)

        told = []
        gc.callbacks.append(callback)
        try:
            with handled():
                gc.collect()
                print("collected")
                check()
                print("lost")
        except KeyboardInterrupt:
            print("interrupted")
    """)
    process.send_signal(signal.SIGINT)
    assert ended(process) == (0, "collected\ninterrupted\n", "")


def test_an_error_that_follows_from_an_interruption_is_taken_for_it(program):
    process = program("""
        try:
            with handled():
                try:
                    ready()
                    time.sleep(60)
                except BaseException:
                    raise ValueError("half imported") from None
        except KeyboardInterrupt:
            print("interrupted")
    """)
    process.send_signal(signal.SIGTERM)
    assert ended(process)[:2] == (0, "interrupted\n")


def test_errors_without_an_interruption_stay_as_they_are():
    with pytest.raises(ValueError, match="a bug"), interruption.handled():
        raise ValueError("a bug")


def test_a_second_request_ends_a_process_that_does_not_listen(program):
    process = program("""
        with handled():
            deaf()
    """)
    process.send_signal(signal.SIGINT)
    time.sleep(interruption._ONE_REQUEST_S / 5)
    process.send_signal(signal.SIGTERM)  # the same request, passed on by a parent
    time.sleep(1.5 * interruption._ONE_REQUEST_S)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    status, _, err = ended(process)
    assert status == 128 + signal.SIGINT
    assert "Interrupted twice: ended at once. What is complete is kept" in err


def test_a_process_in_which_a_request_has_no_effect_is_ended_after_some_patience(program):
    process = program("""
        interruption._PATIENCE_S = 0.5
        with handled():
            deaf()
    """)
    process.send_signal(signal.SIGTERM)
    status, _, err = ended(process)
    assert status == 128 + signal.SIGTERM
    assert "did not end by itself within 0.5 s" in err


def test_a_request_during_imports_ends_the_process_at_once_and_says_so(program):
    process = program("""
        with handled(), expendable():
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            deaf()
    """)
    process.send_signal(signal.SIGTERM)
    status, _, err = ended(process)
    assert status == 128 + signal.SIGTERM
    assert err == "\nInterrupted. What is complete is kept; the same command goes on with it, or begins again.\n"


def test_processes_that_work_for_it_end_with_it(program, tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(
        textwrap.dedent("""
        import multiprocessing, time
        from data_tools.interruption import handled

        def work():
            time.sleep(60)

        if __name__ == "__main__":
            with handled():
                child = multiprocessing.get_context("spawn").Process(target=work)
                child.start()
                told = False
                while True:
                    try:
                        if not told:
                            told = True
                            print(child.pid, flush=True)
                        time.sleep(60)
                    except KeyboardInterrupt:
                        pass
    """)
    )
    process = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    child = int(process.stdout.readline())
    process.send_signal(signal.SIGINT)
    time.sleep(1.5 * interruption._ONE_REQUEST_S)
    process.send_signal(signal.SIGINT)
    assert ended(process)[0] == 128 + signal.SIGINT
    assert not _runs(child)


def _runs(pid):
    """Whether a process runs, and is not only remembered by its parent."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_handlers_are_there_again_afterwards_and_nothing_is_left_of_a_request():
    before = {number: signal.getsignal(number) for number in interruption.SIGNALS}
    with pytest.raises(KeyboardInterrupt), interruption.handled():
        assert signal.getsignal(signal.SIGTERM) not in before.values()
        signal.raise_signal(signal.SIGTERM)
    assert {number: signal.getsignal(number) for number in interruption.SIGNALS} == before
    interruption.check()


def test_a_step_with_a_bar_ends_where_it_was_asked_to():
    done = []
    with pytest.raises(KeyboardInterrupt), interruption.handled():
        with contextlib.suppress(KeyboardInterrupt):  # as a library may
            signal.raise_signal(signal.SIGINT)
        with bar("Reading", 3) as advance:
            for number in range(3):
                done.append(number)
                advance()
    assert done == [0]
