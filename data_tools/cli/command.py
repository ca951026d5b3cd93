"""What the command lines share: errors of the user end a command with their message, not with a traceback."""

import errno
import functools
import os
import warnings

import click

from data_tools.errors import UserError
from data_tools.interruption import handled


def _show(message, category, filename, lineno, file=None, line=None):
    """A warning as one line, without the line of code that it came from."""
    click.echo(f"Warning: {message}", err=True)


def _os_error_text(error):
    # HDF5 puts a page of its own into strerror.
    what = os.strerror(error.errno) if error.errno else error.strerror or error
    text = f"{what}: {error.filename or 'no file named'}"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        text += ". Make room; what is complete is kept, and the same command goes on from there."
    return text


def clean_errors(function):
    """Decorator of a click command's function: a UserError becomes 'Error: message' and exit code 1."""

    @functools.wraps(function)
    def call(*args, **kwargs):
        # TensorFlow's remarks on the machine say nothing to the user of a command; its warnings and errors stay.
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")
        warnings.showwarning = _show
        try:
            with handled():
                return function(*args, **kwargs)
        except UserError as error:
            raise click.ClickException(str(error)) from error
        except ModuleNotFoundError as error:  # installed without all dependencies
            raise click.ClickException(f"This needs {error.name}, which is not installed.") from error
        except KeyboardInterrupt as error:
            raise click.ClickException(
                "Interrupted. What is complete is kept; the same command goes on with it, or begins again."
            ) from error
        except OSError as error:  # a full disk, a directory one may not write to, a file that vanished
            raise click.ClickException(_os_error_text(error)) from error

    return call
