"""Errors a user of the zoo can cause; data_tools.errors has the base and those of the data layer."""

from data_tools.errors import UserError, did_you_mean

__all__ = ["UserError", "did_you_mean"]


class UnknownNetwork(UserError, KeyError):
    """A name that the grammar of network names does not know."""


class BadInput(UserError, ValueError):
    """An image shape, class count or input setting that a network cannot take."""


class BadExport(UserError, ValueError):
    """A network cannot be written in a format, or what was written does not compute the same."""


class UnknownRecipe(UserError, KeyError):
    """No recipe of that name, and no file."""


class BadRecipe(UserError, ValueError):
    """A recipe with a field that is unknown, missing or of the wrong kind."""


class UnknownStudy(UserError, KeyError):
    """No study of that name, and no file."""


class BadStudy(UserError, ValueError):
    """A study with a field that is unknown, missing or of the wrong kind."""


class StudyIncomplete(UserError, RuntimeError):
    """Trainings of a study that did not end, or that are not there."""


class BadDevices(UserError, ValueError):
    """Devices that are not there, or that cannot share the batch."""


class RunDiffers(UserError, FileExistsError):
    """A run directory holds a run of another configuration."""


class MissingExtra(UserError, ImportError):
    """A package that an optional feature needs is not installed."""


class RunBusy(UserError, RuntimeError):
    """Another process works in a run directory."""


class NotARun(UserError, FileNotFoundError):
    """A directory that no training wrote, or one that has not ended."""


class NoWeights(UserError, FileNotFoundError):
    """Published weights that are not there, or a network of which none are published."""


class CorruptWeights(UserError, ValueError):
    """Weights that are not those of their card."""


class BadCard(UserError, ValueError):
    """A file that is not the card of published weights, or one that was damaged."""


class CorruptRun(UserError, ValueError):
    """A file of a run directory differs from what was written."""


class DataDiffers(UserError, ValueError):
    """The classes, image shape or planes of a data set are not those of the run."""


class Unlabelled(UserError, ValueError):
    """A sample without truth where truth is needed."""


class TrainingDiverged(UserError, ArithmeticError):
    """The loss became NaN or infinite."""


class BadProfile(UserError, ValueError):
    """A file that is not the profile of networks, or one that was damaged."""


class BadScores(UserError, ValueError):
    """A directory of scores with a record that was damaged or is of something else."""
