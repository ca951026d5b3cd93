"""The findings in sentences: the blanks of the study's abstract and conclusion, filled as far as the statistics go."""

from collections.abc import Iterator, Mapping, Sequence

from data_tools.particles import TOTAL
from lartpc_zoo.metrics.comparison import Difference, Spread
from lartpc_zoo.reporting.contenders import Contender
from lartpc_zoo.reporting.costs import COSTS
from lartpc_zoo.reporting.findings import LEVEL, Findings
from lartpc_zoo.training.protocol import PLATEAUED

_FEW = 3


def summary(contenders: Sequence[Contender], spread: Spread | None, findings: Findings | None) -> list[str]:
    """At most five sentences on one network, or on the comparison of several.

    Args:
        contenders: the networks.
        spread: over seeds, or None.
        findings: of the comparison, None for one network.
    """
    if findings is None:
        return [f"{_accuracy_text(contenders[0], spread)}.", *_without_plateau(contenders)]
    by_name = {contender.name: contender for contender in contenders}
    return [
        _suggestion(findings, by_name),
        _best(findings, by_name),
        *_axes(findings),
        *_without_plateau(contenders),
        _scope(findings, contenders),
    ]


def limits_text(limits: Sequence[str], fingerprint: str) -> str:
    """What the data of the trainings are limited by.

    Args:
        limits: as cards of networks trained on the same data say them.
        fingerprint: of the data set.
    """
    if limits:
        return f"Limits of the data: {' '.join(limits)}"
    return (
        f"Limits of the data: nothing is known here of how the data set {fingerprint[:12]} was made. Say it wherever "
        "these results are shown."
    )


def verdict(difference: Difference) -> str:
    """What a Difference says at LEVEL, in a word or two."""
    differs, equivalent = difference.differs(LEVEL), difference.equivalent(LEVEL)
    if differs and equivalent:
        return "different, within the margin"
    return "different" if differs else "equivalent" if equivalent else "undecided"


def _suggestion(findings: Findings, by_name: Mapping[str, Contender]) -> str:
    suggested, best = findings.suggested, findings.ranking[0]
    text = f"{_accuracy_text(by_name[suggested], findings.spread)}, at {_cost_text(by_name[suggested], findings.cost)}"
    if suggested == best:
        reason = "it has the highest accuracy"
    else:
        times = _times(by_name, best, suggested, findings.cost)
        reason = f"it is functionally equivalent to the best, {best}, which costs {times} as much"
    limit = by_name[suggested].costs[findings.cost]
    cheaper = [name for name in findings.undecided if by_name[name].costs[findings.cost] < limit]
    if cheaper:
        less = f"cost{'s' if len(cheaper) == 1 else ''} less and may be as good"
        return f"Suggested network, with reservations: {text}; {reason}, but {_few(cheaper)} {less}."
    return f"Suggested network: {text}; {reason}, and no network that may be as good costs less."


def _best(findings: Findings, by_name: Mapping[str, Contender]) -> str:
    best, *others = findings.ranking
    equivalent = [name for name in findings.equivalent if name != best]
    different = [name for name in others if name not in equivalent and name not in findings.undecided]
    parts = [
        f"{_few(names)} {'is' if len(names) == 1 else 'are'} {what}"
        for names, what in (
            (equivalent, f"functionally equivalent to it, that is, within {_margin(findings)}"),
            (different, "less accurate"),
            (list(findings.undecided), "neither shown to differ from it nor to be equivalent"),
        )
        if names
    ]
    accuracy = "" if best == findings.suggested else f": {_accuracy_text(by_name[best], findings.spread)}"
    return f"Against {best}, the most accurate one{accuracy}: {', '.join(parts)}."


def _axes(findings: Findings) -> Iterator[str]:
    """How many of the questions of the study are answered."""
    steps = findings.steps
    if not steps:
        return
    text = (
        f"Of {len(steps)} change{'' if len(steps) == 1 else 's'} on one axis, "
        f"{sum(step.of_trainings.decided(LEVEL) for step in steps)} are decided between these trainings"
    )
    known = [step.difference for step in steps if step.difference is not None]
    if known:
        decided = sum(difference.decided(LEVEL) for difference in known)
        text += f", {decided} between the networks, whatever the seed"
    yield f"{text}: see the table of axes."


def _without_plateau(contenders: Sequence[Contender]) -> Iterator[str]:
    """Which trainings ended at the maximum of epochs, and might have become better."""
    ended = [
        f"{contender.name} (seed {run.config.seed})"
        for contender in contenders
        for run in contender.runs
        if run.results.status != PLATEAUED
    ]
    if ended:
        named = _few(ended) if len(ended) <= _FEW else f"{len(ended)} trainings"
        yield f"Without a plateau, at the maximum number of epochs, ended {named}."


def _scope(findings: Findings, contenders: Sequence[Contender]) -> str:
    pairs = len(findings.differences)
    tests = f"Tests are paired by event and corrected for {pairs} pair{'' if pairs == 1 else 's'} (Holm, {LEVEL:g})"
    best = "the best network was chosen on the events that it is measured with, so its accuracy is somewhat too high"
    return f"{tests}; {_seeds_text(findings.spread, contenders)}; {best}."


def _seeds_text(spread: Spread | None, contenders: Sequence[Contender]) -> str:
    """What is known of the spread over seeds, and so what the tests hold for."""
    if spread is None:
        return (
            "every network was trained once, so they hold for these weights, and how much another seed would change is "
            "not known"
        )
    text = (
        f"they include the spread over seeds, {100 * spread.pooled:.2f} percentage points (standard deviation, "
        f"{spread.freedom} degree{'' if spread.freedom == 1 else 's'} of freedom; a larger one of its own counts)"
    )
    single = [contender.name for contender in contenders if len(contender.runs) == 1]
    return f"{text}, which is an assumption for {_few(single)}, trained once" if single else text


def _accuracy_text(contender: Contender, spread: Spread | None) -> str:
    runs, error = len(contender.runs), 100 * contender.mean_accuracies()[TOTAL].error
    text = f"{contender.name} gives {100 * contender.accuracy:.1f} ± {error:.1f}"
    if spread:
        text += f" (events) ± {100 * spread.error_of_mean(contender.name, runs):.1f} (seeds)"
    return f"{text} % on testB{f', the mean of {runs} trainings' if runs > 1 else ''}"


def _margin(findings: Findings) -> str:
    return f"{100 * findings.margin:g} percentage point{'' if findings.margin == 0.01 else 's'}"


def _cost_text(contender: Contender, cost: str) -> str:
    described = COSTS[cost]
    return f"{contender.costs[cost]:.3g} {described.unit.split()[0]} {described.title}"


def _times(by_name: Mapping[str, Contender], dear: str, cheap: str, cost: str) -> str:
    ratio = by_name[dear].costs[cost] / by_name[cheap].costs[cost]
    return f"{ratio:,.{0 if ratio >= 100 else 1}f} times"


def _few(names: Sequence[str]) -> str:
    """The names, or how many they are: lists of many are tables."""
    if len(names) > _FEW:
        return f"{len(names)} networks"
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
