"""LArCV files to a data set: spool every input once, share out the events, write the shards, then the manifest.

Nothing but the content of the inputs, the options and the seed decides the shards: sources are ordered by their hash.
"""

import itertools
import shutil
import warnings
from collections import Counter
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from data_tools.conversion import split, spool
from data_tools.conversion.crop import cropped_shape
from data_tools.conversion.plan import Plan, make_plan
from data_tools.conversion.selection import Selection
from data_tools.conversion.sources import Source, expand_inputs, open_sources
from data_tools.conversion.workers import run as run_work
from data_tools.defects import DEFECTS
from data_tools.description import Adc
from data_tools.errors import Argument, CorruptFile, DatasetExists, DuplicateInput, TooFewEvents
from data_tools.event import down_sampled_shape
from data_tools.files import remove_remains
from data_tools.particles import NO_TRUTH
from data_tools.progress import bar
from data_tools.record import differences
from data_tools.tfrecords import manifest, shards
from data_tools.tfrecords.dataset import Dataset, open_dataset
from data_tools.tfrecords.manifest import HitsPerEvent, MadeWith, Manifest, SampleDescription, SourceDescription, Split

_SPOOL = ".converting"


class RepeatedEvents(UserWarning):
    """Several events carry the same (run, subrun, event)."""


def convert(
    inputs,
    output,
    samples,
    *,
    seed=0,
    shards=None,
    down_sample=1,
    threshold=None,
    crop=None,
    select=None,
    classes=(),
    image_producer=None,
    particle_producer=None,
    value_dtype="float32",
    on=None,
    workers=1,
    dask=None,
):
    """Convert LArCV files into a data set of sharded TFRecords; returns it opened (data_tools.Dataset).

    inputs: files, directories, glob patterns or URLs, one or a list. output: the directory to make. samples: texts
    NAME[=N][@GLOB]: N events in all, equal per class; without N all that is left; with GLOB from matching inputs only.
    seed: of the random order and choice. shards: per sample (default: 8, or 10,000 events each). down_sample: sum
    N x N pixels. threshold [ADC]: drop hits below it, after down-sampling. crop: 'ROWSxCOLS', the window around the
    activity to keep. select: a condition on the truth and the hits, as in 'momentum > 100 and hits_Y >= 20'. classes:
    texts NAME=PDG,PDG (default: the study's five). on: {defect: policy}, see data_tools.defects. workers: processes.
    dask: address of a dask scheduler instead. The last two change nothing in the result. A script that calls this with
    workers needs `if __name__ == "__main__":`, as for all of Python's multiprocessing.

    Started again after an interruption it goes on; on a finished data set made in the same way it only opens it.
    Raises a data_tools.errors.UserError of the kind that fits.
    """
    plan = make_plan(samples, seed, shards, down_sample, threshold, crop, select, classes, value_dtype, on, workers)
    output = Path(output)
    finished = _check_output(output)
    paths = expand_inputs(inputs)
    split.check_globs(plan.rules, paths)
    sources = open_sources(paths, plan.classes, plan.policies, image_producer, particle_producer)
    made_with = plan.made_with(sources)
    if finished:
        return _reopen(output, made_with)
    described = _describe_images(sources, plan)
    order = [split.keys(plan.seed, source.sha256, range(source.entries)) for source in sources]
    _check_enough(plan, sources, order)

    parts = _parts(output / _SPOOL, sources, plan, image_producer, particle_producer)
    _read_all(parts, sum(source.entries for source in sources), workers, dask)
    table, left_out = spool.read_tables(parts)
    if not table:
        raise TooFewEvents(f"No event is left to convert. {_what_was_left_out(sources, left_out)}")
    _check_repeated(table, sources)
    selected = _select(plan, described["planes"], table)
    positions = _share_out(plan, sources, table, selected, order)
    written = Manifest.of(
        tool=f"lartpc-zoo {version('lartpc-zoo')}",
        **described,
        samples=_write_samples(output, positions, parts, table, plan),
        sources=_describe_sources(sources, positions, table, selected, left_out),
        made_with=made_with,
    )
    manifest.write(output, written)
    _remove_remains(output, written)
    return open_dataset(output)


def _check_output(output):
    """Whether `output` holds a finished data set. Raises DatasetExists when it holds something else."""
    if output.exists() and not output.is_dir():
        raise DatasetExists(f"{output} is a file. Choose another ", Argument("output"), ".")
    finished = (output / manifest.FILE_NAME).is_file()
    if not finished and output.is_dir() and any(output.iterdir()) and not (output / _SPOOL).is_dir():
        raise DatasetExists(f"{output} is not empty and holds no data set. Choose another ", Argument("output"), ".")
    return finished


