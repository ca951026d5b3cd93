import click
import pytest
from click.testing import CliRunner

from data_tools.cli.command import clean_errors
from data_tools.errors import BadOption


@pytest.mark.parametrize(
    ("raised", "message"),
    [
        (BadOption("Expected 1."), "Error: Expected 1."),
        (ModuleNotFoundError("No module named 'uproot'", name="uproot"), "This needs uproot, which is not installed."),
        (FileNotFoundError(2, "words of a library", "a.root"), "No such file or directory: a.root"),
        (OSError(28, "No space", "a.root"), "No space left on device: a.root. Make room; what is complete is kept"),
        (KeyboardInterrupt(), "What is complete is kept; the same command goes on with it, or begins again."),
    ],
)
def test_what_a_user_can_cause_ends_in_a_message(raised, message):
    @click.command()
    @clean_errors
    def command():
        raise raised

    result = CliRunner().invoke(command)
    assert result.exit_code == 1
    assert message in result.stderr
    assert "Traceback" not in result.output


def test_a_fault_of_the_program_keeps_its_traceback():
    @click.command()
    @clean_errors
    def command():
        raise TypeError("a bug")

    assert isinstance(CliRunner().invoke(command).exception, TypeError)
