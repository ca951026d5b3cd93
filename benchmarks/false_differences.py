"""How often a report calls networks different that differ by their seeds only: python benchmarks/false_differences.py

Simulated studies: every network has the same true accuracy, every training its own around it, and all score the same
events. A study counts when any of its pairs is called different at the level of the report, which should be rare. It
takes some minutes; docs/comparing.md quotes it.
"""

from collections.abc import Sequence

import click
import numpy as np

from lartpc_zoo.metrics.comparison import compare_all, spread_of
from lartpc_zoo.reporting.findings import LEVEL

ACCURACY, BLUR, MARGIN = 0.85, 0.03, 0.01
STUDIES = {
    # what is simulated: (standard deviation over seeds in percentage points, number of trainings) of every network
    "3 networks, 2 seeds each": [(1.0, 2)] * 3,
    "4 networks, 3 seeds each": [(1.0, 3)] * 4,
    "5 networks, one with 2 seeds": [(1.0, 2)] + [(1.0, 1)] * 4,
    "3 networks, 2 seeds each, one varies much more": [(4.0, 2)] + [(0.3, 2)] * 2,
    "7 networks, 2 seeds each, two vary much more": [(4.0, 2)] * 2 + [(0.3, 2)] * 5,
    "3 networks, 3 seeds each, one varies much more": [(4.0, 3)] + [(0.3, 3)] * 2,
    "12 networks, 3 seeds each": [(0.3, 3)] * 12,
    "12 networks, 3 seeds each, two vary three times as much": [(0.9, 3)] * 2 + [(0.3, 3)] * 10,
    "12 networks, 3 seeds each, two vary ten times as much": [(3.0, 3)] * 2 + [(0.3, 3)] * 10,
    "4 networks, those trained once vary much more": [(2.0, 1)] * 2 + [(0.3, 3)] * 2,
}


def calls_different(networks: Sequence[tuple[float, int]], events: int, random: np.random.Generator) -> bool:
    """Whether one simulated study calls any pair different."""
    difficulty = random.random(events)
    correct: dict[str, np.ndarray] = {}
    accuracies: dict[str, list[float]] = {}
    for number, (deviation, trainings) in enumerate(networks):
        name = str(number)
        fractions = np.clip(ACCURACY + random.normal(0, deviation / 100, trainings), 0, 1)
        blurred = [difficulty + random.normal(0, BLUR, events) for _ in fractions]
        right = [values < np.quantile(difficulty, fraction) for values, fraction in zip(blurred, fractions)]
        correct[name], accuracies[name] = np.mean(right, axis=0), [float(row.mean()) for row in right]
    runs = {str(number): trainings for number, (_, trainings) in enumerate(networks)}
    return any(one.differs(LEVEL) for one in compare_all(correct, runs, spread_of(accuracies), MARGIN))


@click.command(context_settings={"show_default": True})
@click.option("--studies", default=1000, help="Simulated studies of each kind.")
@click.option("--events", default=2000, help="Events of testB.")
def main(studies: int, events: int) -> None:
    """Print the fraction of the studies with a false difference."""
    random = np.random.default_rng(1)
    click.echo("| simulated | studies with a false difference |\n| --- | ---: |")
    for name, networks in STUDIES.items():
        found = np.mean([calls_different(networks, events, random) for _ in range(studies)])
        click.echo(f"| {name} | {100 * found:.1f} ± {100 * np.sqrt(found * (1 - found) / studies):.1f} % |")


if __name__ == "__main__":
    main()
