"""What is on record of a directory of scores: how they were made, and what became of every input."""

import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from data_tools.detector.disturbance import Disturbance
from data_tools.files import remove_remains, sha256_of_json, write_json
from data_tools.record import R, Record, plain_with_version, read_record
from lartpc_zoo.errors import BadScores
from lartpc_zoo.metrics.formats import CSV

MANIFEST = "scores.json"
"""In the directory of the scores, what is on record of all of them."""
_PROGRESS = ".scoring"
_JOB = "job.json"
_INPUT = ".input.json"
_HASH = 16


@dataclass(frozen=True)
class ScoredWith(Record):
    """A network that scored.

    Attributes:
        name: as it was named: of a pretrained network, or the directory of a run.
        network: its name as a network of the zoo.
        weights_sha256: hex SHA-256 of its weights.
    """

    name: str = field(compare=False)
    network: str
    weights_sha256: str | None = None


@dataclass(frozen=True, kw_only=True)
class ScoringJob(Record):
    """What all scores of a directory have in common.

    Attributes:
        networks: that scored; the scores of several are averaged.
        classes: names, in the order of the scores.
        format: of the outputs.
        sample: of data sets, None for all.
        policies: {defect: policy} that was asked for.
        image_producer, particle_producer: as of data_tools.convert.
        fit: whether images of another size were padded or cut.
        disturbance: effects of a detector on every event, None without.
    """

    networks: tuple[ScoredWith, ...]
    classes: tuple[str, ...]
    format: str = CSV
    sample: str | None = None
    policies: dict[str, str] = field(default_factory=dict)
    image_producer: str | None = None
    particle_producer: str | None = None
    fit: bool = False
    disturbance: Disturbance | None = None


@dataclass(frozen=True, kw_only=True)
class ScoredInput(Record):
    """What became of one input.

    Attributes:
        path: path or URL.
        version: what tells a changed file from the same one at a glance: bytes and time, or what a server says.
        bytes: its size.
        sha256: hex SHA-256 of its content; None behind a URL.
        entries: how many it has.
        scored: how many were scored.
        left_out: {defect: entries that were left out}.
        noticed: {defect: events that have it and were scored all the same}.
        fitted: (rows, cols) that its images were padded or cut to, None where they were as they should be.
        execution: how the networks were run, 'images' or 'sites'.
        failed: why it has no scores; '' where it has.
        output: name of the file of its scores; '' where it has none.
        output_bytes: size of that file.
    """

    path: str
    version: str
    bytes: int = 0
    sha256: str | None = None
    entries: int = 0
    scored: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    noticed: dict[str, int] = field(default_factory=dict)
    fitted: tuple[int, int] | None = None
    execution: tuple[str, ...] = ()
    failed: str = ""
    output: str = ""
    output_bytes: int = 0


@dataclass(frozen=True, kw_only=True)
class ScoreManifest(Record):
    """All scores of a directory.

    Attributes:
        tool: what made them.
        job: what they have in common.
        inputs: what became of every input, by path.
    """

    tool: str
    job: ScoringJob
    inputs: tuple[ScoredInput, ...] = ()


@dataclass(frozen=True)
class ScoreDirectory:
    """The files of a directory of scores that are not scores.

    While it is filled, every input has a record of its own, written when its scores are complete.
    """

    path: Path

    @property
    def manifest_path(self) -> Path:
        """What is on record of all scores."""
        return self.path / MANIFEST

    @cached_property
    def progress(self) -> Path:
        """Directory of what is on record so far."""
        return self.path / _PROGRESS

    def job(self) -> ScoringJob | None:
        """The job of the scores that are there; None where there are none."""
        if manifest := self._manifest():
            return manifest.job
        path = self.progress / _JOB
        return _read(ScoringJob, path) if path.is_file() else None

    def begin(self, job: ScoringJob) -> None:
        """Write down the job."""
        self.progress.mkdir(parents=True, exist_ok=True)
        write_json(self.progress / _JOB, plain_with_version(job))

    def inputs(self) -> dict[str, ScoredInput]:
        """{path: what is on record of an input}."""
        manifest = self._manifest()
        found = {one.path: one for one in (manifest.inputs if manifest else ())}
        for path in self.progress.glob(f"*{_INPUT}"):
            record = _read(ScoredInput, path)
            found[record.path] = record
        return found

    def record_path(self, path: str) -> Path:
        """Where the record of an input goes, by its path."""
        return self.progress / f"{sha256_of_json(path)[:_HASH]}{_INPUT}"

    def remove_remains(self) -> None:
        """Remove what killed processes left half-written."""
        for directory in (self.path, self.progress):
            remove_remains(directory)

    def end(self, tool: str, job: ScoringJob, inputs: Iterable[ScoredInput]) -> ScoreManifest:
        """Write the manifest, which replaces the records of single inputs."""
        manifest = ScoreManifest(tool=tool, job=job, inputs=tuple(sorted(inputs, key=lambda one: one.path)))
        write_json(self.manifest_path, plain_with_version(manifest))
        shutil.rmtree(self.progress)
        return manifest

    def _manifest(self) -> ScoreManifest | None:
        return _read(ScoreManifest, self.manifest_path) if self.manifest_path.is_file() else None


def _read(cls: type[R], path: Path) -> R:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadScores(f"{path}: no JSON ({error}). Score into another directory.") from error
    return read_record(cls, content, path, BadScores, "Score into another directory.")
