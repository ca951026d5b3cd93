"""What the command lines share: errors of the user end a command with their message, not with a traceback."""

import errno
import functools
import os
import shlex
import signal
import warnings
from collections.abc import Callable
from typing import IO, ParamSpec, TextIO, TypeVar

import click

from data_tools.errors import Argument, Message, UserError
from data_tools.interruption import handled

P = ParamSpec("P")
R = TypeVar("R")


class Interrupted(click.ClickException):
    """A command ended because it was asked to: no error, and batch scripts can tell it from one by its exit code."""

    exit_code = 128 + signal.SIGINT

    def show(self, file: IO[str] | None = None) -> None:
        click.echo(self.format_message(), file=file, err=True)


def clean_errors(function: Callable[P, R]) -> Callable[P, R]:
    """Decorator of a click command's function: a UserError becomes 'Error: message' and exit code 1.

    The message names options of the command where the library's names arguments, see `option_text`. Ctrl-C and SIGTERM
    end the command with exit code 130, a second one at once.
    """

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        warnings.showwarning = _show
        try:
            with handled():
                return function(*args, **kwargs)
        except UserError as error:
            raise click.ClickException(error.told(option_text)) from error
        except ModuleNotFoundError as error:  # installed without all dependencies
            raise click.ClickException(f"This needs {error.name}, which is not installed.") from error
        except KeyboardInterrupt as error:
            raise Interrupted(
                "Interrupted. What is complete is kept; the same command goes on with it, or begins again."
            ) from error
        except OSError as error:  # a full disk, a directory one may not write to, a file that vanished
            raise click.ClickException(_os_error_text(error)) from error

    return call


def option_text(argument: Argument) -> str:
    """An argument of the library as an option of the command that runs: `--down-sample 0` for `down_sample=0`.

    An argument that the command has no option for stays as it is.
    """
    context = click.get_current_context(silent=True)
    name = argument.name if argument.key is None else f"{argument.name}_{argument.key.replace('-', '_')}"
    parameters = context.command.params if context else []
    parameter = next((parameter for parameter in parameters if parameter.name == name), None)
    if context is None or parameter is None:
        return str(argument)
    shown = max(parameter.opts, key=len) if isinstance(parameter, click.Option) else parameter.make_metavar(context)
    if isinstance(parameter, click.Option) and parameter.is_flag:
        return shown
    values = " or ".join(shlex.quote(str(value)) for value in argument.values)
    return f"{shown} {values}".rstrip()


def _show(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """A warning as one line, without the line of code that it came from."""
    text = message.told(option_text) if isinstance(message, Message) else message
    click.echo(f"Warning: {text}", err=True)


def _os_error_text(error: OSError) -> str:
    # HDF5 puts a page of its own into strerror.
    what = os.strerror(error.errno) if error.errno else error.strerror or str(error) or type(error).__name__
    if isinstance(error, ConnectionError | TimeoutError):
        return f"{what}: the other side of a network connection does not answer. Check the address, or try again."
    text = what if error.filename is None else f"{what}: {error.filename}"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        text += ". Make room; what is complete is kept, and the same command goes on from there."
    return text