def _describe_images(sources: list[Source], plan: Plan) -> dict[str, Any]:
    """Fields of the manifest that say what the images are, which is the same for all sources. Raises BadOption."""
    first = next(source for source in sources if source.trees)
    settings = plan.settings
    known = all(source.pixel_cm for source in sources if source.trees)
    sizes = first.pixel_cm if known else None
    pixel_cm = sizes and tuple(round(size * settings.down_sample, 6) for size in sizes)
    return {
        "image_shape": cropped_shape(down_sampled_shape(first.shape, settings.down_sample), settings.crop),
        "planes": tuple(first.planes),
        "pixel_cm": pixel_cm,
        "classes": tuple(zip(plan.classes.names, plan.classes.pdg)),
        "value_dtype": settings.value_dtype,
        "adc": Adc(down_sample=settings.down_sample, threshold=settings.threshold, crop=settings.crop),
        "split": Split(plan.seed, tuple(map(str, plan.rules)), split.ORDER),
    }


def _check_enough(plan, sources, order):
    """Share out by truth alone, before any pixel is read: what is too few now stays too few."""
    labels = np.concatenate([source.labels for source in sources])
    source = np.repeat(np.arange(len(sources)), [source.entries for source in sources])
    known = labels >= NO_TRUTH
    if not known.any():
        raise TooFewEvents(
            f"No event is left to convert: the policies leave out all {len(labels)} entries by their truth."
        )
    paths = [source.path for source in sources]
    split.assign(plan.rules, labels[known], source[known], np.concatenate(order)[known], paths, plan.classes)


def _parts(directory, sources, plan, image_producer, particle_producer):
    directory.mkdir(parents=True, exist_ok=True)
    return [
        spool.Part(
            directory,
            source.path,
            source.sha256,
            number,
            source.trees,
            span,
            source.labels[slice(*span)],
            source.pdg[slice(*span)],
            plan.settings,
            dict(plan.policies),
            image_producer,
            particle_producer,
        )
        for number, source in enumerate(sources)
        for span in spool.ranges(source.entries)
    ]


def _read_all(parts, entries, workers, dask):
    """Make all parts, wherever the work is done."""
    if dask is not None:
        parts = [part.resolved() for part in parts]
    with bar("Reading events", entries) as advance:
        try:
            run_work(spool.make_part, parts, advance, workers, dask)
        finally:
            spool.forget_readers()


def _select(plan, planes, table):
    """(events,) bool: which events the plan's selection keeps. Raises TooFewEvents when it keeps none."""
    if plan.select is None:
        return np.ones(len(table["entry"]), bool)
    selected = Selection(plan.select, spool.selectable(planes))(table)
    if not selected.any():
        raise TooFewEvents(Argument("select", plan.select), f" keeps none of {len(selected)} events.")
    return selected


def _what_was_left_out(sources, left_out):
    """'25 entries left out: several particles. ...' of all sources together."""
    counts = sum(left_out.values(), Counter())
    counts["unknown-pdg"] += int(sum(np.sum(source.labels == spool.NOT_WANTED) for source in sources))
    return " ".join(f"{count} entries were left out: {DEFECTS[name].found}." for name, count in counts.items() if count)


def _share_out(plan, sources, table, selected, order):
    """{sample: positions in the table} of the selected events."""
    candidates = np.flatnonzero(selected)
    source, entry = table["source"][candidates], table["entry"][candidates]
    # Sources of one another's length: their orders lie behind each other.
    first = np.concatenate([[0], np.cumsum([len(keys) for keys in order])[:-1]]).astype(np.int64)
    keys = np.concatenate(order)[first[source] + entry]
    paths = [source.path for source in sources]
    chosen = split.assign(plan.rules, table["label"][candidates], source, keys, paths, plan.classes)
    return {name: candidates[positions] for name, positions in chosen.items()}


def _check_repeated(table, sources):
    """Warn of a repeated (run, subrun, event); raise DuplicateInput where the hits are the same too."""
    identity = np.stack([table["run"], table["subrun"], table["event"]], axis=1)
    _, count = np.unique(identity, axis=0, return_counts=True)
    if not (count > 1).any():
        return
    full = np.column_stack([identity.astype(np.uint64), table["hits_digest"]])
    _, group, members = np.unique(full, axis=0, return_inverse=True, return_counts=True)
    # Events without hits are all alike: only hits can tell that an event is there twice.
    same = np.flatnonzero((members[group.reshape(-1)] > 1) & (table["hits"] > 0))
    if same.size:
        twins = same[group.reshape(-1)[same] == group.reshape(-1)[same[0]]][:2]
        where = " and ".join(f"{sources[table['source'][i]].path}, entry {table['entry'][i]}" for i in twins)
        raise DuplicateInput(
            f"{same.size} events are there more than once, with the same run, subrun, event and hits: {where}. "
            "An event in two samples would make the result worthless: remove one of the files."
        )
    repeated = int(count[count > 1].sum())
    warnings.warn(
        f"{repeated} events share their (run, subrun, event) with another one (their hits differ); "
        "they are told apart by source and entry.",
        RepeatedEvents,
        stacklevel=3,
    )


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
            "unknown-pdg": int(np.sum(source.labels == spool.NOT_WANTED)),
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
                noticed=spool.count_flags(table["flags"][mine]) if source.trees else {"truncated": 1},
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
