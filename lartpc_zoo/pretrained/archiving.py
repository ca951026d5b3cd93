"""Finished runs in little space, to be kept, passed on and reported on again: `archive`."""

import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from data_tools.errors import BadOption
from data_tools.files import directory_written_aside, sha256_of_file
from lartpc_zoo.backend.environment import Start
from lartpc_zoo.training.run import Run, open_run
from lartpc_zoo.training.run_directory import RunDirectory
from lartpc_zoo.training.scores_file import write_scores

_KEPT = ("config.yaml", "history.csv", "window.csv", "table1.csv", "table1.md", "table1.tex")


def archive(runs: Sequence[Run | str | Path], output: str | Path) -> list[Path]:
    """Write OUTPUT/RUN for each of some finished runs, in little space: all a report needs, without the weights.

    runs: Runs or their directories, of one data set. What is archived carries no host, user or path. Returns the new
    directories. Raises NotARun, CorruptRun, BadOption where one is there already, or DataDiffers where the runs have
    scored different events.
    """
    opened = [run if isinstance(run, Run) else open_run(run) for run in runs]
    output = Path(output)
    directories = [output / run.directory.resolve().name for run in opened]
    for directory, times in Counter(directories).items():
        if times > 1:
            raise BadOption(f"{times} of the runs are called {directory.name}: archive them into different outputs.")
        if directory.exists():
            raise BadOption(f"{directory} is there already. Remove it, or choose another output.")
    output.mkdir(parents=True, exist_ok=True)
    return [_archive(run, directory) for run, directory in zip(opened, directories, strict=True)]


def _archive(run: Run, directory: Path) -> Path:
    predictions, events = run.predictions, RunDirectory(directory).events_file
    with directory_written_aside(directory) as aside:
        archived = RunDirectory(aside)
        write_scores(archived.scores_file, predictions, run.results.class_names, events)
        for name in _KEPT:
            shutil.copyfile(run.directory / name, aside / name)
        for environment in run.environments:
            archived.add_start(Start(**vars(environment), recipe=run.recipe_name))
        archived.write_results(replace(run.results, predictions_sha256=sha256_of_file(archived.scores_file)))
        if run.scorings_file.is_file():
            shutil.copyfile(run.scorings_file, archived.scorings_file)
    return directory
