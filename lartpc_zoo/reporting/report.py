"""From finished runs to the directory of a report: `report`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

import data_tools
from data_tools.description import DataDescription
from data_tools.errors import BadOption
from data_tools.files import directory_written_aside, write_text
from data_tools.progress import bar
from data_tools.record import plain
from data_tools.tfrecords.dataset import Dataset
from lartpc_zoo.errors import BadProfile, RunDiffers
from lartpc_zoo.metrics.accuracies import efficiencies_and_purities
from lartpc_zoo.metrics.comparison import Spread, spread_of
from lartpc_zoo.metrics.separation import Separation, pairs_of, separate
from lartpc_zoo.metrics.tables import Table
from lartpc_zoo.pretrained.catalogue import cards
from lartpc_zoo.profiling.record import Profile, load_profile
from lartpc_zoo.profiling.table import table2, table2_fixed
from lartpc_zoo.reporting import tables
from lartpc_zoo.reporting.contenders import Contender, gather
from lartpc_zoo.reporting.costs import COST, COSTS, MARGIN
from lartpc_zoo.reporting.events import event_figures
from lartpc_zoo.reporting.figures import (
    Shown,
    accuracy_cost,
    comparison_figures,
    endings_of,
    first_training,
    run_figures,
)
from lartpc_zoo.reporting.findings import Findings, find
from lartpc_zoo.reporting.page import write_page
from lartpc_zoo.reporting.wording import limits_text, summary
from lartpc_zoo.training.run import Run
from lartpc_zoo.training.sentences import ended_text, protocol_log

PAGE = "report.html"
_MOST_NAMES = 4


@dataclass(frozen=True)
class Report:
    """A report that was written.

    Attributes:
        sentences: of its summary.
        page: path of its HTML page.
    """

    sentences: tuple[str, ...]
    page: Path


@dataclass(frozen=True)
class _Comparison:
    """What a report is of.

    Attributes:
        contenders: the networks.
        spread: over seeds, or None.
        findings: of the comparison, None for one network.
        profile: of these networks, for Table 2, or None.
    """

    contenders: Sequence[Contender]
    spread: Spread | None
    findings: Findings | None
    profile: Profile | None

    @property
    def first_run(self) -> Run:
        """One that says of which data all are."""
        return self.contenders[0].runs[0]

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, in the order of labels."""
        return self.first_run.results.class_names

    @property
    def title(self) -> str:
        """Of the page."""
        names = ", ".join(one.name for one in self.contenders)
        names = names if len(self.contenders) <= _MOST_NAMES else f"{len(self.contenders)} networks"
        return f"{names} on {len(self.contenders[0].predictions[0]):,} events of testB"


def report(
    runs: Sequence[Run | str | Path],
    output: str | Path,
    data: Dataset | str | Path | None = None,
    profile: str | Path | None = None,
    margin: float = MARGIN,
    cost: str = COST,
) -> Report:
    """Report on one finished run, or compare several.

    Args:
        runs: Runs or their directories; several of one network are its trainings with different seeds.
        output: directory, new or of an earlier report, which is replaced: report.html, summary.md, table1, table2, ...
            as csv, md and tex, figures/ as png and pdf.
        data: a data set of the trainings or its directory, for figures 1 and 2.
        profile: a profile.json that `profile` made, or its directory, for Table 2.
        margin: percentage points of accuracy within which networks are functionally equivalent.
        cost: what accuracy is weighed against, a name in reporting.costs.COSTS.

    Returns:
        The sentences of the summary, and the path of the page.

    Raises:
        NotARun: a run is not there or has not ended, or a training is given twice.
        CorruptRun: a run is damaged.
        DataDiffers: the runs are not of the same events, or the data set is of none of them.
        RunDiffers: the output is something else than a report.
        BadProfile: the profile is damaged, or of other images or networks.
        BadOption: margin or cost cannot be used.
        data_tools.errors.UserError: the data set cannot be opened.

    Example:
        >>> lartpc_zoo.report(["runs/resnet14b", "runs/vgg16c"], "report").sentences  # doctest: +SKIP
    """
    if not 0 < margin < 100:
        raise BadOption(f"Margin {margin}: expected percentage points above 0 and below 100.")
    loaded = load_profile(profile) if profile is not None else None
    contenders = sorted(gather(runs, loaded), key=lambda contender: -contender.accuracy)
    _check_cost(contenders, cost)
    spread = spread_of({contender.name: contender.accuracies for contender in contenders})
    findings = find(contenders, spread, margin / 100, cost) if len(contenders) > 1 else None
    comparison = _Comparison(contenders, spread, findings, _of_contenders(loaded, contenders) if loaded else None)
    _check_output(Path(output))
    opened = data_tools.open_dataset(data) if isinstance(data, str | Path) else data
    with directory_written_aside(output) as directory:
        sentences = _write(directory, comparison, opened)
    return Report(tuple(sentences), Path(output) / PAGE)


