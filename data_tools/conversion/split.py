"""Which event goes into which sample, and where: decided by the identity of the event and a seed, by nothing else.

The identity of an event is (sha256 of its source, entry). A keyed BLAKE2b hash of it gives two numbers: one orders the
events for the choice of a sample, the other, independent of the first, is the order inside the sample; with one number
only, a sample of equal classes from unequal ones would come out sorted by class.
"""

import fnmatch
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from data_tools.errors import Argument, BadOption, TooFewEvents
from data_tools.location import name_of
from data_tools.particles import NO_TRUTH, Classes

ORDER = "keyed BLAKE2b of source sha256 and entry"
"""The rule in words, as the manifest and its fingerprint hold it."""

_SAMPLE = re.compile(r"(?P<name>[A-Za-z][A-Za-z0-9]*)(=(?P<count>\d+))?(@(?P<glob>.+))?")
_KEY_BYTES = 8


@dataclass(frozen=True)
class SampleRule:
    """One wanted sample: `count` events in all, equal per class (None = all that is left), from inputs like `glob`."""

    name: str
    count: int | None = None
    glob: str | None = None

    def __str__(self) -> str:
        count = "" if self.count is None else f"={self.count}"
        return self.name + count + (f"@{self.glob}" if self.glob else "")

    def takes_from(self, path: Path | str) -> bool:
        """Whether the sample may take events of the input file `path`: its name or its whole path is like `glob`."""
        if self.glob is None:
            return True
        return fnmatch.fnmatch(name_of(path), self.glob) or fnmatch.fnmatch(str(path), self.glob)


def parse_sample(text: str) -> SampleRule:
    """SampleRule of a text NAME[=N][@GLOB]."""
    match = _SAMPLE.fullmatch(text)
    if not match:
        raise BadOption(
            Argument("samples", text), ": expected NAME[=N][@GLOB], as in train=10000 or testB@*_test_*.root."
        )
    count = match["count"]
    return SampleRule(match["name"], None if count is None else int(count), match["glob"])


def check_rules(rules: Sequence[SampleRule], classes: Classes) -> None:
    """Raise BadOption when the rules cannot be followed, whatever the input."""
    names = [rule.name for rule in rules]
    if not rules or len(set(names)) != len(names):
        raise BadOption(f"Expected one or more samples with different names, got {names}.")
    for rule in rules:
        if rule.count is not None and (rule.count == 0 or rule.count % len(classes)):
            lower = max(rule.count // len(classes), 1) * len(classes)
            raise BadOption(
                f"Sample {rule}: {rule.count} events cannot be shared equally by {len(classes)} classes "
                f"({', '.join(classes.names)}); take {lower} or {lower + len(classes)}."
            )


def check_globs(rules: Sequence[SampleRule], paths: Sequence[Path | str]) -> None:
    """Raise BadOption when a rule's glob matches none of the input files."""
    for rule in rules:
        if not any(rule.takes_from(path) for path in paths):
            raise BadOption(
                f"Sample {rule}: no input file matches {rule.glob!r}; inputs: {', '.join(map(str, paths))}."
            )


def keys(seed: int, source_sha256: str, entries: Iterable[int]) -> np.ndarray:
    """Two uint64 per entry, (entries, 2): the order of choice and the order inside a sample."""
    key = f"lartpc-zoo split {seed}".encode()
    packed = b"".join(
        hashlib.blake2b(f"{source_sha256}/{entry}".encode(), key=key, digest_size=2 * _KEY_BYTES).digest()
        for entry in entries
    )
    return np.frombuffer(packed, "<u8").reshape(-1, 2)


def assign(
    rules: Sequence[SampleRule],
    labels: np.ndarray,
    source: np.ndarray,
    order: np.ndarray,
    paths: Sequence[Path | str],
    classes: Classes,
) -> dict[str, np.ndarray]:
    """Share out events, each to one sample only.

    Samples with a number and a glob choose first, then those with a number, then those with a glob, then the rest.

    Args:
        rules: the samples.
        labels: (events,) int64.
        source: (events,) int64, number of each event's input file.
        order: (events, 2) uint64 from `keys`.
        paths: of the input files.
        classes: of the labels.

    Returns:
        {sample name: positions of its events, in their order}.

    Raises:
        TooFewEvents: there are fewer than a sample needs.
        BadOption: a sample would have events with truth and without.
    """
    free = np.ones(len(labels), bool)
    taken = {}
    for rule in sorted(rules, key=lambda rule: (rule.count is None, rule.glob is None)):
        from_source = np.array([rule.takes_from(path) for path in paths], bool)
        eligible = np.flatnonzero(free & from_source[source])
        chosen = eligible
        if rule.count is not None:
            chosen = _equal_classes(rule, rule.count, eligible, labels, order[:, 0], classes)
        _check_not_mixed(rule, labels[chosen])
        if not len(chosen):
            hint = " Ask for fewer events in the other samples." if len(rules) > 1 else ""
            raise TooFewEvents(f"Sample {rule}: no event is left for it.{hint}")
        free[chosen] = False
        taken[rule.name] = chosen[np.argsort(order[chosen, 1], kind="stable")]
    return {rule.name: taken[rule.name] for rule in rules}


def _check_not_mixed(rule: SampleRule, labels: np.ndarray) -> None:
    unlabelled = int(np.sum(labels == NO_TRUTH))
    if 0 < unlabelled < len(labels):
        raise BadOption(
            f"Sample {rule} would mix {len(labels) - unlabelled} events with truth and {unlabelled} without. Give each "
            "kind a sample of its own, with @GLOB."
        )


def _equal_classes(
    rule: SampleRule, count: int, eligible: np.ndarray, labels: np.ndarray, choice_order: np.ndarray, classes: Classes
) -> np.ndarray:
    if len(eligible) and (labels[eligible] == NO_TRUTH).all():
        raise TooFewEvents(
            f"Sample {rule}: its {len(eligible)} events have no truth, so they cannot be taken equally from classes. "
            "Ask for the sample without a number: ",
            Argument("samples", rule.name),
            ".",
        )
    per_class = count // len(classes)
    chosen, missing = [], []
    for label, name in enumerate(classes.names):
        of_class = eligible[labels[eligible] == label]
        if len(of_class) < per_class:
            missing.append(f"{name}: {len(of_class)}")
        chosen.append(of_class[np.argsort(choice_order[of_class], kind="stable")[:per_class]])
    if missing:
        raise TooFewEvents(
            f"Sample {rule} needs {per_class} events of each class, but what is left for it is "
            f"{', '.join(missing)}. Give more input files or ask for fewer events."
        )
    return np.concatenate(chosen)
