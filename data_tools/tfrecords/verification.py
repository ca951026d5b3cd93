"""Everything that a manifest says of its directory, counted and hashed again: `lartpc-convert --verify DIR`."""

from pathlib import Path

import numpy as np

from data_tools.errors import CorruptShard, UserError
from data_tools.files import unfinished
from data_tools.particles import NO_TRUTH, classes_from_list
from data_tools.progress import bar
from data_tools.tfrecords import manifest, shards
from data_tools.tfrecords.example import read_records
from data_tools.tfrecords.schema import decode


def find_faults(directory):
    """A list of texts, each naming what is broken in a data set and where; empty when all is well."""
    directory = Path(directory)
    try:
        content = manifest.read(directory)
    except UserError as error:
        return [str(error)]
    faults = _stray_files(directory, content)
    classes = classes_from_list(content["classes"]).names
    total = sum(shard["events"] for sample in content["samples"].values() for shard in sample["shards"])
    seen = [set() for _ in content["sources"]]
    with bar("Checking events", total) as advance:
        for name, sample in content["samples"].items():
            faults += _sample_faults(directory, name, sample, content, classes, seen, advance)
    kept = sum(source["kept"] for source in content["sources"])
    if kept != total:
        faults.append(f"The sources say that {kept} events were kept, the samples have {total}.")
    for source, entries in zip(content["sources"], seen):
        if len(entries) != source["kept"]:
            faults.append(
                f"Source {source['path']}: {len(entries)} entries are there, the manifest says {source['kept']}."
            )
        counted = source["kept"] + source["not_asked_for"] + sum(source["rejected"].values())
        if counted != source["entries"]:
            faults.append(f"Source {source['path']}: {counted} entries are accounted for, it has {source['entries']}.")
    return faults


def _sample_faults(directory, name, sample, content, classes, seen, advance):
    faults, labels, hits = [], [], []
    for shard in sample["shards"]:
        try:
            shards.check_hash(directory, shard)
        except CorruptShard as error:
            faults.append(str(error))
        path = directory / shard["file"]
        if not path.is_file():
            continue
        events = 0
        try:
            for number, record in enumerate(read_records(path)):
                event, label, source = decode(record, content["image_shape"], content["value_dtype"])
                where = f"{path}, record {number}"
                faults += _event_faults(where, event, label, source, content, len(classes))
                if 0 <= source < len(seen):
                    if event.entry in seen[source]:
                        faults.append(f"{where}: entry {event.entry} of source {source} is there twice.")
                    seen[source].add(event.entry)
                labels.append(label)
                hits.append(len(event.index))
                events += 1
                advance()
        except CorruptShard as error:
            faults.append(str(error))
        except Exception as error:  # protobuf and NumPy, of records that pass their checksum all the same
            faults.append(f"{path}, record {events}: cannot be parsed ({type(error).__name__}: {error}).")
        if events != shard["events"]:
            faults.append(f"{path}: {events} events, the manifest says {shard['events']}.")
    found = {cls: labels.count(number) for number, cls in enumerate(classes)}
    if found != sample["events_per_class"]:
        faults.append(f"Sample {name}: events per class {found}, the manifest says {sample['events_per_class']}.")
    if hits:
        stored, mean, most = sample["hits_per_event"], round(float(np.mean(hits)), 2), max(hits)
        if (stored["mean"], stored["max"]) != (mean, most):
            faults.append(f"Sample {name}: hits per event {mean} (mean) and {most} (most), the manifest says {stored}.")
        if sample["labelled"] != (NO_TRUTH not in labels):
            faults.append(f"Sample {name}: labelled is {sample['labelled']}, but {labels.count(NO_TRUTH)} are not.")
    return faults


def _event_faults(where, event, label, source, content, classes):
    faults = []
    pixels = int(np.prod(content["image_shape"]))
    index = event.index
    if len(index) != len(event.value) or np.any(np.diff(index) <= 0) or np.any((index < 0) | (index >= pixels)):
        faults.append(f"{where}: its hits are not ascending, unique and inside the image.")
    if not np.isfinite(event.value).all():
        faults.append(f"{where}: ADC that are not finite.")
    if not NO_TRUTH <= label < classes:
        faults.append(f"{where}: label {label} of {classes} classes.")
    if not 0 <= source < len(content["sources"]):
        faults.append(f"{where}: source {source} of {len(content['sources'])}.")
    return faults


def _stray_files(directory, content):
    """Shards that the manifest does not list, and what an interrupted conversion left."""
    listed = {shard["file"] for sample in content["samples"].values() for shard in sample["shards"]}
    stray = [path for path in sorted(directory.iterdir()) if manifest.SHARD_FILE.fullmatch(path.name)]
    faults = [f"{path}: a shard that the manifest does not list." for path in stray if path.name not in listed]
    return faults + [f"{path}: left by an interrupted conversion." for path in unfinished(directory)]
