"""The tables of a report: numbers of results.json, of the predictions, of a profile, or counted (costs)."""

from collections.abc import Mapping, Sequence

import pandas as pd

from data_tools.event import plane_name
from lartpc_zoo.metrics.comparison import Spread
from lartpc_zoo.metrics.separation import Separation
from lartpc_zoo.metrics.tables import NETWORK, Table, print_table1, table1, table1_caption
from lartpc_zoo.reporting.contenders import Contender
from lartpc_zoo.reporting.costs import COSTS
from lartpc_zoo.reporting.findings import LEVEL, Findings
from lartpc_zoo.reporting.wording import verdict
from lartpc_zoo.training.protocol import PLATEAUED


def table1_of(contenders: Sequence[Contender]) -> Table:
    """Table 1: a row per network."""
    run = contenders[0].runs[0]
    data, predictions = run.trained_on, contenders[0].predictions[0]
    planes = [plane_name(plane) for plane in data.planes]
    images = {contender.trained_on.fingerprint: contender.trained_on.image_shape for contender in contenders}
    caption = table1_caption("testB", len(predictions), planes, images)
    if any(isinstance(contender.spec.planes, int) for contender in contenders):
        caption += " A network with _pN in its name sees channel N only."
    if any(len(contender.runs) > 1 for contender in contenders):
        caption += (
            " Of networks with several trainings it is the mean; the spread over seeds comes on top, see their table."
        )
    if any(run.results.status != PLATEAUED for contender in contenders for run in contender.runs):
        caption += " Not all trainings reached a plateau."
    frame = table1({contender.name: contender.mean_accuracies() for contender in contenders})
    return print_table1(frame, caption)


def costs_table(contenders: Sequence[Contender]) -> Table:
    """What every network costs, of what can be counted: Table 2 without what is measured."""
    frame = pd.DataFrame(
        [
            {
                NETWORK: contender.name,
                **{cost.heading: contender.costs[name] for name, cost in COSTS.items() if not cost.measured},
            }
            for contender in contenders
        ]
    )
    shapes = dict.fromkeys(" x ".join(map(str, contender.trained_on.image_shape)) for contender in contenders)
    caption = (
        f"Costs of one image of {' or '.join(shapes)}, counted: multiply-adds of convolutions and dense layers, "
        "trainable parameters, outputs of all layers in float32. Memory and times: `lartpc-zoo profile`."
    )
    return Table("table2", caption, frame)


def efficiency_table(tables: Mapping[str, pd.DataFrame], of_first: str) -> Table:
    """Efficiency and purity per class.

    Args:
        tables: {network: table of metrics.efficiencies_and_purities}.
        of_first: of which training, for the caption.
    """
    frames = [table.assign(**{NETWORK: network}) for network, table in tables.items()]
    frame = pd.concat(frames, ignore_index=True)
    percent = {column: 100 * frame[column] for column in ("part", "low", "high")}
    frame = pd.DataFrame({NETWORK: frame[NETWORK], "quantity": frame["quantity"], "class": frame["class"], **percent})
    frame = frame.rename(columns={"part": "[%]", "low": "low [%]", "high": "high [%]"})
    caption = f"Efficiency and purity per class on testB, with Clopper-Pearson intervals of 68.27 %.{of_first}"
    return Table("efficiency_purity", caption, frame, default_digits=1)


def separation_table(separations: Mapping[str, Sequence[Separation]], of_first: str) -> Table:
    """Areas and efficiencies of figure 6.

    Args:
        separations: {network: one per pair}.
        of_first: of which training, for the caption.
    """
    rows = [
        {
            NETWORK: network,
            "pair": one.pair.name,
            "area under the ROC": one.area,
            "best cut": one.cut,
            "first above [%]": 100 * one.signal_efficiency,
            "second below [%]": 100 * one.background_efficiency,
        }
        for network, of_network in separations.items()
        for one in of_network
    ]
    caption = (
        "How pairs are told apart by P(first) / [P(first) + P(second)]. The best cut has the largest sum of both "
        f"efficiencies, and was found on the same events.{of_first}"
    )
    digits = {"area under the ROC": 4, "best cut": 3, "first above [%]": 1, "second below [%]": 1}
    return Table("separation", caption, pd.DataFrame(rows), digits)


