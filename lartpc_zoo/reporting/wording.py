"""The findings in sentences: the blanks of the study's abstract and conclusion, filled as far as the statistics go."""

import math

from data_tools.particles import TOTAL
from lartpc_zoo.reporting.costs import COSTS
from lartpc_zoo.reporting.findings import LEVEL
from lartpc_zoo.training.protocol import PLATEAUED


def summary(contenders, spread, findings):
    """Sentences on one network, or on the comparison of several.

    spread: over seeds, or None. findings: None for one network.
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


def verdict(difference):
    """What a Difference says at LEVEL, in a word or two."""
    differs, equivalent = difference.differs(LEVEL), difference.equivalent(LEVEL)
    if differs and equivalent:
        return "different, within the margin"
    return "different" if differs else "equivalent" if equivalent else "undecided"


def _abstract(findings, by_name):
    margin = f"{100 * findings.margin:g} percentage point{'' if findings.margin == 0.01 else 's'}"
    best, suggested = findings.equivalent[0], findings.suggested
    accuracy = _accuracy_text(by_name[best], findings.spread)
    if len(findings.equivalent) == 1:
        return f"{accuracy} No other network is shown to be functionally equivalent to it, that is, within {margin}."
    if suggested == best:
        gain = f"and {best}, the best of them, costs least as well ({_cost_text(by_name[best], findings.cost)})"
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


def _suggestion(findings, by_name):
    suggested, best = findings.suggested, findings.ranking[0]
    if suggested == best:
        reason = "it has the highest accuracy"
    else:
        difference = findings.between(suggested, best)
        reason = (
            f"of the networks that are equivalent to the best, {best}, it costs least ({COSTS[findings.cost].title}); "
            f"its accuracy differs from that by {_difference_text(difference)}"
        )
    limit = by_name[suggested].costs[findings.cost]
    cheaper = [name for name in findings.undecided if by_name[name].costs[findings.cost] < limit]
    if cheaper:
        less = f"cost{'s' if len(cheaper) == 1 else ''} less and may be as good"
        return f"Suggested network, with reserve: {suggested}; {reason}, but {_listed(cheaper)} {less}."
    return f"Suggested network: {suggested}; {reason}, and none that may be as good costs less."


def _undecided(findings):
    if not findings.undecided:
        return
    best = findings.ranking[0]
    differences = [findings.between(best, name) for name in findings.undecided]
    unknown = any(math.isnan(one.seeds_error) for one in differences)
    seeds = unknown or sum(one.seeds_error**2 for one in differences) > sum(one.events_error**2 for one in differences)
    more = "more seeds" if seeds else "more events of testB"
    yield (
        f"Undecided: {_listed(findings.undecided)}. The data say neither that they differ from {best} nor that they "
        f"are equivalent to it; {more} would say more."
    )


def _families(findings, by_name):
    for family, name in findings.families.items():
        yield f"The {family} with the highest accuracy is {name}, {_percent(by_name[name].accuracy)}."
    for difference in findings.references:
        yield (
            f"{difference.first} against {difference.second}: {_difference_text(difference)} "
            f"({verdict(difference)}), at {_cost_text(by_name[difference.first], findings.cost)} against "
            f"{_cost_text(by_name[difference.second], findings.cost)}."
        )


def _front(findings, by_name):
    points = [
        f"{name} ({_percent(by_name[name].accuracy)}, {_cost_text(by_name[name], findings.cost)})"
        for name in findings.front
    ]
    yield f"Measured values of accuracy and cost that no other network beats: {_listed(points)}."
    for name, other in findings.surpassed.items():
        better = f"by {100 * findings.between(other, name).difference:.2f} percentage points"
        within = " Both are within the margin." if {name, other} <= set(findings.equivalent) else ""
        yield f"{name} is surpassed: {other} costs no more and is significantly better, {better}.{within}"


def _without_plateau(contenders):
    """Which trainings ended at the maximum of epochs, and might have become better."""
    ended = [
        f"{contender.name} (seed {run.config.seed})"
        for contender in contenders
        for run in contender.runs
        if run.results.status != PLATEAUED
    ]
    if ended:
        yield f"Without a plateau: {_listed(ended)}. The training ended at the maximum number of epochs."


def _scope(findings, contenders):
    pairs = len(findings.differences)
    tests = f"Tests are paired by event and corrected for {pairs} pair{'' if pairs == 1 else 's'} (Holm, {LEVEL:g})."
    best = "The best network was found on the same events that it is measured with: its accuracy is somewhat too high."
    return f"{tests} {_seeds_text(findings.spread, contenders)} {best}"


def _seeds_text(spread, contenders):
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
            f"deviation, {spread.freedom} degree{'' if spread.freedom == 1 else 's'} of freedom, taken to be the same "
            "for all networks), which is part of the errors"
        )
        once = f"; for {_listed(single)}, trained once, that is an assumption" if single else ""
        return f"{text}{once}."
    own = ", ".join(f"{name} {100 * deviation:.2f}" for name, deviation in spread.deviations.items())
    text = (
        f"The spread over seeds differs between networks (standard deviations in percentage points: {own}; Bartlett's p "
        f"{spread.p:.2g}), so each has its own, which is part of the errors"
    )
    once = f"; of {_listed(single)}, trained once, nothing can be said" if single else ""
    return f"{text}{once}."


def _accuracy_text(contender, spread):
    runs, error = len(contender.runs), 100 * contender.mean_accuracies()[TOTAL].error
    text = f"{contender.name} gives {100 * contender.accuracy:.1f} ± {error:.1f}"
    seeds = spread and spread.error_of_mean(contender.name, runs)
    if seeds is not None:
        text += f" (events) ± {100 * seeds:.1f} (seeds)"
    return f"{text} % on testB{f', the mean of {runs} trainings' if runs > 1 else ''}."


def _percent(part):
    return f"{100 * part:.1f} %"


def _difference_text(difference):
    error = "" if math.isnan(difference.error) else f" ± {100 * difference.error:.2f}"
    return f"{100 * difference.difference:+.2f}{error} percentage points"


def _cost_text(contender, cost):
    described = COSTS[cost]
    return f"{contender.costs[cost]:.3g} {described.unit.split()[0]} {described.title}"


def _times(by_name, dear, cheap, cost):
    ratio = by_name[dear].costs[cost] / by_name[cheap].costs[cost]
    return f"{ratio:,.{0 if ratio >= 100 else 1}f} times"


def _listed(names):
    names = list(names)
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
