"""A data set as one .npz file of hits and truth: everything a training needs on a machine without TensorFlow.

manifest (its JSON) and for every sample SAMPLE/starts, SAMPLE/index, SAMPLE/value, SAMPLE/label (see data_tools.tfrecords.hits)
and SAMPLE/events/COLUMN, the columns of Dataset.events. Plain arrays, no pickle; zip keeps a checksum of each.
"""

import io
import json
import zipfile
import zlib

import numpy as np
import pandas as pd
from numpy.lib.format import read_array

from data_tools.errors import CorruptShard, NotADataset
from data_tools.files import written_aside
from data_tools.tfrecords import manifest as manifests
from data_tools.tfrecords.hits import Hits

SUFFIX = ".npz"
_MEMBER = ".npy"
_MANIFEST = "manifest"
_ARRAYS = ("starts", "index", "value", "label")


def write(path, manifest, samples):
    """Write `samples`, {name: (Hits, DataFrame of Dataset.events)}, with their manifest (a dict), atomically."""
    arrays = {_MANIFEST: np.frombuffer(json.dumps(manifest).encode(), np.uint8)}
    for name, (hits, events) in samples.items():
        arrays |= {f"{name}/{array}": getattr(hits, array) for array in _ARRAYS}
        arrays |= {f"{name}/events/{column}": events[column].to_numpy() for column in events}
    with written_aside(path) as aside:
        np.savez_compressed(aside, **arrays)


class HitsFile:
    """The file `path` and its checked `manifest`. Raises NotADataset, BadManifest or CorruptShard."""

    def __init__(self, path):
        self._path = path
        if not path.is_file():
            raise NotADataset(f"{path}: no such file. Make one with: open_dataset(DIR).save_hits({path.name!r})")
        self.manifest = manifests.parse(self._load([_MANIFEST])[_MANIFEST].tobytes(), path)

    def hits(self, sample):
        """The Hits of a sample. Raises CorruptShard where its arrays do not fit together or to the manifest."""
        arrays = self._load([f"{sample}/{array}" for array in _ARRAYS])
        starts, index, value, label = (arrays[f"{sample}/{array}"] for array in _ARRAYS)
        shape, described = tuple(self.manifest["image_shape"]), self.manifest["samples"][sample]
        fits = len(starts) == described["events"] + 1 and len(label) == described["events"]
        fits = fits and starts[0] == 0 and starts[-1] == len(index) == len(value) and (np.diff(starts) >= 0).all()
        fits = fits and _within(index, 0, np.prod(shape)) and _within(label, -1, len(self.manifest["classes"]))
        if not fits:
            raise CorruptShard(f"{self._path}, sample {sample}: its arrays do not fit together. Copy it again.")
        return Hits(shape, starts, index, value, label)

    def events(self, sample):
        """The truth of a sample, as Dataset.events gives it. Raises CorruptShard where it is not whole."""
        begin = f"{sample}/events/"
        with self._open() as archive:
            names = [name.removesuffix(_MEMBER) for name in archive.namelist() if name.startswith(begin)]
        columns = {name.removeprefix(begin): array for name, array in self._load(names).items()}
        events = self.manifest["samples"][sample]["events"]
        if "label" not in columns or {column.shape for column in columns.values()} != {(events,)}:
            raise CorruptShard(f"{self._path}, sample {sample}: its truth is not of {events} events. Copy it again.")
        return pd.DataFrame(columns)

    def _load(self, names):
        """{name: array}. np.load would not come to the end of a member, where its checksum is compared."""
        try:
            with self._open() as archive:
                return {name: read_array(io.BytesIO(archive.read(name + _MEMBER))) for name in names}
        except KeyError as error:
            raise NotADataset(f"{self._path}: {error.args[0]}; this is no file of hits.") from error
        # A damaged header may also ask for a password or an unknown compression, which are RuntimeErrors.
        except (zipfile.BadZipFile, zlib.error, RuntimeError, ValueError, EOFError) as error:
            raise self._damaged(error) from error

    def _open(self):
        try:
            return zipfile.ZipFile(self._path)
        except zipfile.BadZipFile as error:
            raise self._damaged(error) from error

    def _damaged(self, error):
        return CorruptShard(f"{self._path} is damaged ({error}). Copy or write it again.")


def _within(numbers, low, high):
    """Whether all of an array are at least `low` and below `high`."""
    return not len(numbers) or low <= numbers.min() <= numbers.max() < high
