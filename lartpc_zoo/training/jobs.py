"""The trainings of a study, one after the other, each in a process of its own and each resumable."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import data_tools
from data_tools.errors import BadOption
from data_tools.progress import say
from data_tools.tfrecords.dataset import Dataset
from lartpc_zoo.errors import StudyIncomplete
from lartpc_zoo.models.catalogue import check_images
from lartpc_zoo.models.input_spec import InputSpec
from lartpc_zoo.models.spec import parse_network
from lartpc_zoo.training.run_directory import RunDirectory
from lartpc_zoo.training.study import Job, Study
from lartpc_zoo.training.train import configure


def run_study(
    study: Study, data: str | Path, output: str | Path, job: int | None = None, devices: Sequence[str] = ()
) -> list[Path]:
    """Train what of a study is not finished, in processes of their own, so that one that fails takes no other with it.

    Args:
        study: what to train.
        data: directory of a data set.
        output: directory of the runs.
        job: number of the only training to run, as for one job of a Slurm array (default: all).
        devices: as for `train`.

    Returns:
        The directories of the finished runs; with `job` that of one.

    Raises:
        BadOption: there is no such job.
        BadInput: a network cannot take the images.
        RunDiffers: a directory holds another training.
        StudyIncomplete: trainings failed; raised after all others have ended.
    """
    jobs = study.jobs
    if job is not None and not 0 <= job < len(jobs):
        raise BadOption(f"Job {job}: the study has {len(jobs)} trainings, 0 to {len(jobs) - 1}.")
    chosen = jobs if job is None else [jobs[job]]
    opened = data_tools.open_dataset(data)
    _check_networks(study, opened)
    directories = [Path(output) / one.directory for one in chosen]
    runs = [
        configure(one.network, opened, directory, one.recipe, one.seed)[2]
        for one, directory in zip(chosen, directories)
    ]
    failed = {}
    for number, (one, directory, run) in enumerate(zip(chosen, directories, runs), 1):
        finished = run.results() is not None
        ended = ": finished before" if finished else ""
        say(f"[{number}/{len(chosen)}] {one.directory}{ended}")
        if finished:
            continue
        status = _run(_command(one, data, directory, devices))
        if status:
            failed[one.directory] = status
    if failed:
        raise StudyIncomplete(
            f"{len(failed)} of {len(chosen)} trainings did not end: {', '.join(failed)}. What went wrong stands above; "
            "the same command goes on with them."
        )
    return directories


def runs_of(study: Study, output: str | Path) -> list[RunDirectory]:
    """The run directories of all trainings of a study, in their order."""
    return [RunDirectory(Path(output) / job.directory) for job in study.jobs]


def _run(command: list[str]) -> int:
    """The exit status of a training in a process of its own, which ends before this one does."""
    with subprocess.Popen(command) as training:
        try:
            return training.wait()
        except BaseException:
            training.terminate()  # as Ctrl-C: what is complete is kept, and it says so
            training.wait()
            raise


def _command(job: Job, data: str | Path, directory: Path, devices: Sequence[str]) -> list[str]:
    command = [sys.executable, "-m", "lartpc_zoo", "train", job.network, "--data", str(data)]
    command += ["--output", str(directory), "--recipe", job.recipe, "--seed", str(job.seed)]
    return command + [text for device in devices for text in ("--device", device)]


def _check_networks(study: Study, data: Dataset) -> None:
    """Raise BadInput when a network cannot take the images of a Dataset."""
    for network in study.networks:
        check_images(parse_network(network), data.image_shape, len(data.classes), InputSpec())
