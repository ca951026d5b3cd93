"""Trainings and scorings as text for a terminal."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from data_tools.defects import DEFECTS
from lartpc_zoo.evaluation.evaluate import EvaluationResult
from lartpc_zoo.scoring.score_files import ScoredFiles
from lartpc_zoo.training.run_directory import RunDirectory

_ROWS = 10


def interrupted_text(output: str | Path) -> str:
    """What is complete in the directory of an interrupted training, and how to go on."""
    if not (done := RunDirectory(output).last_iteration()):
        return "Interrupted before the first evaluation: the same command begins again."
    return f"Interrupted. {output} is complete up to iteration {done:,}; the same command goes on from there."


def state_text(directory: RunDirectory) -> str:
    """How far the run in a directory is, in a few words."""
    if directory.results() is not None:
        return "finished"
    return f"complete up to iteration {directory.last_iteration():,}" if directory.exists() else "not begun"


def evaluation_text(result: EvaluationResult) -> str:
    """What an evaluation found: Table 1, or how many events without truth were called what."""
    if result.table1 is not None:
        found = result.table1_markdown()
    else:
        called = ", ".join(f"{count:,} {name}" for name, count in result.counts().items())
        found = f"{len(result.predictions):,} events without truth, called: {called}."
    return f"{found}\nEverything is in {result.directory}"


def scored_text(scored: ScoredFiles) -> str:
    """What became of the inputs of a scoring."""
    inputs = scored.inputs
    before = len({one.path for one in inputs if not one.failed} - set(scored.made))
    lines = [f"{scored.scored:,} events of {_number(len(inputs), 'input')} scored: {scored.directory}"]
    if before:
        lines.append(f"{_number(before, 'input')} had {'its' if before == 1 else 'their'} scores already")
    if scored.changed:
        lines.append(f"{_number(len(scored.changed), 'input')} scored anew, changed since: {', '.join(scored.changed)}")
    if fitted := [one for one in inputs if one.fitted]:
        rows, cols = fitted[0].fitted or (0, 0)
        lines.append(f"images of {_number(len(fitted), 'input')} padded or cut to {rows} x {cols}")
    lines += _defects("left out", [one.left_out for one in inputs])
    lines += _defects("scored all the same", [one.noticed for one in inputs])
    lines += [f"  no scores: {one.failed}" for one in scored.failed]
    return "\n".join(lines)


def scores_text(scores: pd.DataFrame) -> str:
    """The first and last rows of a table of scores."""
    return scores.to_string(max_rows=_ROWS, index=False, float_format="{:.3f}".format)


def _defects(what: str, counts: Sequence[Mapping[str, int]]) -> list[str]:
    """How many entries of all inputs have which defect, a line each."""
    total: Counter[str] = Counter()
    for of_one in counts:
        total.update(of_one)
    return [f"  {count:,} {what}: {DEFECTS[name].found}" for name, count in sorted(total.items())]


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
