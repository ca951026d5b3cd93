"""From finished runs to the directory of a report: `report`."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import yaml

import data_tools
from data_tools.errors import BadOption
from data_tools.files import directory_written_aside, write_text
from data_tools.progress import bar
from data_tools.record import plain
from data_tools.tfrecords.dataset import Dataset
from lartpc_zoo.errors import BadProfile, RunDiffers
from lartpc_zoo.metrics.accuracies import efficiencies_and_purities
from lartpc_zoo.metrics.comparison import spread_of
from lartpc_zoo.metrics.separation import pairs_of, separate
from lartpc_zoo.profiling.record import load_profile
from lartpc_zoo.profiling.table import table2, table2_fixed
from lartpc_zoo.reporting import tables
from lartpc_zoo.reporting.contenders import gather
from lartpc_zoo.reporting.costs import COST, COSTS, MARGIN
from lartpc_zoo.reporting.events import event_figures
from lartpc_zoo.reporting.figures import comparison_figures, endings_of, first_training, run_figures
from lartpc_zoo.reporting.findings import find
from lartpc_zoo.reporting.page import write_page
from lartpc_zoo.reporting.wording import summary
from lartpc_zoo.training.run import Run
from lartpc_zoo.training.sentences import ended_text, protocol_log

PAGE = "report.html"
_MOST_NAMES = 4


@dataclass(frozen=True)
class Report:
    """A report: the sentences of its summary, and the path of its HTML page."""

    sentences: tuple[str, ...]
    page: Path


def report(
    runs: Sequence[Run | str | Path],
    output: str | Path,
    data: Dataset | str | Path | None = None,
    profile: str | Path | None = None,
    margin: float = MARGIN,
    cost: str = COST,
) -> Report:
    """Report on one finished run, or compare several.

    runs: Runs or their directories; several of one network are its trainings with different seeds. output: directory,
    new or of an earlier report, which is replaced: report.html, summary.md, table1, table2, ... as csv, md and tex,
    figures/ as png and pdf. data: the Dataset or directory of the trainings, for figures 1 and 2. profile: a
    profile.json of `profile`, for Table 2.
    margin: percentage points of accuracy within which networks are functionally equivalent. cost: what they are weighed
    against, a name in reporting.costs.COSTS.
    Raises NotARun, CorruptRun, DataDiffers, RunDiffers (where the output is something else), BadProfile, BadOption or a
    data_tools error.
    """
    if not 0 < margin < 100:
        raise BadOption(f"Margin {margin}: expected percentage points above 0 and below 100.")
    profile = load_profile(profile) if profile is not None else None
    contenders = gather(runs, profile)
    _check_cost(contenders, cost)
    spread = spread_of({contender.name: contender.accuracies for contender in contenders})
    findings = find(contenders, spread, margin / 100, cost) if len(contenders) > 1 else None
    output = Path(output)
    _check_output(output)
    data = _opened(data)
    with directory_written_aside(output) as directory:
        sentences = _write(directory, contenders, spread, findings, profile, data)
    return Report(tuple(sentences), output / PAGE)


def _write(directory, contenders, spread, findings, profile, data):
    """Write the whole report to a directory; returns the sentences of its summary."""
    classes = list(contenders[0].runs[0].results.class_names)
    figures = directory / "figures"
    figures.mkdir()
    efficiencies = {one.first_run: efficiencies_and_purities(one.predictions[0], classes) for one in contenders}
    separations = {one.name: [_separations(frame, classes) for frame in one.predictions] for one in contenders}
    made = _tables(contenders, findings, spread, profile, efficiencies, separations)
    for table in made:
        table.write(directory)
    shown = list(event_figures(figures, data, contenders[0].runs[0])) if data is not None else []
    shown += comparison_figures(figures, contenders, findings, efficiencies, classes)
    trainings = _trainings(figures, contenders, separations, classes)
    sentences = summary(contenders, spread, findings)
    names = ", ".join(one.name for one in contenders)
    names = names if len(contenders) <= _MOST_NAMES else f"{len(contenders)} networks"
    title = f"{names} on {len(contenders[0].predictions[0]):,} events of testB"
    write_text(directory / "summary.md", f"# {title}\n\n" + "".join(f"- {sentence}\n" for sentence in sentences))
    write_page(
        directory / PAGE,
        figures,
        title=title,
        summary=sentences,
        tables=made,
        figures_of_all=shown,
        trainings=trainings,
        data=_as_yaml(plain(contenders[0].runs[0].trained_on)),
        made_with=f"Made with lartpc-zoo {version('lartpc-zoo')}.",
    )
    return sentences


def _check_output(output):
    """Raise RunDiffers unless the directory is new, empty, or holds a report, which is then replaced."""
    if output.exists() and not (output / PAGE).is_file() and not (output.is_dir() and not any(output.iterdir())):
        raise RunDiffers(f"{output} holds something else than a report, which would be lost. Choose another output.")


def _check_cost(contenders, cost):
    if cost not in COSTS:
        raise BadOption(f"Cost {cost!r}: expected one of {', '.join(COSTS)}.")
    if missing := [contender.name for contender in contenders if cost not in contender.costs]:
        raise BadOption(
            f"Cost {cost!r} is not known of {', '.join(missing)}: it is measured by `lartpc-zoo profile`, whose "
            "profile.json the report needs (--profile), and must be larger there than two of its errors."
        )


def _of_contenders(profile, contenders):
    """The profile with the networks of the contenders only, in their order. Raises BadProfile where one is missing."""
    names = dict.fromkeys(str(contender.spec) for contender in contenders)
    if missing := [name for name in names if name not in profile["networks"]]:
        raise BadProfile(
            f"The profile has no {', '.join(missing)}: it has {', '.join(profile['networks'])}. Measure all networks "
            "of the report with one `lartpc-zoo profile`."
        )
    return {**profile, "networks": {name: profile["networks"][name] for name in names}}


def _opened(data):
    return data if data is None or isinstance(data, data_tools.Dataset) else data_tools.open_dataset(data)


def _separations(predictions, classes):
    """The Separation of every pair that the classes and the events allow."""
    there = {classes[label] for label in predictions["label"].unique()}
    pairs = [pair for pair in pairs_of(classes) if there & set(pair.signal) and there & set(pair.background)]
    return [separate(predictions, classes, pair) for pair in pairs]


def _tables(contenders, findings, spread, profile, efficiencies, separations):
    of_first = {one.first_run: separations[one.name][0] for one in contenders if separations[one.name][0]}
    made = [tables.table1_of(contenders)]
    if profile:
        measured = _of_contenders(profile, contenders)
        made += [table2(measured), table2_fixed(measured)]
    else:
        made.append(tables.costs_table(contenders))
    if findings:
        made.append(tables.pairs_table(findings))
        if findings.steps:
            made.append(tables.axes_table(findings))
    if spread:
        made.append(tables.seeds_table(contenders, spread))
    made.append(tables.efficiency_table(efficiencies, first_training(contenders)))
    if of_first:
        made.append(tables.separation_table(of_first, first_training(contenders)))
    return made


def _trainings(figures, contenders, separations, classes):
    """What the page shows of every training."""
    trainings = []
    with bar("Drawing", sum(len(one.runs) for one in contenders)) as advance:
        for contender, endings in zip(contenders, endings_of(contenders)):
            for run, shown in run_figures(figures, contender, separations[contender.name], classes, endings):
                trainings.append(
                    {
                        "title": f"{contender.name}, seed {run.config.seed}",
                        "ended": ended_text(run.results),
                        "log": list(protocol_log(run.results, run.scorings)),
                        "figures": shown,
                        "config": _as_yaml({key: value for key, value in plain(run.config).items() if key != "data"}),
                        "environment": _as_yaml(run.environment),
                    }
                )
                advance()
    return trainings


def _as_yaml(content):
    return yaml.safe_dump(content, sort_keys=False, default_flow_style=None, width=100)