def networks_table(contenders: Sequence[Contender], findings: Findings) -> Table:
    """Every network against the best one, and what it costs; best first."""
    cost, best = COSTS[findings.cost], findings.ranking[0]
    by_name = {contender.name: contender for contender in contenders}
    rows = []
    for name in findings.ranking:
        row = {
            NETWORK: name,
            "trainings": len(by_name[name].runs),
            "accuracy [%]": 100 * by_name[name].accuracy,
            cost.heading: by_name[name].costs[findings.cost],
            "to the best [points]": float("nan"),
            "to the best [points] error": float("nan"),
            "these trainings": "the best",
            "the network": "the best",
        }
        if name != best:
            difference = findings.between(name, best)
            row |= {
                "to the best [points]": 100 * difference.difference,
                "to the best [points] error": 100 * difference.error,
                "these trainings": verdict(findings.between_trainings(name, best)),
                "the network": verdict(difference) if findings.spread else "",
            }
        limit = findings.undecided.get(name)
        row |= {
            "it takes more": limit.value if limit else "",
            "on the front": "yes" if name in findings.front else "",
            "surpassed by": findings.surpassed.get(name, ""),
        }
        rows.append(row)
    caption = (
        f"Networks by accuracy, each against the best. Verdicts at the level {LEVEL:g}, corrected for all pairs (Holm) "
        f"and with a margin of equivalence of {100 * findings.margin:g} percentage points: between these trainings "
        "(events only), and between the networks under this recipe, whatever the seed (events and seeds). On the "
        f"front: no other has a higher accuracy at the same or a lower cost ({cost.title}). Surpassed: that network "
        "costs no more and is shown to be better."
    )
    return Table("networks", caption, pd.DataFrame(rows), {"accuracy [%]": 2, "to the best [points]": 2})


def pairs_table(findings: Findings) -> Table:
    """Paired differences of all pairs of networks, the better one first."""
    order = {name: place for place, name in enumerate(findings.ranking)}
    oriented = [
        findings.between(*sorted((one.first, one.second), key=order.__getitem__)) for one in findings.differences
    ]
    oriented.sort(key=lambda one: (order[one.first], order[one.second]))
    rows = [
        {
            NETWORK: one.first,
            "against": one.second,
            "difference [points]": 100 * one.difference,
            "difference [points] error": 100 * one.error,
            "p, no difference": _p(one.p_corrected),
            "p, outside the margin": _p(one.p_equivalent_corrected),
            "verdict": verdict(one),
        }
        for one in oriented
    ]
    caption = (
        "Paired differences in accuracy on the same testB events, in percentage points, of "
        f"{'the networks, whatever the seed' if findings.spread else 'these trainings'}. p-values are corrected for "
        f"{len(rows)} pairs (Holm); the margin of equivalence is {100 * findings.margin:g}, the level {LEVEL:g}."
    )
    return Table("pairs", caption, pd.DataFrame(rows), {"difference [points]": 2})


def axes_table(findings: Findings) -> Table:
    """Changes on one axis of the study."""
    cost = COSTS[findings.cost]
    rows = []
    for step in sorted(findings.steps, key=lambda step: (step.axis, step.cost_ratio)):
        shown, (dear, cheap) = step.difference or step.of_trainings, step.trainings
        rows.append(
            {
                "axis": step.axis,
                "from": shown.second,
                "to": shown.first,
                "trainings": str(dear) if dear == cheap else f"{cheap}, {dear}",
                f"{cost.title}, times": step.cost_ratio,
                "difference [points]": 100 * shown.difference,
                "± events": 100 * shown.events_error,
                "± seeds": 100 * shown.seeds_error if step.difference else float("nan"),
                "these trainings": verdict(step.of_trainings),
                "the network": verdict(step.difference) if step.difference else "",
            }
        )
    caption = (
        f"One axis at a time: what the network that costs more ({cost.title}) gains in accuracy, in percentage points, "
        "paired by event. Verdicts are corrected for all pairs of the comparison (Holm): between these trainings "
        "(events only), and between the networks under this recipe, whatever the seed (events and seeds)."
    )
    digits = dict.fromkeys(("difference [points]", "± events", "± seeds"), 2)
    return Table("axes", caption, pd.DataFrame(rows), digits)


def seeds_table(contenders: Sequence[Contender], spread: Spread) -> Table:
    """How the accuracy varies over the runs of one network, and what the mean of their scores gives."""
    rows = []
    for contender in contenders:
        percent = 100 * pd.Series(contender.accuracies)
        rows.append(
            {
                NETWORK: contender.name,
                "trainings": len(percent),
                "seeds": ", ".join(str(run.config.seed) for run in contender.runs),
                "mean [%]": percent.mean(),
                "standard deviation": percent.std() if len(percent) > 1 else float("nan"),
                "lowest [%]": percent.min(),
                "highest [%]": percent.max(),
                "scores averaged [%]": 100 * contender.averaged_accuracy if len(percent) > 1 else float("nan"),
            }
        )
    caption = (
        "Accuracy on testB over seeds, one training each. Standard deviation, pooled: "
        f"{100 * spread.pooled:.2f} percentage points ({spread.freedom} degrees of freedom). Scores averaged: every "
        "event is called what the mean of the scores of all trainings says."
    )
    return Table("seeds", caption, pd.DataFrame(rows), default_digits=2)


def _p(value: float) -> str:
    """A p-value as text; far below the level only its size matters."""
    return "< 0.0001" if value < 1e-4 else f"{value:.4f}"
