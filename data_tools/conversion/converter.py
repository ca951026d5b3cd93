"""LArCV files to a data set: spool every input once, share out the events, write the shards, then the manifest.

Nothing but the content of the inputs, the options and the seed decides the shards: sources are ordered by their hash.
"""

import itertools
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from data_tools.conversion import sharing, split, spool
from data_tools.conversion.crop import cropped_shape
from data_tools.conversion.plan import Plan, make_plan
from data_tools.conversion.sources import Inputs, Source, expand_inputs, first_shape, open_sources
from data_tools.description import Adc
from data_tools.errors import Argument, CorruptFile, DatasetBusy, DatasetExists
from data_tools.event import down_sampled_shape
from data_tools.files import remove_remains
from data_tools.index import Shape
from data_tools.locks import locked
from data_tools.options import DOWN_SAMPLE, SEED, VALUE_DTYPE, WORKERS, ValueDtype
from data_tools.particles import NO_TRUTH
from data_tools.progress import bar
from data_tools.record import differences
from data_tools.tfrecords import manifest, shards
from data_tools.tfrecords.dataset import Dataset, open_dataset
from data_tools.tfrecords.manifest import HitsPerEvent, MadeWith, Manifest, SampleDescription, SourceDescription, Split
from data_tools.workers import run as run_work

_SPOOL = ".converting"


def convert(
    inputs: Inputs,
    output: str | Path,
    samples: str | Iterable[str],
    *,
    seed: int = SEED,
    shards: int | None = None,
    down_sample: int = DOWN_SAMPLE,
    threshold: float | None = None,
    crop: str | tuple[int, int] | None = None,
    select: str | None = None,
    classes: Sequence[str] = (),
    image_producer: str | None = None,
    particle_producer: str | None = None,
    value_dtype: ValueDtype = VALUE_DTYPE,
    on: Mapping[str, str] | None = None,
    effect: str | None = None,
    workers: int = WORKERS,
    dask: str | None = None,
) -> Dataset:
    """Convert LArCV files into a data set of sharded TFRecords.

    Started again after an interruption it goes on; a finished data set that was made in the same way is only opened.

    Args:
        inputs: files, directories, glob patterns or URLs, one or several.
        output: directory of the data set, which is made.
        samples: texts NAME[=N][@GLOB]: N events in all, the same number of each class; without N all that is left;
            with GLOB only from the inputs that match.
        seed: of the random choice and order of events.
        shards: of each sample; by default 8, or as many as keep a shard at 10,000 events or fewer.
        down_sample: so many pixels in a row and in a column are summed into one, which raises ADC.
        threshold: hits below it [ADC] are dropped, after down-sampling.
        crop: 'ROWSxCOLS' or (rows, cols), the window that holds most ADC is kept.
        select: condition on truth and hits, as in 'momentum > 100 and hits_Y >= 20'.
        classes: texts NAME=PDG[,PDG...] in the order of labels; by default the five of the study.
        image_producer: of the images, where a file holds several: 'data' or with its product, 'sparse2d_data'.
        particle_producer: the same of the truth.
        value_dtype: type in which ADC is stored, 'float32' or 'float16'.
        on: {defect: policy}, see data_tools.defects; the defaults where nothing is said.
        effect: text NAME[:STRENGTH], effects of a detector on every event: a name in zoo_configs/effects or a file.
        workers: processes on this machine; a script needs `if __name__ == "__main__":` for more than one.
        dask: address of a dask scheduler whose workers read instead. Neither changes the result.

    Returns:
        The data set, opened.

    Raises:
        UserError: of the kind that fits, see data_tools.errors.

    Warns:
        RepeatedEvents, EmptyImages: see data_tools.conversion.sharing.

    Example:
        >>> data = data_tools.convert("singles_*.root", "DATA", ["train=10000", "testA=10000", "testB"], down_sample=2)
    """
    plan = make_plan(
        samples, seed, shards, down_sample, threshold, crop, select, classes, value_dtype, on, workers, effect
    )
    work = _Work(Path(output), image_producer, particle_producer, workers, dask)
    _check_output(work.output)
    paths = expand_inputs(inputs)
    split.check_globs(plan.rules, paths)
    busy = DatasetBusy(f"{output}: another process writes to this data set. Wait for it, or stop it.")
    with locked(work.output, busy):
        return _convert(paths, plan, work)


