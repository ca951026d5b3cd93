"""From the table of all events to those of each sample: what is there, what is selected, what goes where."""

import warnings
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from data_tools.conversion import split
from data_tools.conversion.plan import Plan
from data_tools.conversion.selection import Selection
from data_tools.conversion.sources import Source
from data_tools.conversion.spool import Table, selectable
from data_tools.defects import DEFECTS
from data_tools.errors import Argument, DuplicateInput, TooFewEvents, UserNote
from data_tools.index import Shape

_TO_THE_CALLER = 5  # of data_tools.convert, whose line a warning names


class RepeatedEvents(UserWarning):
    """Several events carry the same (run, subrun, event)."""


class EmptyImages(UserNote):
    """What was asked for leaves nothing to see in the images."""


def check_table(
    table: Table,
    left_out: Mapping[int, Counter[str]],
    sources: Sequence[Source],
    plan: Plan,
    shape: Shape,
) -> None:
    """Check all events that were read, before they are shared out.

    Args:
        table: of all events.
        left_out: {source: {defect: entries}}.
        sources: the inputs.
        plan: what was asked for.
        shape: (rows, cols, planes) of the converted images.

    Raises:
        TooFewEvents: there is no event.
        DuplicateInput: an event is there twice.

    Warns:
        RepeatedEvents, EmptyImages.
    """
    if not table:
        raise TooFewEvents(f"No event is left to convert. {_what_was_left_out(sources, left_out)}")
    _check_repeated(table, sources)
    _check_content(table, plan, shape)


def check_enough(plan: Plan, sources: Sequence[Source], order: Sequence[np.ndarray]) -> None:
    """Share out by truth alone, before any pixel is read: what is too few now stays too few."""
    labels = np.concatenate([source.truth.labels for source in sources])
    known = np.concatenate([source.truth.kept for source in sources])
    source = np.repeat(np.arange(len(sources)), [source.entries for source in sources])
    if not known.any():
        raise TooFewEvents(
            f"No event is left to convert: the policies leave out all {len(labels)} entries by their truth."
        )
    paths = [source.path for source in sources]
    split.assign(plan.rules, labels[known], source[known], np.concatenate(order)[known], paths, plan.classes)


def select(plan: Plan, planes: Sequence[int], table: Table) -> np.ndarray:
    """(events,) bool: which events the plan's selection keeps. Raises TooFewEvents when it keeps none."""
    if plan.select is None:
        return np.ones(len(table["entry"]), bool)
    selected = Selection(plan.select, selectable(planes))(table)
    if not selected.any():
        raise TooFewEvents(Argument("select", plan.select), f" keeps none of {len(selected)} events.")
    return selected


def share_out(
    plan: Plan, sources: Sequence[Source], table: Table, selected: np.ndarray, order: Sequence[np.ndarray]
) -> dict[str, np.ndarray]:
    """{sample: positions in the table} of the selected events."""
    candidates = np.flatnonzero(selected)
    source, entry = table["source"][candidates], table["entry"][candidates]
    # Sources of one another's length: their orders lie behind each other.
    first = np.concatenate([[0], np.cumsum([len(keys) for keys in order])[:-1]]).astype(np.int64)
    keys = np.concatenate(order)[first[source] + entry]
    paths = [source.path for source in sources]
    chosen = split.assign(plan.rules, table["label"][candidates], source, keys, paths, plan.classes)
    return {name: candidates[positions] for name, positions in chosen.items()}


def _what_was_left_out(sources: Sequence[Source], left_out: Mapping[int, Counter[str]]) -> str:
    """'25 entries left out: several particles. ...' of all sources together."""
    counts = sum(left_out.values(), Counter())
    counts["unknown-pdg"] += int(sum(np.sum(source.truth.without_class) for source in sources))
    return " ".join(f"{count} entries were left out: {DEFECTS[name].found}." for name, count in counts.items() if count)


def _check_repeated(table: Table, sources: Sequence[Source]) -> None:
    """Warn of a repeated (run, subrun, event); raise DuplicateInput where the hits are the same too."""
    identity = np.stack([table["run"], table["subrun"], table["event"]], axis=1)
    _, count = np.unique(identity, axis=0, return_counts=True)
    if not (count > 1).any():
        return
    full = np.column_stack([identity.astype(np.uint64), table["hits_digest"]])
    _, group, members = np.unique(full, axis=0, return_inverse=True, return_counts=True)
    # Events without hits are all alike: only hits can tell that an event is there twice.
    same = np.flatnonzero((members[group.reshape(-1)] > 1) & (table["hits"] > 0))
    if same.size:
        twins = same[group.reshape(-1)[same] == group.reshape(-1)[same[0]]][:2]
        where = " and ".join(f"{sources[table['source'][i]].path}, entry {table['entry'][i]}" for i in twins)
        raise DuplicateInput(
            f"{same.size} events are there more than once, with the same run, subrun, event and hits: {where}. "
            "An event in two samples would make the result worthless: remove one of the files."
        )
    repeated = int(count[count > 1].sum())
    warnings.warn(
        f"{repeated} events share their (run, subrun, event) with another one (their hits differ); "
        "they are told apart by source and entry.",
        RepeatedEvents,
        stacklevel=_TO_THE_CALLER,
    )


def _check_content(table: Table, plan: Plan, shape: Shape) -> None:
    settings = plan.settings
    parts: tuple[Argument | str, ...]
    if not table["hits"].any():
        cause = () if settings.threshold is None else (Argument("threshold", settings.threshold), ": ")
        parts = (*cause, f"not one of {len(table['hits'])} events has a hit.")
    elif shape[:2] == (1, 1):
        cropped = settings.crop is not None
        by = Argument("crop", "1x1") if cropped else Argument("down_sample", settings.down_sample)
        parts = (by, " leaves images of 1 x 1 pixel.")
    else:
        return
    warnings.warn(EmptyImages(*parts), stacklevel=_TO_THE_CALLER)
