"""Any number of files to their scores, one output per input; what is complete is not made again."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

from data_tools import workers as work
from data_tools.ahead import available_cores
from data_tools.defects import STOP, UNKNOWN_PDG, Policies, SkipEntry
from data_tools.detector.loading import parse_disturbance
from data_tools.errors import Argument, BadOption, UserError
from data_tools.files import write_json
from data_tools.locks import locked
from data_tools.options import WORKERS
from data_tools.progress import bar
from data_tools.record import differences, plain_with_version
from lartpc_zoo.errors import DataDiffers, RunBusy, RunDiffers
from lartpc_zoo.metrics.formats import CSV, FORMATS
from lartpc_zoo.metrics.table_files import check_format
from lartpc_zoo.models.trained import TrainedNetwork, check_alike
from lartpc_zoo.scoring.inputs import Input, Inputs, find_inputs, output_name
from lartpc_zoo.scoring.records import ScoredInput, ScoreDirectory, ScoredWith, ScoreManifest, ScoringJob
from lartpc_zoo.scoring.source import Reading
from lartpc_zoo.scoring.task import Task, score_input, score_on_dask

_OF_READING = ("fit", "image_producer", "particle_producer")


@dataclass(frozen=True)
class ScoredFiles:
    """What `score_files` made.

    Attributes:
        directory: of the outputs.
        manifest: what is on record of all inputs of the directory.
        inputs: what became of every input that was named.
        made: paths of the inputs that were scored now.
        changed: paths of those among them that had been scored before, and were changed since.
    """

    directory: Path
    manifest: ScoreManifest
    inputs: tuple[ScoredInput, ...]
    made: tuple[str, ...]
    changed: tuple[str, ...]

    @property
    def failed(self) -> tuple[ScoredInput, ...]:
        """Inputs that could not be scored, although no policy leaves them out."""
        return tuple(one for one in self.inputs if one.failed)

    @property
    def scored(self) -> int:
        """Number of events with scores."""
        return sum(one.scored for one in self.inputs)


def score_files(
    inputs: Inputs,
    networks: Sequence[TrainedNetwork],
    output: str | Path,
    *,
    format: str = CSV,
    sample: str | None = None,
    on: Mapping[str, str] | None = None,
    image_producer: str | None = None,
    particle_producer: str | None = None,
    fit: bool = False,
    effect: str | None = None,
    workers: int = WORKERS,
    dask: str | None = None,
) -> ScoredFiles:
    """Score every event of any number of files; see `lartpc_zoo.score_files`."""
    if format not in FORMATS:
        raise BadOption(f"Format {format!r} of scores: expected one of {', '.join(FORMATS)}.")
    check_format(format)
    work.check_workers(workers)
    check_alike(networks)
    reading = Reading(_chosen(on), image_producer, particle_producer, fit)
    found = find_inputs(inputs, sample)
    job = ScoringJob(
        networks=tuple(ScoredWith(one.name, one.network, one.weights_sha256) for one in networks),
        classes=networks[0].trained_on.class_names,
        format=format,
        sample=sample,
        policies=dict(reading.policies),
        image_producer=image_producer,
        particle_producer=particle_producer,
        fit=fit,
        disturbance=parse_disturbance(effect),
    )
    directory = ScoreDirectory(Path(output).absolute())
    _check_output(directory)
    busy = RunBusy(f"{output}: another process scores into this directory. Wait for it, or stop it.")
    with locked(directory.path, busy):
        return _score_all(found, tuple(networks), reading, job, directory, workers, dask)


def _score_all(
    inputs: Sequence[Input],
    networks: tuple[TrainedNetwork, ...],
    reading: Reading,
    job: ScoringJob,
    directory: ScoreDirectory,
    workers: int,
    dask: str | None,
) -> ScoredFiles:
    directory.remove_remains()
    _check_job(directory, job)
    known = directory.inputs()
    to_do, changed, touched = _to_do(inputs, known, directory.path)
    if not any(one.output for one in known.values()):
        _check_first(inputs, networks, reading)
    directory.begin(job)
    for one in touched:
        write_json(directory.record_path(one.path), plain_with_version(one))
    names = _names(inputs, known, job.format)
    # Processes share the processors, and would wait for each other if each of them used all.
    processes = min(workers, len(to_do))
    threads = max(1, available_cores() // processes) if processes > 1 else None
    tasks = [
        Task(
            input=one,
            networks=networks,
            reading=reading,
            format=job.format,
            output=directory.path / names[one.path],
            record=directory.record_path(one.path),
            disturbance=job.disturbance,
            threads=threads,
        )
        for one in to_do
    ]
    with bar("Scoring inputs", len(to_do)) as advance:
        work.run(score_input if dask is None else score_on_dask, tasks, advance, workers, dask)
    manifest = directory.end(f"lartpc-zoo {version('lartpc-zoo')}", job, directory.inputs().values())
    found = {one.path: one for one in manifest.inputs}
    return ScoredFiles(
        directory=directory.path,
        manifest=manifest,
        inputs=tuple(found[one.path] for one in inputs),
        made=tuple(one.path for one in to_do),
        changed=tuple(changed),
    )


def _chosen(on: Mapping[str, str] | None) -> dict[str, str]:
    """The policies that are not the defaults. Raises BadOption."""
    if on and UNKNOWN_PDG in on:
        raise BadOption(Argument("on", on[UNKNOWN_PDG], key=UNKNOWN_PDG), ": events of all particles are scored.")
    default = Policies()
    return {name: policy for name, policy in Policies(on).items() if policy != default[name]}


def _check_output(directory: ScoreDirectory) -> None:
    """Raise RunDiffers where the directory holds something else than scores."""
    path = directory.path
    if path.exists() and not path.is_dir():
        raise RunDiffers(f"{path} is a file. Choose another output.")
    if path.is_dir() and any(path.iterdir()) and not (directory.manifest_path.is_file() or directory.progress.is_dir()):
        raise RunDiffers(f"{path} is not empty and holds no scores. Choose another output.")


def _check_job(directory: ScoreDirectory, job: ScoringJob) -> None:
    """Raise RunDiffers where the scores that are there were made in another way."""
    before = directory.job()
    if before is None:
        return
    # What stopped an input has no output: another policy for it changes nothing that is there.
    stopped = {name: policy for name, policy in job.policies.items() if Policies(before.policies)[name] == STOP}
    before = replace(before, policies={**before.policies, **stopped})
    if changes := "; ".join(differences(before, job)):
        raise RunDiffers(
            f"{directory.path} holds scores that were made in another way: {changes}. Choose another output."
        )


def _check_first(inputs: Sequence[Input], networks: Sequence[TrainedNetwork], reading: Reading) -> None:
    """Open the first file that opens.

    Raises:
        DataDiffers: its images are not such as the networks take.
        UserError: an option does not fit it.
    """
    for one in inputs:
        try:
            one.open(networks, reading)
        except DataDiffers:
            raise
        except UserError as error:
            if error.option in _OF_READING:
                raise
        except (OSError, SkipEntry):
            continue  # it is put on record when its turn comes
        else:
            return


def _to_do(
    inputs: Sequence[Input], known: Mapping[str, ScoredInput], directory: Path
) -> tuple[list[Input], list[str], list[ScoredInput]]:
    """What is to be scored.

    Returns:
        The inputs, the paths of those among them that were changed since they were scored, and what is to be on record
        of those that look changed and are not.
    """
    to_do, changed, touched = [], [], []
    for one in inputs:
        before = known.get(one.path)
        if before is None or before.failed or not _is_complete(before, directory):
            to_do.append(one)
            continue
        try:
            version = one.version()
            if version == before.version:
                continue
            same = before.sha256 is not None and one.sha256() == before.sha256
        except (UserError, OSError):  # told of when its turn comes
            same = False
        if same:
            touched.append(replace(before, version=version))
        else:
            to_do.append(one)
            changed.append(one.path)
    return to_do, changed, touched


def _is_complete(found: ScoredInput, directory: Path) -> bool:
    """Whether the output of an input is there as it was written, where it has one."""
    if not found.output:
        return True
    path = directory / found.output
    return path.is_file() and path.stat().st_size == found.output_bytes


def _names(inputs: Sequence[Input], known: Mapping[str, ScoredInput], ending: str) -> dict[str, str]:
    """{path: name of its output}: the name of the file, with a part of the path's hash where several share it.

    Those that are on record keep theirs.
    """
    names = {path: one.output for path, one in known.items() if one.output}
    new = [one for one in inputs if one.path not in names]
    taken = Counter([*names.values(), *(output_name(one, ending) for one in new)])
    for one in new:
        name = output_name(one, ending)
        names[one.path] = name if taken[name] == 1 else output_name(one, ending, with_hash=True)
    return names