@dataclass(frozen=True)
class _Work:
    """Where the data set is made, what is read of the files, and by whom; see convert."""

    output: Path
    image_producer: str | None
    particle_producer: str | None
    workers: int
    dask: str | None

    @property
    def spool(self) -> Path:
        """Directory of the work in progress."""
        return self.output / _SPOOL


def _convert(paths: Sequence[Path | str], plan: Plan, work: _Work) -> Dataset:
    finished = _check_output(work.output)
    producers = (work.image_producer, work.particle_producer)
    # What cannot be is said before all inputs are hashed.
    _image_shape(first_shape(paths, plan.policies, *producers), plan)
    sources = open_sources(paths, plan.classes, plan.policies, *producers)
    made_with = plan.made_with(sources)
    if finished:
        return _reopen(work.output, made_with)
    described = _describe_images(sources, plan)
    order = [split.keys(plan.seed, source.sha256, range(source.entries)) for source in sources]
    sharing.check_enough(plan, sources, order)

    parts = _parts(sources, plan, work)
    _read_all(parts, sum(source.entries for source in sources), work)
    table, left_out = spool.read_tables(parts)
    sharing.check_table(table, left_out, sources, plan, described["image_shape"])
    selected = sharing.select(plan, described["planes"], table)
    positions = sharing.share_out(plan, sources, table, selected, order)
    written = Manifest.of(
        tool=f"lartpc-zoo {version('lartpc-zoo')}",
        **described,
        samples=_write_samples(work.output, positions, parts, table, plan),
        sources=_describe_sources(sources, positions, table, selected, left_out),
        made_with=made_with,
    )
    manifest.write(work.output, written)
    _remove_remains(work.output, written)
    return open_dataset(work.output)


def _parts(sources: Sequence[Source], plan: Plan, work: _Work) -> list[spool.Part]:
    work.spool.mkdir(exist_ok=True)
    return [
        spool.Part(
            directory=work.spool,
            file=spool.InputFile(source.path, source.sha256, source.trees, work.image_producer, work.particle_producer),
            number=number,
            span=span,
            truth=source.truth[slice(*span)],
            settings=plan.settings,
            policies=dict(plan.policies),
        )
        for number, source in enumerate(sources)
        for span in spool.ranges(source.entries)
    ]


def _read_all(parts: list[spool.Part], entries: int, work: _Work) -> None:
    """Make all parts, wherever the work is done."""
    if work.dask is not None:
        parts = [part.resolved() for part in parts]
    with bar("Reading events", entries) as advance:
        try:
            run_work(spool.make_part, parts, advance, work.workers, work.dask)
        finally:
            spool.forget_readers()


def _image_shape(shape: Shape, plan: Plan) -> Shape:
    """The shape of the images of `shape` as the data set will have them. Raises BadOption."""
    return cropped_shape(down_sampled_shape(shape, plan.settings.down_sample), plan.settings.crop)


def _check_output(output: Path) -> bool:
    """Whether `output` holds a finished data set. Raises DatasetExists when it holds something else."""
    if output.exists() and not output.is_dir():
        raise DatasetExists(f"{output} is a file. Choose another ", Argument("output"), ".")
    finished = (output / manifest.FILE_NAME).is_file()
    if not finished and output.is_dir() and any(output.iterdir()) and not (output / _SPOOL).is_dir():
        raise DatasetExists(f"{output} is not empty and holds no data set. Choose another ", Argument("output"), ".")
    return finished


