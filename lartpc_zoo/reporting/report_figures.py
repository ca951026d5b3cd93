"""The figures of a report, each with its caption, and the numbers behind those in bins."""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from data_tools.files import write_csv
from lartpc_zoo.evaluation import figures, metrics
from lartpc_zoo.evaluation.performance_figures import binned_figure, efficiency_purity_figure
from lartpc_zoo.evaluation.separation_figure import separation_figure
from lartpc_zoo.evaluation.tables import NETWORK
from lartpc_zoo.reporting.front_figure import front_figure

_BINS = 8
_MOST_LINES = 6
_UNFIT = re.compile(r"[^A-Za-z0-9_.-]+")  # for the name of a file


@dataclass(frozen=True)
class Shown:
    """A figure of the report. name: of its files in figures/."""

    name: str
    caption: str


def comparison_figures(directory, contenders, findings, efficiencies, classes):
    """Figure 5, efficiency and purity in bins, and accuracy against cost; yields what was drawn.

    efficiencies: {network: DataFrame of metrics.efficiencies_and_purities}.
    """
    of_first = (
        "" if all(len(contender.runs) == 1 for contender in contenders) else " Of the first training of a network."
    )
    if findings:
        front_figure(directory, contenders, findings)
        yield Shown(
            "accuracy_cost",
            "Accuracy on testB against cost. Small points: single trainings. Dashed: networks that no other beats in "
            "accuracy at the same or a lower cost. Error bars are binomial, of the events alone.",
        )
    efficiency_purity_figure(directory, efficiencies, classes)
    yield Shown(
        "fig5_efficiency_purity",
        f"Efficiency and purity of every class, with Clopper-Pearson intervals of 68.27 %.{of_first}",
    )
    for name, title, label, values in _binned(contenders):
        tables = _in_bins(contenders, classes, values)
        all_bins = pd.concat([table.assign(**{NETWORK: network}) for network, table in tables.items()])
        write_csv(directory.parent / f"{name}.csv", all_bins)
        drawn = _drawn(contenders, findings)
        binned_figure(directory, name, {network: tables[network] for network in drawn}, classes, label)
        left_out = (
            f" {len(drawn)} of {len(tables)} networks are drawn, all are in {name}.csv."
            if drawn != list(tables)
            else ""
        )
        yield Shown(
            name,
            f"Efficiency and purity against the {title}, in bins of about equal numbers of events, with "
            f"Clopper-Pearson intervals of 68.27 %.{of_first}{left_out}",
        )


def run_figures(directory, contender, separations, classes, alone):
    """Figures 4 and 6 and the confusion matrix of every training of a network; yields (run, what was drawn of it).

    separations: one list of Separation per run. alone: whether it is the only run of the report; else the names of the
    files end with the network and seed.
    """
    titles = [f"{contender.name}, seed {run.config['seed']}" for run in contender.runs]
    for number, (run, of_run, title) in enumerate(zip(contender.runs, separations, titles)):
        ending = "" if alone else _ending(title, titles[:number].count(title))
        yield run, list(_figures_of_run(directory, run, contender.predictions[number], of_run, classes, title, ending))


def _ending(title, before):
    """The end of the names of a run's files. before: how many had the title already (a seed on several machines)."""
    name = _UNFIT.sub("-", title.replace(", seed ", "-seed"))
    return f"_{name}-{before + 1}" if before else f"_{name}"


def _figures_of_run(directory, run, predictions, separations, classes, title, ending):
    status = run.results["status"].replace("_", " ")
    name = f"fig4_window{ending}"
    figures.window_figure(directory, run.history, run.results, f"{title}: {status}", name)
    yield Shown(name, f"{title}: testA's accuracy and loss, the window, and the chosen weights (figure 4).")
    if separations:
        name = f"fig6_separation{ending}"
        separation_figure(directory, name, predictions, classes, separations, f"{title}, testB")
        yield Shown(name, f"{title}: how testB's species are told apart (figure 6).")
    name = f"confusion_matrix{ending}"
    matrix = np.array(run.results["confusion_matrix"])
    figures.confusion_figure(directory, matrix, classes, f"{title}, testB", name)
    yield Shown(name, f"{title}: which class is called what.")


def _binned(contenders):
    """(name, title, axis label, values of the events) of the quantities that efficiency is shown against."""
    events = contenders[0].predictions[0]
    hits = events.filter(regex="^npx_").sum(axis=1).to_numpy()
    yield "efficiency_momentum", "true momentum", "Momentum [MeV/c]", events["momentum"].to_numpy()
    yield "efficiency_hits", "number of hits in all planes", "Hits [pixels]", hits


def _in_bins(contenders, classes, values):
    edges = metrics.equal_bins(values, _BINS)
    return {
        contender.name: metrics.efficiencies_in_bins(contender.predictions[0], classes, values, edges)
        for contender in contenders
    }


def _drawn(contenders, findings):
    """The networks of a figure that has no room for all: the best ones, and the suggested."""
    names = [contender.name for contender in contenders]
    if len(names) <= _MOST_LINES:
        return names
    chosen = list(dict.fromkeys([findings.suggested, *findings.ranking]))[:_MOST_LINES]
    return [name for name in names if name in chosen]
