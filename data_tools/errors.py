"""Errors a user can cause, each under the built-in type that scripts already catch.

A message says what was found, what was expected, where (file, entry), and what to do.
"""

import difflib


class UserError(Exception):
    """Base of every error that the user's input, files or options can cause."""

    def __str__(self):
        # KeyError would print the repr of its message, OSError an errno.
        return str(self.args[0]) if self.args else ""


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


class NotADataset(UserError, FileNotFoundError):
    """A directory without a (complete) manifest."""


class BadManifest(UserError, ValueError):
    """A manifest that this version cannot trust or understand."""


class CorruptShard(UserError, ValueError):
    """A shard differs from what the manifest says of it."""


class UnknownSample(UserError, KeyError):
    """A data set has no sample of that name."""


class UnknownEvent(UserError, IndexError):
    """A file or sample has no event of that number."""


def did_you_mean(name, choices):
    """' Did you mean a, b?' for the nearest of `choices`, or '' when nothing is near."""
    near = difflib.get_close_matches(str(name), [str(c) for c in choices], n=3, cutoff=0.5)
    return f" Did you mean {', '.join(near)}?" if near else ""
