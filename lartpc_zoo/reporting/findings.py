"""What the comparison says: which networks are as good as the best, which of them is the best buy, and what each axis
of the study brings. Nothing is claimed that the corrected tests do not hold."""

import itertools
from dataclasses import dataclass, replace

from lartpc_zoo.metrics.comparison import Difference, Spread, compare_all
from lartpc_zoo.models.axes import axis_between

LEVEL = 0.05
"""Of significance, for all pairs of a comparison together."""

_RESNETS, _VGGS, _REFERENCES = ("resnet", "plainresnet"), ("vgg",), ("alexnet", "googlenet")


@dataclass(frozen=True)
class Step:
    """A change on one axis of the study, towards the network that costs more."""

    axis: str
    difference: Difference
    cost_ratio: float


@dataclass(frozen=True)
class Findings:
    """What a comparison of two or more networks says; networks are named as Contenders are.

    margin: part of 1. cost: name in COSTS. spread: over seeds, or None. differences: of all pairs. ranking: networks by
    accuracy, best first. equivalent: those functionally equivalent to the best, itself first. suggested: the cheapest
    of these. front: those that no other network beats in accuracy at the same or a lower cost, cheapest first.
    surpassed: {network: one that costs no more and is significantly better}. families: {'ResNet' or 'VGG': the best}.
    references: Differences of these to AlexNet and GoogLeNet. steps: changes on single axes.
    """

    margin: float
    cost: str
    spread: Spread | None
    differences: tuple[Difference, ...]
    ranking: tuple[str, ...]
    equivalent: tuple[str, ...]
    suggested: str
    front: tuple[str, ...]
    surpassed: dict
    families: dict
    references: tuple[Difference, ...]
    steps: tuple[Step, ...]

    @property
    def undecided(self):
        """Networks that are neither shown to differ from the best nor to be equivalent to it, better ones first."""
        best, *others = self.ranking
        left = [name for name in others if name not in self.equivalent]
        return [name for name in left if not self.between(best, name).differs(LEVEL)]

    def between(self, first, second):
        """The Difference first minus second."""
        return _between(self.differences, first, second)


def find(contenders, spread, margin, cost):
    """The Findings on two or more Contenders.

    spread: over seeds, or None. margin: part of 1. cost: name in COSTS that all of them have.
    """
    by_name = {contender.name: contender for contender in contenders}
    differences = compare_all(
        {name: contender.correct for name, contender in by_name.items()},
        {name: len(contender.runs) for name, contender in by_name.items()},
        spread,
        margin,
    )
    costs = {name: contender.costs[cost] for name, contender in by_name.items()}
    ranking = sorted(by_name, key=lambda name: (-by_name[name].accuracy, costs[name], name))
    best = ranking[0]
    equivalent = [best, *(name for name in ranking[1:] if _between(differences, best, name).equivalent(LEVEL))]
    families = _best_of_families(ranking, by_name)
    return Findings(
        margin,
        cost,
        spread,
        tuple(differences),
        tuple(ranking),
        tuple(equivalent),
        min(equivalent, key=lambda name: (costs[name], ranking.index(name))),
        tuple(_front(ranking, costs)),
        _surpassed(ranking, costs, differences),
        families,
        tuple(_references(families, by_name, differences)),
        tuple(_steps(contenders, costs, differences)),
    )


def _between(differences, first, second):
    for one in differences:
        if (one.first, one.second) == (first, second):
            return one
        if (one.first, one.second) == (second, first):
            return replace(one, first=first, second=second, difference=-one.difference)
    raise KeyError((first, second))


def _front(ranking, costs):
    """Networks that are cheaper than all better ones, cheapest first."""
    front = []
    for name in ranking:
        if all(costs[name] < costs[better] for better in front):
            front.append(name)
    return front[::-1]


def _surpassed(ranking, costs, differences):
    surpassed = {}
    for name in ranking:
        for other in ranking[: ranking.index(name)]:
            if costs[other] <= costs[name] and _between(differences, other, name).differs(LEVEL):
                surpassed[name] = other
                break
    return surpassed


def _best_of_families(ranking, by_name):
    best = {}
    for title, members in (("ResNet", _RESNETS), ("VGG", _VGGS)):
        found = next((name for name in ranking if by_name[name].spec.family in members), None)
        if found:
            best[title] = found
    return best


def _references(families, by_name, differences):
    for name in families.values():
        for reference, contender in by_name.items():
            if contender.spec.family in _REFERENCES:
                yield _between(differences, name, reference)


def _steps(contenders, costs, differences):
    for pair in itertools.combinations(contenders, 2):
        cheap, dear = sorted(pair, key=lambda contender: costs[contender.name])
        if cheap.same_recipe(dear):
            axis = axis_between(cheap.spec, dear.spec)
        else:
            axis = "recipe" if cheap.spec == dear.spec else None
        if axis:
            difference = _between(differences, dear.name, cheap.name)
            yield Step(axis, difference, costs[dear.name] / costs[cheap.name])
