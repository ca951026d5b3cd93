"""The findings in sentences: the blanks of the study's abstract and conclusion, filled as far as the statistics go."""

from data_tools.particles import TOTAL
from lartpc_zoo.reporting.contenders import COSTS
from lartpc_zoo.reporting.findings import LEVEL


def summary(contenders, spread, findings):
    """Sentences on one network, or on the comparison of several.

    spread: over seeds, or None. findings: None for one network.
    """
    if findings is None:
        return [_accuracy_text(contenders[0], spread)]
    by_name = {contender.name: contender for contender in contenders}
    return [
        _abstract(findings, by_name),
        *_suggestion(findings, by_name),
        *_families(findings, by_name),
        *_front(findings, by_name),
        _scope(findings, contenders),
    ]


def verdict(difference):
    """What a Difference says at LEVEL, in a word or two."""
    differs, equivalent = difference.differs(LEVEL), difference.equivalent(LEVEL)
    if differs and equivalent:
        return "different, within the margin"
    return "different" if differs else "equivalent" if equivalent else "undecided"


def _abstract(findings, by_name):
    margin = f"{100 * findings.margin:g} percent point{'' if findings.margin == 0.01 else 's'}"
    best, suggested = findings.equivalent[0], findings.suggested
    if len(findings.equivalent) == 1:
        return (
            f"{_accuracy_text(by_name[best], findings.spread)} No other network is shown to be functionally equivalent "
            f"to it, that is, within {margin} of its accuracy."
        )
    networks = _listed(findings.equivalent)
    if suggested == best:
        gain = f"and {best}, the best of them, costs least as well ({_cost_text(by_name[best], findings.cost)})"
    else:
        ratio = by_name[best].costs[findings.cost] / by_name[suggested].costs[findings.cost]
        gain = (
            f"with gains in network {suggested} in resource consumption: "
            f"{_cost_text(by_name[suggested], findings.cost)}, {ratio:.2g} times less than {best}"
        )
    return f"Networks {networks} give functionally equivalent high performance (within {margin} of {best}), {gain}."


def _suggestion(findings, by_name):
    suggested, best = findings.suggested, findings.ranking[0]
    cost = COSTS[findings.cost]
    if suggested != best:
        difference = findings.between(suggested, best)
        yield (
            f"Suggested network: {suggested}. Of the networks that are equivalent to the best, {best}, it costs least "
            f"({cost.title}); its accuracy differs from that by {_difference_text(difference)}."
        )
    undecided = [
        name
        for name in findings.ranking[1:]
        if name not in findings.equivalent and not findings.between(best, name).differs(LEVEL)
    ]
    limit = by_name[suggested].costs[findings.cost]
    cheaper = [name for name in undecided if by_name[name].costs[findings.cost] < limit]
    if suggested == best and cheaper:
        yield (
            f"Suggested network: {suggested}, for its accuracy, and with reserve: it is not shown to be better than "
            f"{_listed(cheaper)}, which cost{'s' if len(cheaper) == 1 else ''} less."
        )
    elif suggested == best:
        yield f"Suggested network: {suggested}. It has the highest accuracy, and none that may be as good costs less."
    if undecided:
        yield (
            f"Undecided: {_listed(undecided)}. The data say neither that they differ from {best} nor that they are "
            "equivalent to it; more events of testB, or more seeds, would."
        )


def _families(findings, by_name):
    for family, name in findings.families.items():
        yield f"The best {family} is {name}, {_percent(by_name[name].accuracy)}."
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
    yield f"Best accuracy for its cost: {_listed(points)}."
    for name, other in findings.surpassed.items():
        yield f"{name} is surpassed: {other} costs no more and is significantly better."


def _scope(findings, contenders):
    pairs = len(findings.differences)
    tests = f"Tests are paired by event and corrected for {pairs} pair{'' if pairs == 1 else 's'} (Holm, {LEVEL:g})."
    best = (
        "The best network was found on the same events that it is measured with, so its accuracy is somewhat too high."
    )
    if findings.spread is None:
        return (
            f"{tests} Every network was trained once, so this holds for these weights: how much another seed would "
            f"change is not known. {best}"
        )
    single = [contender.name for contender in contenders if len(contender.runs) == 1]
    several = (
        f"The accuracy of a network varies by {100 * findings.spread.deviation:.2f} percent points (standard deviation "
        f"over seeds, {findings.spread.freedom} degrees of freedom, taken to be the same for all networks), which is "
        "part of the errors"
    )
    once = f"; {_listed(single)} {'was' if len(single) == 1 else 'were'} trained once" if single else ""
    return f"{tests} {several}{once}. {best}"


def _accuracy_text(contender, spread):
    runs, error = len(contender.runs), 100 * contender.mean_accuracies()[TOTAL]["error"]
    text = f"{contender.name} gives {100 * contender.accuracy:.1f} ± {error:.1f}"
    if spread:
        text += f" (events) ± {100 * spread.deviation / runs**0.5:.1f} (seeds)"
    return f"{text} % on testB{f', the mean of {runs} trainings' if runs > 1 else ''}."


def _percent(part):
    return f"{100 * part:.1f} %"


def _difference_text(difference):
    return f"{100 * difference.difference:+.2f} ± {100 * difference.error:.2f} percent points"


def _cost_text(contender, cost):
    described = COSTS[cost]
    return f"{contender.costs[cost]:.3g} {described.unit.split()[0]} {described.title}"


def _listed(names):
    names = list(names)
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
