"""What the comparison says: which networks are as good as the best, which of them costs least, and what each axis of
the study brings. Nothing is claimed that the corrected tests do not show."""

import enum
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from lartpc_zoo.metrics.comparison import (
    Difference,
    Spread,
    compare_all,
    without_events_error,
    without_seeds_error,
)
from lartpc_zoo.models.comparing import axis_between
from lartpc_zoo.reporting.contenders import Contender

LEVEL = 0.05
"""Of significance, for all pairs of a comparison together."""


class Limit(enum.Enum):
    """What keeps a comparison from a verdict."""

    EVENTS = "events"
    SEEDS = "seeds"
    EITHER = "either"
    BOTH = "both"


@dataclass(frozen=True)
class Step:
    """A change on one axis of the study, towards the network that costs more.

    Attributes:
        axis: its name.
        of_trainings: difference of the network that costs more to the other, of these trainings.
        difference: the same of the networks, whatever the seed; None where no network has several trainings.
        trainings: numbers of trainings, of the network that costs more and of the other.
        cost_ratio: how many times more it costs.
    """

    axis: str
    of_trainings: Difference
    difference: Difference | None
    trainings: tuple[int, int]
    cost_ratio: float


@dataclass(frozen=True)
class Findings:
    """What a comparison of two or more networks says; networks are named as Contenders are.

    Attributes:
        margin: of equivalence, as a fraction of 1.
        cost: name in COSTS.
        spread: over seeds, or None.
        of_trainings: differences of all pairs, of these trainings.
        differences: the same of the networks, whatever the seed; `of_trainings` where no network has several. What
            follows is by these.
        ranking: networks by accuracy, best first.
        equivalent: those functionally equivalent to the best, itself first.
        suggested: the cheapest of these.
        front: those that no other network beats in accuracy at the same or a lower cost, cheapest first.
        surpassed: {network: one that costs no more and is significantly better}.
        steps: changes on single axes.
        undecided: {network: why it is neither shown to differ from the best nor to be equivalent to it}, better ones
            first.
    """

    margin: float
    cost: str
    spread: Spread | None
    of_trainings: tuple[Difference, ...]
    differences: tuple[Difference, ...]
    ranking: tuple[str, ...]
    equivalent: tuple[str, ...]
    suggested: str
    front: tuple[str, ...]
    surpassed: dict[str, str]
    steps: tuple[Step, ...]
    undecided: dict[str, Limit] = field(default_factory=dict)

    def between(self, first: str, second: str) -> Difference:
        """The Difference first minus second, of the networks."""
        return _between(self.differences, first, second)

    def between_trainings(self, first: str, second: str) -> Difference:
        """The Difference first minus second, of these trainings."""
        return _between(self.of_trainings, first, second)


def find(contenders: Sequence[Contender], spread: Spread | None, margin: float, cost: str) -> Findings:
    """The Findings on two or more Contenders.

    Args:
        contenders: the networks.
        spread: over seeds, or None.
        margin: of equivalence, as a fraction of 1.
        cost: name in COSTS that all of them have.
    """
    by_name = {contender.name: contender for contender in contenders}
    correct = {name: contender.correct for name, contender in by_name.items()}
    runs = {name: len(contender.runs) for name, contender in by_name.items()}
    of_trainings = compare_all(correct, runs, None, margin)
    differences = compare_all(correct, runs, spread, margin) if spread else of_trainings
    costs = {name: contender.costs[cost] for name, contender in by_name.items()}
    ranking = sorted(by_name, key=lambda name: (-by_name[name].accuracy, costs[name], name))
    best = ranking[0]
    equivalent = [best, *(name for name in ranking[1:] if _between(differences, best, name).equivalent(LEVEL))]
    return Findings(
        margin=margin,
        cost=cost,
        spread=spread,
        of_trainings=tuple(of_trainings),
        differences=tuple(differences),
        ranking=tuple(ranking),
        equivalent=tuple(equivalent),
        suggested=min(equivalent, key=lambda name: (costs[name], ranking.index(name))),
        front=tuple(_front(ranking, costs)),
        surpassed=_surpassed(ranking, costs, differences),
        steps=tuple(_steps(contenders, costs, of_trainings, differences if spread else None)),
        undecided=_undecided(ranking, differences),
    )


def _between(differences: Sequence[Difference], first: str, second: str) -> Difference:
    for one in differences:
        if (one.first, one.second) == (first, second):
            return one
        if (one.first, one.second) == (second, first):
            return replace(one, first=first, second=second, difference=-one.difference)
    raise KeyError((first, second))


def _undecided(ranking: Sequence[str], differences: Sequence[Difference]) -> dict[str, Limit]:
    """{network: what keeps its comparison with the best from a verdict}, of those without one, better ones first."""
    best, *others = ranking
    unlimited_seeds, unlimited_events = without_seeds_error(differences), without_events_error(differences)
    limits = {}
    for name in others:
        if _between(differences, best, name).decided(LEVEL):
            continue
        with_seeds, with_events = (
            _between(supposed, best, name).decided(LEVEL) for supposed in (unlimited_seeds, unlimited_events)
        )
        if with_seeds and with_events:
            limits[name] = Limit.EITHER
        elif with_seeds or with_events:
            limits[name] = Limit.SEEDS if with_seeds else Limit.EVENTS
        else:
            limits[name] = Limit.BOTH
    return limits


def _front(ranking: Sequence[str], costs: Mapping[str, float]) -> list[str]:
    """Networks that are cheaper than all better ones, cheapest first."""
    front: list[str] = []
    for name in ranking:
        if all(costs[name] < costs[better] for better in front):
            front.append(name)
    return front[::-1]


def _surpassed(ranking: Sequence[str], costs: Mapping[str, float], differences: Sequence[Difference]) -> dict[str, str]:
    """{network: the best of those that cost no more and are significantly better}."""
    surpassed = {}
    for name in ranking:
        for other in ranking[: ranking.index(name)]:
            if costs[other] <= costs[name] and _between(differences, other, name).differs(LEVEL):
                surpassed[name] = other
                break
    return surpassed


def _steps(
    contenders: Sequence[Contender],
    costs: Mapping[str, float],
    of_trainings: Sequence[Difference],
    differences: Sequence[Difference] | None,
) -> Iterator[Step]:
    for pair in itertools.combinations(contenders, 2):
        cheap, dear = sorted(pair, key=lambda contender: (costs[contender.name], contender.accuracy))
        if axis := _axis(cheap, dear):
            yield Step(
                axis,
                _between(of_trainings, dear.name, cheap.name),
                _between(differences, dear.name, cheap.name) if differences else None,
                (len(dear.runs), len(cheap.runs)),
                costs[dear.name] / costs[cheap.name],
            )


def _axis(one: Contender, other: Contender) -> str | None:
    """The one thing in which two contenders differ: an axis of the study, the recipe, the images; None of several."""
    differing = {
        "recipe": not one.same_recipe(other),
        "images": not one.same_data(other),
        axis_between(one.spec, other.spec): one.spec != other.spec,
    }
    found = [axis for axis, differs in differing.items() if differs]
    return found[0] if len(found) == 1 else None