def _write(directory: Path, comparison: _Comparison, data: Dataset | None) -> list[str]:
    """Write the whole report to a directory; returns the sentences of its summary."""
    contenders, classes, run = comparison.contenders, comparison.classes, comparison.first_run
    figures = directory / "figures"
    figures.mkdir()
    efficiencies = {one.first_run: efficiencies_and_purities(one.predictions[0], classes) for one in contenders}
    separations = {one.name: [_separations(frame, classes) for frame in one.predictions] for one in contenders}
    made = _tables(comparison, efficiencies, separations)
    for table in made:
        table.write(directory)
    findings = comparison.findings
    opening = accuracy_cost(figures, contenders, findings) if findings else None
    shown = list(event_figures(figures, data, [one.runs[0] for one in contenders])) if data is not None else []
    shown += comparison_figures(figures, contenders, findings, efficiencies, classes)
    trainings = _trainings(figures, contenders, separations, classes)
    sentences = summary(contenders, comparison.spread, findings)
    limits = limits_text(_known_limits(contenders), run.trained_on.fingerprint)
    points = "".join(f"- {sentence}\n" for sentence in sentences)
    write_text(directory / "summary.md", f"# {comparison.title}\n\n{points}\n{limits}\n")
    write_page(
        directory / PAGE,
        figures,
        title=comparison.title,
        opening=opening,
        summary=sentences,
        limits=limits,
        tables=made,
        figures_of_all=shown,
        trainings=trainings,
        data="\n".join(_as_yaml(plain(data_set)) for data_set in _data_sets(contenders)),
        made_with=f"Made with lartpc-zoo {version('lartpc-zoo')}.",
    )
    return sentences


def _data_sets(contenders: Sequence[Contender]) -> list[DataDescription]:
    """Every data set of the trainings, once."""
    return list({contender.trained_on.fingerprint: contender.trained_on for contender in contenders}.values())


def _known_limits(contenders: Sequence[Contender]) -> list[str]:
    """What cards of the package say of the limits of the data: runs do not know them."""
    used = {data.fingerprint for data in _data_sets(contenders)}
    return list(dict.fromkeys(card.limits for card in cards() if card.data.fingerprint in used))


def _check_output(output: Path) -> None:
    """Raise RunDiffers unless the directory is new, empty, or holds a report, which is then replaced."""
    if output.exists() and not (output / PAGE).is_file() and not (output.is_dir() and not any(output.iterdir())):
        raise RunDiffers(f"{output} holds something else than a report, which would be lost. Choose another output.")


def _check_cost(contenders: Sequence[Contender], cost: str) -> None:
    """Raise BadOption unless all networks have a cost."""
    if cost not in COSTS:
        raise BadOption(f"Cost {cost!r}: expected one of {', '.join(COSTS)}.")
    if missing := [contender.name for contender in contenders if cost not in contender.costs]:
        raise BadOption(
            f"Cost {cost!r} is not known of {', '.join(missing)}. It comes from a profile of these networks, where it "
            "has to be larger than two of its errors."
        )


def _of_contenders(profile: Profile, contenders: Sequence[Contender]) -> Profile:
    """The profile with the networks of the contenders only, in their order. Raises BadProfile where one is missing."""
    names = dict.fromkeys(str(contender.spec) for contender in contenders)
    if missing := [name for name in names if name not in profile.networks]:
        raise BadProfile(
            f"The profile has no {', '.join(missing)}; it has {', '.join(profile.networks)}. Measure all networks of "
            "the report in one profile."
        )
    return replace(profile, networks={name: profile.networks[name] for name in names})


def _separations(predictions: pd.DataFrame, classes: Sequence[str]) -> list[Separation]:
    """The Separation of every pair that the classes and the events allow."""
    there = {classes[label] for label in predictions["label"].unique()}
    pairs = [pair for pair in pairs_of(classes) if there & set(pair.signal) and there & set(pair.background)]
    return [separate(predictions, classes, pair) for pair in pairs]


def _tables(
    comparison: _Comparison,
    efficiencies: dict[str, pd.DataFrame],
    separations: dict[str, list[list[Separation]]],
) -> list[Table]:
    """All tables of the report."""
    contenders, findings = comparison.contenders, comparison.findings
    of_first = {one.first_run: separations[one.name][0] for one in contenders if separations[one.name][0]}
    made = [tables.table1_of(contenders)]
    if findings:
        made.append(tables.networks_table(contenders, findings))
        if findings.steps:
            made.append(tables.axes_table(findings))
    if comparison.profile:
        made += [table2(comparison.profile), table2_fixed(comparison.profile)]
    else:
        made.append(tables.costs_table(contenders))
    if findings:
        made.append(tables.pairs_table(findings))
    if comparison.spread:
        made.append(tables.seeds_table(contenders, comparison.spread))
    made.append(tables.efficiency_table(efficiencies, first_training(contenders)))
    if of_first:
        made.append(tables.separation_table(of_first, first_training(contenders)))
    return made


def _trainings(
    figures: Path,
    contenders: Sequence[Contender],
    separations: dict[str, list[list[Separation]]],
    classes: Sequence[str],
) -> list[dict[str, Any]]:
    """What the page shows of every training."""
    trainings = []
    with bar("Drawing", sum(len(one.runs) for one in contenders)) as advance:
        for contender, endings in zip(contenders, endings_of(contenders)):
            for run, shown in run_figures(figures, contender, separations[contender.name], classes, endings):
                trainings.append(_training(contender, run, shown))
                advance()
    return trainings


def _training(contender: Contender, run: Run, shown: Sequence[Shown]) -> dict[str, Any]:
    """What the page shows of one training."""
    return {
        "title": f"{contender.name}, seed {run.config.seed}",
        "ended": ended_text(run.results),
        "log": list(protocol_log(run.results, run.scorings)),
        "figures": shown,
        "config": _as_yaml({key: value for key, value in plain(run.config).items() if key != "data"}),
        "environment": _as_yaml(plain(run.environment)),
    }


def _as_yaml(content: dict[str, Any]) -> str:
    return yaml.safe_dump(content, sort_keys=False, default_flow_style=None, width=100)
