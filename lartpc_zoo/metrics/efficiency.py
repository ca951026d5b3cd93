"""Accuracies as records, without what computes them."""

from dataclasses import dataclass

from data_tools.record import Record


@dataclass(frozen=True, kw_only=True)
class Accuracy(Record):
    """An accuracy with its binomial error.

    Attributes:
        events: n, that were scored.
        accuracy: fraction p of them that were called right.
        error: sqrt(p (1 - p) / n).
    """

    events: int
    accuracy: float
    error: float


@dataclass(frozen=True, kw_only=True)
class Efficiency(Accuracy):
    """An accuracy of one training, with the number of events it follows from and its intervals.

    Attributes:
        correct: events that were called right.
        wilson: lower and upper end of Wilson's interval (1927) with a coverage of 68.27 %.
        clopper_pearson: those of Clopper and Pearson (1934). Unlike the binomial error both stay right near 0 and 1.
    """

    correct: int
    wilson: tuple[float, float]
    clopper_pearson: tuple[float, float]
