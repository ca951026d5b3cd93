import warnings

import click
import pytest
from click.testing import CliRunner

from data_tools.cli.command import clean_errors
from data_tools.errors import Argument, BadOption, UserNote


@pytest.mark.parametrize(
    ("raised", "message"),
    [
        (BadOption("Expected 1."), "Error: Expected 1."),
        (ModuleNotFoundError("No module named 'uproot'", name="uproot"), "This needs uproot, which is not installed."),
        (FileNotFoundError(2, "words of a library", "a.root"), "No such file or directory: a.root"),
        (OSError(28, "No space", "a.root"), "No space left on device: a.root. Make room; what is complete is kept"),
        (ConnectionRefusedError(111, "refused"), "Connection refused: the other side of a network connection does not"),
        (OSError(5, "an error without a file"), "Error: Input/output error\n"),
        (KeyboardInterrupt(), "What is complete is kept; the same command goes on with it, or begins again."),
    ],
)
def test_what_a_user_can_cause_ends_in_a_message(raised, message):
    @click.command()
    @clean_errors
    def command():
        raise raised

    result = CliRunner().invoke(command)
    assert result.exit_code == (130 if isinstance(raised, KeyboardInterrupt) else 1)
    assert message in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("argument", "text"),
    [
        (Argument("down_sample", 0), "--down-sample 0"),
        (Argument("samples", "a b"), "--sample 'a b'"),
        (Argument("on", "skip", "zero", key="bad-pixels"), "--on-bad-pixels skip or zero"),
        (Argument("output"), "--output"),
        (Argument("inputs"), "INPUT..."),
        (Argument("batch_size", 3), "batch_size=3"),  # the command has no such option
    ],
)
def test_arguments_become_options_of_the_command(argument, text):
    @click.command()
    @click.argument("inputs", nargs=-1, metavar="INPUT...")
    @click.option("-o", "--output")
    @click.option("--down-sample")
    @click.option("--sample", "samples")
    @click.option("--on-bad-pixels")
    @clean_errors
    def command(**options):
        warnings.warn(UserNote(argument, ": look."), stacklevel=1)
        raise BadOption("See ", argument, ".")

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        result = CliRunner().invoke(command)
    assert result.stderr == f"Warning: {text}: look.\nError: See {text}.\n"


def test_a_fault_of_the_program_keeps_its_traceback():
    @click.command()
    @clean_errors
    def command():
        raise TypeError("a bug")

    assert isinstance(CliRunner().invoke(command).exception, TypeError)
