"""The findings in sentences: the blanks of the study's abstract and conclusion, filled as far as the statistics go."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from data_tools.particles import TOTAL
from lartpc_zoo.metrics.comparison import Difference, Spread
from lartpc_zoo.reporting.contenders import Contender
from lartpc_zoo.reporting.costs import COSTS
from lartpc_zoo.reporting.findings import LEVEL, Findings, Limit
from lartpc_zoo.training.protocol import PLATEAUED

_ADVICE = {
    Limit.EVENTS: "The number of events limits this: more events of testB would help.",
    Limit.SEEDS: "The spread over seeds, which few trainings tell, limits this: more seeds would help.",
    Limit.EITHER: "Events and seeds limit this together: more seeds or more events of testB would help.",
    Limit.BOTH: "Events and seeds each limit this: it takes more seeds and more events of testB.",
}


def summary(contenders: Sequence[Contender], spread: Spread | None, findings: Findings | None) -> list[str]:
    """Sentences on one network, or on the comparison of several.

    Args:
        contenders: the networks.
        spread: over seeds, or None.
        findings: of the comparison, None for one network.
    """
    if findings is None:
        return [_accuracy_text(contenders[0], spread), *_without_plateau(contenders)]
    by_name = {contender.name: contender for contender in contenders}
    return [
        _abstract(findings, by_name),
        _suggestion(findings, by_name),
        *_undecided(findings),
        *_families(findings, by_name),
        *_front(findings, by_name),
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


def _abstract(findings: Findings, by_name: Mapping[str, Contender]) -> str:
    margin = f"{100 * findings.margin:g} percentage point{'' if findings.margin == 0.01 else 's'}"
    best, suggested = findings.equivalent[0], findings.suggested
    accuracy = _accuracy_text(by_name[best], findings.spread)
    if len(findings.equivalent) == 1:
        return f"{accuracy} No other network is shown to be functionally equivalent to it, that is, within {margin}."
    if suggested == best:
        gain = f"and {best}, the best of them, also costs least ({_cost_text(by_name[best], findings.cost)})"
    else:
        gain = (
            f"with gains in network {suggested} in resource consumption: "
            f"{_cost_text(by_name[suggested], findings.cost)}, {_times(by_name, best, suggested, findings.cost)} less "
            f"than {best}"
        )
    return (
        f"Networks {_listed(findings.equivalent)} give functionally equivalent performance (within {margin} of "
        f"{best}), {gain}. {accuracy}"
    )


def _suggestion(findings: Findings, by_name: Mapping[str, Contender]) -> str:
    suggested, best = findings.suggested, findings.ranking[0]
    if suggested == best:
        reason = "it has the highest accuracy"
    else:
        difference = findings.between(suggested, best)
        reason = (
            f"of the networks that are equivalent to the best, {best}, it costs least ({COSTS[findings.cost].title}); "
            f"its accuracy differs by {_difference_text(difference)}"
        )
    limit = by_name[suggested].costs[findings.cost]
    cheaper = [name for name in findings.undecided if by_name[name].costs[findings.cost] < limit]
    if cheaper:
        less = f"cost{'s' if len(cheaper) == 1 else ''} less and may be as good"
        return f"Suggested network, with reservations: {suggested}; {reason}, but {_listed(cheaper)} {less}."
    return f"Suggested network: {suggested}; {reason}, and no network that may be as good costs less."


def _undecided(findings: Findings) -> Iterator[str]:
    """Which networks are neither shown to differ from the best nor to be equivalent to it, and what would help."""
    best = findings.ranking[0]
    for limit, advice in _ADVICE.items():
        if names := [name for name, found in findings.undecided.items() if found is limit]:
            they = "it differs" if len(names) == 1 else "they differ"
            equivalent = "it is" if len(names) == 1 else "they are"
            yield (
                f"Undecided: {_listed(names)}. The data show neither that {they} from {best} nor that {equivalent} "
                f"equivalent to it. {advice}"
            )


def _families(findings: Findings, by_name: Mapping[str, Contender]) -> Iterator[str]:
    for family, name in findings.families.items():
        yield f"The {family} with the highest accuracy is {name}, {_percent(by_name[name].accuracy)}."
    for difference in findings.references:
        yield (
            f"{difference.first} against {difference.second}: {_difference_text(difference)} "
            f"({verdict(difference)}), at {_cost_text(by_name[difference.first], findings.cost)} against "
            f"{_cost_text(by_name[difference.second], findings.cost)}."
        )


def _front(findings: Findings, by_name: Mapping[str, Contender]) -> Iterator[str]:
    points = [
        f"{name} ({_percent(by_name[name].accuracy)}, {_cost_text(by_name[name], findings.cost)})"
        for name in findings.front
    ]
    yield f"Measured values of accuracy and cost that no other network beats: {_listed(points)}."
    for name, other in findings.surpassed.items():
        better = f"by {100 * findings.between(other, name).difference:.2f} percentage points"
        within = " Both are within the margin." if {name, other} <= set(findings.equivalent) else ""
        yield f"{name} is surpassed: {other} costs no more and is significantly better, {better}.{within}"


def _without_plateau(contenders: Sequence[Contender]) -> Iterator[str]:
    """Which trainings ended at the maximum of epochs, and might have become better."""
    ended = [
        f"{contender.name} (seed {run.config.seed})"
        for contender in contenders
        for run in contender.runs
        if run.results.status != PLATEAUED
    ]
    if ended:
        yield f"Without a plateau: {_listed(ended)}. Training ended at the maximum number of epochs."


def _scope(findings: Findings, contenders: Sequence[Contender]) -> str:
    pairs = len(findings.differences)
    tests = f"Tests are paired by event and corrected for {pairs} pair{'' if pairs == 1 else 's'} (Holm, {LEVEL:g})."
    best = "The best network was chosen on the same events that it is measured with: its accuracy is somewhat too high."
    return f"{tests} {_seeds_text(findings.spread, contenders)} {best}"


def _seeds_text(spread: Spread | None, contenders: Sequence[Contender]) -> str:
    """What is known of the spread over seeds, and so what the tests hold for."""
    if spread is None:
        return (
            "Every network was trained once, so this holds for these weights: how much another seed would change is "
            "not known."
        )
    single = [contender.name for contender in contenders if len(contender.runs) == 1]
    if spread.alike:
        text = (
            f"The accuracy of a network varies by {100 * spread.pooled:.2f} percentage points over seeds (standard "
            f"deviation, {spread.freedom} degree{'' if spread.freedom == 1 else 's'} of freedom, taken to be the "
            "same for all networks), which the errors include"
        )
        once = f"; for {_listed(single)}, trained once, that is an assumption" if single else ""
        return f"{text}{once}."
    own = ", ".join(f"{name} {100 * deviation:.2f}" for name, deviation in spread.deviations.items())
    text = (
        f"The spread over seeds differs between networks (standard deviations in percentage points: {own}; Bartlett's "
        f"p {spread.p:.2g}), so each has its own, which the errors include"
    )
    once = f"; of {_listed(single)}, trained once, nothing can be said" if single else ""
    return f"{text}{once}."


def _accuracy_text(contender: Contender, spread: Spread | None) -> str:
    runs, error = len(contender.runs), 100 * contender.mean_accuracies()[TOTAL].error
    text = f"{contender.name} gives {100 * contender.accuracy:.1f} ± {error:.1f}"
    seeds = spread.error_of_mean(contender.name, runs) if spread else None
    if seeds is not None:
        text += f" (events) ± {100 * seeds:.1f} (seeds)"
    return f"{text} % on testB{f', the mean of {runs} trainings' if runs > 1 else ''}."


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.1f} %"


def _difference_text(difference: Difference) -> str:
    error = "" if math.isnan(difference.error) else f" ± {100 * difference.error:.2f}"
    return f"{100 * difference.difference:+.2f}{error} percentage points"


def _cost_text(contender: Contender, cost: str) -> str:
    described = COSTS[cost]
    return f"{contender.costs[cost]:.3g} {described.unit.split()[0]} {described.title}"


def _times(by_name: Mapping[str, Contender], dear: str, cheap: str, cost: str) -> str:
    ratio = by_name[dear].costs[cost] / by_name[cheap].costs[cost]
    return f"{ratio:,.{0 if ratio >= 100 else 1}f} times"


def _listed(names: Iterable[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