def _describe_images(sources: list[Source], plan: Plan) -> dict[str, Any]:
    """Fields of the manifest that say what the images are, which is the same for all sources. Raises BadOption."""
    first = next(source for source in sources if source.readable)
    settings = plan.settings
    known = all(source.pixel_cm for source in sources if source.readable)
    sizes = first.pixel_cm if known else None
    pixel_cm = sizes and tuple(round(size * settings.down_sample, 6) for size in sizes)
    return {
        "image_shape": _image_shape(first.shape, plan),
        "planes": tuple(first.planes),
        "pixel_cm": pixel_cm,
        "classes": tuple(zip(plan.classes.names, plan.classes.pdg)),
        "value_dtype": settings.value_dtype,
        "adc": Adc(down_sample=settings.down_sample, threshold=settings.threshold, crop=settings.crop),
        "split": Split(plan.seed, tuple(map(str, plan.rules)), split.ORDER),
    }


def _write_samples(
    output: Path, positions: dict[str, np.ndarray], parts: list[spool.Part], table: dict[str, np.ndarray], plan: Plan
) -> dict[str, SampleDescription]:
    samples = {}
    with bar("Writing shards", sum(map(len, positions.values()))) as advance:
        for name, events in positions.items():
            number_of_shards = min(plan.shards or shards.default_shards(len(events)), len(events))
            bounds = shards.shard_bounds(len(events), number_of_shards)
            written = []
            for number, (begin, end) in enumerate(itertools.pairwise(bounds)):
                path = output / shards.shard_name(name, number, number_of_shards)
                written.append(shards.write_shard(path, spool.read_records(parts, table, events[begin:end])))
                advance(end - begin)
            hits, labels = table["hits"][events], table["label"][events]
            per_class = np.bincount(labels[labels != NO_TRUTH], minlength=len(plan.classes)).tolist()
            samples[name] = SampleDescription(
                events=len(events),
                events_per_class=dict(zip(plan.classes.names, per_class)),
                labelled=bool((labels != NO_TRUTH).all()),
                hits_per_event=HitsPerEvent(round(float(hits.mean()), 2), int(hits.max())),
                shards=tuple(written),
            )
    return samples


def _remove_remains(output: Path, described: Manifest) -> None:
    """Remove the spool and what interrupted conversions left: of our files only this data set's shards stay."""
    if not (output / _SPOOL).is_dir():
        return
    remove_remains(output)
    mine = {shard.file for sample in described.samples.values() for shard in sample.shards}
    for path in output.iterdir():
        if manifest.SHARD_FILE.fullmatch(path.name) and path.name not in mine:
            path.unlink()
    # Last, because it marks the directory as ours.
    shutil.rmtree(output / _SPOOL)


def _describe_sources(
    sources: list[Source],
    positions: dict[str, np.ndarray],
    table: dict[str, np.ndarray],
    selected: np.ndarray,
    left_out: dict[int, Counter],
) -> tuple[SourceDescription, ...]:
    """What the manifest says of each source: its entries are kept + not asked for + rejected."""
    used = np.zeros(len(table["entry"]), bool)
    used[np.concatenate(list(positions.values()))] = True
    described = []
    for number, source in enumerate(sources):
        mine = table["source"] == number
        rejected = {
            **left_out.get(number, {}),
            "unknown-pdg": int(np.sum(source.truth.without_class)),
            "not selected": int(np.sum(~selected & mine)),
        }
        kept, not_asked_for = int(np.sum(used & mine)), int(np.sum(~used & selected & mine))
        accounted = kept + not_asked_for + sum(rejected.values())
        if accounted != source.entries:
            raise CorruptFile(f"{source.path}: {accounted} of {source.entries} entries are accounted for; read again.")
        described.append(
            SourceDescription(
                path=str(source.path),
                bytes=source.bytes,
                sha256=source.sha256,
                entries=source.entries,
                labelled=source.labelled,
                kept=kept,
                not_asked_for=not_asked_for,
                rejected={what: count for what, count in rejected.items() if count},
                trees=tuple(source.trees),
                noticed=spool.count_flags(table["flags"][mine]) if source.readable else {"truncated": 1},
            )
        )
    return tuple(described)


def _reopen(output: Path, made_with: MadeWith) -> Dataset:
    dataset = open_dataset(output)
    if changes := "; ".join(differences(dataset.manifest.made_with, made_with)):
        raise DatasetExists(
            f"{output} holds a data set made in another way: {changes}. Choose another ", Argument("output"), "."
        )
    _remove_remains(output, dataset.manifest)
    return dataset
