"""The trainings of a study, one after the other, each in a process of its own and each resumable."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO

import data_tools
from data_tools.errors import BadOption
from data_tools.progress import say
from data_tools.tfrecords.dataset import Dataset
from data_tools.workers import dask_client
from lartpc_zoo.errors import StudyIncomplete
from lartpc_zoo.models.catalogue import check_images
from lartpc_zoo.models.input_spec import InputSpec
from lartpc_zoo.models.spec import parse_network
from lartpc_zoo.training.run_directory import RunDirectory
from lartpc_zoo.training.study import Job, Study
from lartpc_zoo.training.train import configure


def run_study(
    study: Study,
    data: str | Path,
    output: str | Path,
    job: int | None = None,
    devices: Sequence[str] = (),
    dask: str | None = None,
) -> list[Path]:
    """Train what of a study is not finished, in processes of their own, so that one that fails takes no other with it.

    Args:
        study: what to train.
        data: directory of a data set.
        output: directory of the runs.
        job: number of the only training to run, as for one job of a Slurm array (default: all).
        devices: as for `train`.
        dask: address of a dask scheduler whose workers train instead, each as many at a time as it has threads; they
            see the same files. What a training prints is in OUTPUT/RUN.log.

    Returns:
        The directories of the finished runs; with `job` that of one.

    Raises:
        BadOption: there is no such job, or no such scheduler.
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
    to_do = []
    for one, directory, run in zip(chosen, directories, runs):
        if run.results() is None:
            to_do.append((one, directory))
        else:
            say(f"{one.directory}: finished before")
    failed = _on_dask(to_do, data, devices, dask) if dask is not None else _one_by_one(to_do, data, devices)
    if failed:
        reasons = "above" if dask is None else f"in {output}/RUN.log"
        raise StudyIncomplete(
            f"{len(failed)} of {len(chosen)} trainings did not end: {', '.join(failed)}. What went wrong stands "
            f"{reasons}; the same command goes on with them."
        )
    return directories


def runs_of(study: Study, output: str | Path) -> list[RunDirectory]:
    """The run directories of all trainings of a study, in their order."""
    return [RunDirectory(Path(output) / job.directory) for job in study.jobs]


def _one_by_one(to_do: Sequence[tuple[Job, Path]], data: str | Path, devices: Sequence[str]) -> list[str]:
    """Train here, one after the other; returns the names of the runs that did not end."""
    failed = []
    for number, (one, directory) in enumerate(to_do, 1):
        say(f"[{number}/{len(to_do)}] {one.directory}")
        if _run(_command(one, data, directory, devices)):
            failed.append(one.directory)
    return failed


def _on_dask(to_do: Sequence[tuple[Job, Path]], data: str | Path, devices: Sequence[str], address: str) -> list[str]:
    """Train on the workers of a dask scheduler; returns the names of the runs that did not end."""
    failed = []
    with dask_client(address) as client:
        from distributed import as_completed  # of an extra, whose absence dask_client tells

        data = Path(data).resolve()
        futures = {
            client.submit(_run_logged, _resolved(one), data, directory.resolve(), devices, pure=False): one.directory
            for one, directory in to_do
        }
        for number, (future, status) in enumerate(as_completed(futures, with_results=True, raise_errors=False), 1):
            ended = future.status == "finished" and status == 0
            say(f"[{number}/{len(to_do)}] {futures[future]}{'' if ended else ': did not end'}")
            if not ended:
                failed.append(futures[future])
    return failed


def _resolved(job: Job) -> Job:
    """The job for a process with another working directory."""
    return replace(job, recipe=str(Path(job.recipe).resolve())) if Path(job.recipe).is_file() else job


def _run_logged(job: Job, data: Path, directory: Path, devices: Sequence[str]) -> int:
    """Train on this machine, by the Python that runs this; what is printed is added to DIRECTORY.log."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    with open(directory.with_name(f"{directory.name}.log"), "a", encoding="utf-8") as log:
        return _run(_command(job, data, directory, devices), log)


def _run(command: list[str], output: IO[str] | None = None) -> int:
    """The exit status of a training in a process of its own, which ends before this one does."""
    with subprocess.Popen(command, stdout=output, stderr=output) as training:
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
