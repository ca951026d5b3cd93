"""Errors a user can cause, each under the built-in type that scripts already catch.

A message says what was found, what was expected, where (file, entry), and what to do. Where it names an argument of a
function it holds an `Argument`, which reads as Python; a command line puts its own option there, see
data_tools.cli.command.option_text.
"""

import difflib
from collections.abc import Callable, Iterable
from typing import Any


class Argument:
    """An argument of a public function inside a message, as in `down_sample=0`.

    Attributes:
        name: of the argument.
        values: what was found, or each of what may be given; none to name the argument only.
        key: the key under which the values stand, for an argument that is a dictionary: `on={"bad-pixels": "skip"}`.
    """

    def __init__(self, name: str, *values: Any, key: str | None = None) -> None:
        self.name = name
        self.values = values
        self.key = key

    def __str__(self) -> str:
        if not self.values:
            return self.name
        values = [_literal(value) for value in self.values]
        if self.key is not None:
            values = [f'{{"{self.key}": {value}}}' for value in values]
        return f"{self.name}={' or '.join(values)}"


class Message(BaseException):
    """What errors and warnings share: a text in pieces, some of which may be Arguments.

    Attributes:
        parts: the pieces of the text.
        choices: what the first argument that is named could be, where that is a list.
    """

    def __init__(self, *parts: Any, choices: Iterable[Any] = ()) -> None:
        self.parts = parts
        self.choices = tuple(choices)
        super().__init__(self.told(str))

    def __str__(self) -> str:
        # KeyError would print the repr of its message, OSError an errno.
        return self.told(str)

    @property
    def arguments(self) -> tuple[Argument, ...]:
        """The arguments that the text names, in its order."""
        return tuple(part for part in self.parts if isinstance(part, Argument))

    @property
    def option(self) -> str | None:
        """Name of the first argument that the text names, None without one."""
        return self.arguments[0].name if self.arguments else None

    @property
    def found(self) -> Any:
        """Value of the first argument that the text names, None without one."""
        return next(iter(self.arguments[0].values), None) if self.arguments else None

    def told(self, spoken: Callable[[Argument], str]) -> str:
        """The text with every Argument as `spoken` says it."""
        return "".join(spoken(part) if isinstance(part, Argument) else str(part) for part in self.parts)


class UserError(Message, Exception):
    """Base of every error that the user's input, files or options can cause.

    Example:
        >>> raise BadOption(Argument("down_sample", 0), ": expected 1 or more.")
        BadOption: down_sample=0: expected 1 or more.
    """


class UserNote(Message, UserWarning):
    """Base of the warnings that the user's input, files or options can cause."""


class InputNotFound(UserError, FileNotFoundError):
    """An input file, directory or pattern matches nothing."""


class NotLArCV(UserError, ValueError):
    """A file is not a LArCV file that this version reads."""


class CorruptFile(UserError, OSError):
    """A file is truncated or a part of it cannot be decompressed."""


class WorkerLost(UserError, RuntimeError):
    """A worker process ended before its work was done."""


class ProducerNotFound(UserError, KeyError):
    """A file has no tree of the wanted producer, or several and none was named."""


class BadEntry(UserError, ValueError):
    """One entry of a file cannot be turned into an event."""


class TruthMismatch(UserError, ValueError):
    """Images and truth of a file do not belong together."""


class UnknownPDG(UserError, ValueError):
    """Events carry PDG codes that no class of the data set has."""


class BadOption(UserError, ValueError):
    """An option's value cannot be understood or cannot be combined with the others."""


class TooFewEvents(UserError, ValueError):
    """A sample asks for more events of a class than there are."""


class DuplicateInput(UserError, ValueError):
    """The same source, or the same event with the same hits, is there twice."""


class ShapeMismatch(UserError, ValueError):
    """Images of one data set differ in shape or planes."""


class DatasetExists(UserError, FileExistsError):
    """The output directory holds a data set made in another way."""


class DatasetBusy(UserError, RuntimeError):
    """Another process writes to the output directory."""


class NotADataset(UserError, FileNotFoundError):
    """A directory without a (complete) manifest."""


class BadManifest(UserError, ValueError):
    """A manifest that this version cannot trust or understand."""


class CorruptShard(UserError, ValueError):
    """A shard differs from what the manifest says of it."""


class UnknownEffects(UserError, KeyError):
    """No effects of a detector of that name, and no file."""


class BadEffects(UserError, ValueError):
    """Effects of a detector with a field that is unknown, missing or of the wrong kind."""


class UnknownSample(UserError, KeyError):
    """A data set has no sample of that name."""


class UnknownEvent(UserError, IndexError):
    """A file or sample has no event of that number."""


def did_you_mean(name: object, choices: Iterable[Any]) -> str:
    """' Did you mean a, b?' for the nearest of `choices`, or '' when nothing is near."""
    near = difflib.get_close_matches(str(name), [str(c) for c in choices], n=3, cutoff=0.5)
    return f" Did you mean {', '.join(near)}?" if near else ""


def _literal(value: Any) -> str:
    """A value as Python code; texts and paths alike."""
    return repr(value) if isinstance(value, int | float | bool | None) else '"' + str(value).replace('"', '\\"') + '"'
