"""Trainings and scorings as text for a terminal."""

from pathlib import Path

import pandas as pd

from lartpc_zoo.evaluation.evaluate import EvaluationResult
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


def scores_text(scores: pd.DataFrame) -> str:
    """The first and last rows of a table of scores."""
    return scores.to_string(max_rows=_ROWS, index=False, float_format="{:.3f}".format)
