"""The figures of a report, each with its caption, and the numbers behind those in bins."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from data_tools.files import write_csv
from data_tools.particles import TOTAL
from lartpc_zoo.metrics import accuracies as metrics
from lartpc_zoo.metrics.comparison import Spread
from lartpc_zoo.metrics.separation import Separation
from lartpc_zoo.metrics.tables import NETWORK
from lartpc_zoo.plots import training as figures
from lartpc_zoo.plots.accuracy_cost import Point, accuracy_cost_figure
from lartpc_zoo.plots.performance import binned_figure, efficiency_purity_figure
from lartpc_zoo.plots.separation import separation_figure
from lartpc_zoo.reporting.contenders import Contender
from lartpc_zoo.reporting.costs import COSTS
from lartpc_zoo.reporting.findings import Findings
from lartpc_zoo.training.run import Run

_BINS = 8
_MOST_LINES = 6
_UNFIT = re.compile(r"[^A-Za-z0-9_.-]+")  # for the name of a file


@dataclass(frozen=True)
class Shown:
    """A figure of the report.

    Attributes:
        name: of its files in figures/.
        caption: what stands below it.
    """

    name: str
    caption: str


def first_training(contenders: Sequence[Contender]) -> str:
    """For a caption: of which training something is, where there are several of a network."""
    several = any(len(contender.runs) > 1 for contender in contenders)
    return " Of the training with the lowest seed, where a network has several." if several else ""


def accuracy_cost(directory: Path, contenders: Sequence[Contender], findings: Findings) -> Shown:
    """Accuracy against cost: the picture that a comparison opens with.

    Args:
        directory: of the files.
        contenders: the networks.
        findings: of the comparison.
    """
    cost = COSTS[findings.cost]
    points = [
        Point(
            one.name,
            one.costs[findings.cost],
            one.accuracy,
            _error(one, findings.spread),
            tuple(one.accuracies),
        )
        for one in contenders
    ]
    heading = cost.heading[0].upper() + cost.heading[1:]
    accuracy_cost_figure(directory, points, findings.front, heading, findings.suggested)
    return Shown(
        "accuracy_cost",
        f"Accuracy on testB against cost. Ring: the suggested network, {findings.suggested}. Small points: single "
        "trainings. Dashed: networks that no other beats in accuracy at the same or a lower cost. Error bars: events, "
        "and seeds where their spread is known.",
    )


def comparison_figures(
    directory: Path,
    contenders: Sequence[Contender],
    findings: Findings | None,
    efficiencies: Mapping[str, pd.DataFrame],
    classes: Sequence[str],
) -> Iterator[Shown]:
    """Figure 5, and efficiency and purity in bins; yields what was drawn.

    Args:
        directory: of the files; the numbers in bins go to the one above.
        contenders: the networks.
        findings: of the comparison, None for one network.
        efficiencies: {network: table of metrics.efficiencies_and_purities}.
        classes: names, in the order of labels.
    """
    of_first = first_training(contenders)
    efficiency_purity_figure(directory, efficiencies, classes)
    yield Shown(
        "fig5_efficiency_purity",
        f"Figure 5. Efficiency and purity of every class, with Clopper-Pearson intervals of 68.27 %.{of_first}",
    )
    for name, title, label, values in _binned(contenders):
        edges = metrics.equal_bins(values, _BINS)
        if len(edges) < 2:  # all events alike: there is nothing to show it against
            continue
        tables = _in_bins(directory.parent / f"{name}.csv", contenders, classes, values, edges)
        drawn = _drawn(contenders, findings)
        binned_figure(directory, name, {network: tables[network] for network in drawn}, classes, label)
        left_out = f" {len(drawn)} of {len(tables)} networks are drawn; all are in {name}.csv."
        yield Shown(
            name,
            f"Efficiency and purity against the {title}, in bins of about equal numbers of events, with "
            f"Clopper-Pearson intervals of 68.27 %.{of_first}{left_out if len(drawn) < len(tables) else ''}",
        )


def _in_bins(
    path: Path, contenders: Sequence[Contender], classes: Sequence[str], values: np.ndarray, edges: np.ndarray
) -> dict[str, pd.DataFrame]:
    """{network: efficiency and purity in bins of a quantity}, which is also written to a csv file."""
    tables = {
        one.first_run: metrics.efficiencies_in_bins(one.predictions[0], classes, values, edges) for one in contenders
    }
    write_csv(path, pd.concat([table.assign(**{NETWORK: network}) for network, table in tables.items()]))
    return tables


def _error(contender: Contender, spread: Spread | None) -> float:
    """Error of the accuracy from the events, and from the seeds where their spread is known."""
    seeds = spread.error_of_mean(contender.name, len(contender.runs)) if spread else 0.0
    return float(np.hypot(contender.mean_accuracies()[TOTAL].error, seeds))


def run_figures(
    directory: Path,
    contender: Contender,
    separations: Sequence[Sequence[Separation]],
    classes: Sequence[str],
    endings: Sequence[str],
) -> Iterator[tuple[Run, list[Shown]]]:
    """Figures 4 and 6 and the confusion matrix of every training of a network; yields (run, what was drawn of it).

    Args:
        directory: of the files.
        contender: the network.
        separations: of every run, one per pair.
        classes: names, in the order of labels.
        endings: of the names of the files, one per run.
    """
    for run, frame, of_run, ending in zip(contender.runs, contender.predictions, separations, endings):
        title = f"{contender.name}, seed {run.config.seed}"
        yield run, list(_figures_of_run(directory, run, frame, of_run, classes, title, ending))


def endings_of(contenders: Sequence[Contender]) -> list[list[str]]:
    """One list per Contender: how the names of the files of its runs end; empty where there is one run in all."""
    names = [
        [f"_{_UNFIT.sub('-', one.name).strip('-')}-seed{run.config.seed}" for run in one.runs] for one in contenders
    ]
    flat = [name for of_one in names for name in of_one]
    if len(flat) == 1:
        return [[""]]
    if len(set(flat)) == len(flat):
        return names
    return [[f"_{number}{name}" for name in of_one] for number, of_one in enumerate(names, 1)]  # recipes named alike


def _figures_of_run(
    directory: Path,
    run: Run,
    predictions: pd.DataFrame,
    separations: Sequence[Separation],
    classes: Sequence[str],
    title: str,
    ending: str,
) -> Iterator[Shown]:
    """Draw figures 4 and 6 and the confusion matrix of a run; yields what was drawn."""
    status = run.results.status.replace("_", " ")
    name = f"fig4_window{ending}"
    figures.window_figure(directory, run.history, run.results, run.results.chosen.iteration, f"{title}: {status}", name)
    yield Shown(name, f"{title}: testA's accuracy and loss, the window, and the chosen weights (figure 4).")
    if separations:
        name = f"fig6_separation{ending}"
        separation_figure(directory, name, predictions, classes, separations, f"{title}, testB")
        yield Shown(name, f"{title}: how well the scores separate the classes of testB (figure 6).")
    name = f"confusion_matrix{ending}"
    matrix = np.array(run.results.confusion_matrix)
    figures.confusion_figure(directory, matrix, classes, f"{title}, testB", name)
    yield Shown(name, f"{title}: what the events of each class are called (confusion matrix).")


def _binned(contenders: Sequence[Contender]) -> Iterator[tuple[str, str, str, np.ndarray]]:
    """(name, title, axis label, values of the events) of the quantities that efficiency is shown against."""
    events = contenders[0].predictions[0]
    hits = events.filter(regex="^npx_").sum(axis=1).to_numpy()
    yield "efficiency_momentum", "true momentum", "Momentum [MeV/c]", events["momentum"].to_numpy()
    yield "efficiency_hits", "number of hits in all planes", "Hits [pixels]", hits


def _drawn(contenders: Sequence[Contender], findings: Findings | None) -> list[str]:
    """The networks of a figure that has no room for all: the best ones, and the suggested."""
    if findings is None or len(contenders) <= _MOST_LINES:
        return [contender.first_run for contender in contenders]
    chosen = list(dict.fromkeys([findings.suggested, *findings.ranking]))[:_MOST_LINES]
    return [contender.first_run for contender in contenders if contender.name in chosen]
