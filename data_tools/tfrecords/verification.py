"""Whether a data set is what was written: `lartpc-convert --verify DIR`.

The manifest is consistent, and its fingerprint follows from its content, or it does not open. A shard whose hash is
that of the manifest holds the events that the converter wrote, so they need not be looked at again; only their number,
which no hash covers, is counted.
"""

from pathlib import Path

from data_tools.errors import CorruptShard, UserError
from data_tools.files import unfinished
from data_tools.progress import bar
from data_tools.tfrecords import manifest, shards
from data_tools.tfrecords.example import read_records
from data_tools.tfrecords.manifest import Manifest


def find_faults(directory: str | Path) -> list[str]:
    """Texts, each naming what is broken in a data set and where; none when all is well."""
    directory = Path(directory)
    try:
        described = manifest.read(directory)
    except UserError as error:
        return [str(error)]
    listed = [shard for sample in described.samples.values() for shard in sample.shards]
    faults = _stray_files(directory, described)
    with bar("Checking shards", sum(shard.bytes for shard in listed), unit="bytes") as advance:
        for shard in listed:
            path = directory / shard.file
            try:
                shards.check_hash(directory, shard, advance)
                events = sum(1 for _ in read_records(path))
            except CorruptShard as error:
                faults.append(str(error))
                continue
            if events != shard.events:
                faults.append(f"{path}: {events} events, the manifest says {shard.events}.")
    return faults


def _stray_files(directory: Path, described: Manifest) -> list[str]:
    """Shards that the manifest does not list, and what an interrupted conversion left."""
    listed = {shard.file for sample in described.samples.values() for shard in sample.shards}
    stray = [path for path in sorted(directory.iterdir()) if manifest.SHARD_FILE.fullmatch(path.name)]
    faults = [f"{path}: a shard that the manifest does not list." for path in stray if path.name not in listed]
    return faults + [f"{path}: left by an interrupted conversion." for path in unfinished(directory)]
