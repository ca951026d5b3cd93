"""The record of a scoring: which sample was looked at, when, and what came out."""

import datetime
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from data_tools.record import Record
from lartpc_zoo.models.executions import IMAGES


@dataclass(frozen=True, kw_only=True)
class Scoring(Record):
    """One scoring of a sample. It is put on record when it begins, and again when it has ended.

    Attributes:
        id: of the scoring, which both entries have; of scorings by early versions it is empty.
        date: when it began, ISO 8601 in UTC.
        sample: name of the sample.
        data_fingerprint: of the data set.
        events: that were scored.
        execution: how the network was run, 'images' or 'sites'.
        complete: whether it has ended.
        accuracy: fraction of the events that were called right, None without truth or before the end.
        effect: of a detector on the events, as it was asked for; None without.
        weights: hex SHA-256 of the weights, in the training's own scorings of testB; else None.
    """

    date: str
    sample: str
    data_fingerprint: str
    events: int
    execution: str = IMAGES
    complete: bool = False
    accuracy: float | None = None
    weights: str | None = None
    effect: str | None = None
    id: str = field(default="", compare=False)

    def ended(self, accuracy: float | None = None) -> "Scoring":
        """The same scoring at its end."""
        return replace(self, complete=True, accuracy=accuracy)


def begin_scoring(
    fingerprint: str,
    sample: str,
    events: int,
    execution: str,
    weights: str | None = None,
    effect: str | None = None,
) -> Scoring:
    """The Scoring that begins now; arguments as the attributes of Scoring."""
    return Scoring(
        date=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        sample=sample,
        data_fingerprint=fingerprint,
        events=events,
        execution=execution,
        weights=weights,
        effect=effect,
        id=uuid.uuid4().hex,
    )


def latest(scorings: Iterable[Scoring]) -> list[Scoring]:
    """Every scoring once, as it was put on record last, in the order in which they began."""
    by_id: dict[object, Scoring] = {}
    for number, scoring in enumerate(scorings):
        by_id[scoring.id or number] = scoring
    return list(by_id.values())
