import signal
import subprocess
import sys
import time

import pytest

COMMAND = """
import sys, time
import click
from data_tools.cli.command import clean_errors

@click.command()
@clean_errors
def main():
    try:
        print("begun", flush=True)
        time.sleep(60)
    finally:
        print("tidying", flush=True)
        time.sleep(float(sys.argv[1]))

main([])
"""


def begun(seconds_to_tidy):
    command = [sys.executable, "-c", COMMAND, str(seconds_to_tidy)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "begun\n"
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_ends_in_order(number):
    with begun(0) as process:
        process.send_signal(number)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert err.startswith("Interrupted. What is complete is kept")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_second_ends_at_once(number):
    with begun(60) as process:
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "tidying\n"
        time.sleep(0.6)  # what comes sooner is the same request, of a terminal and of a parent
        process.send_signal(number)
        process.communicate(timeout=5)
    assert process.returncode == 128 + number
