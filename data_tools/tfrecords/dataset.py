"""Open what was converted: `open_dataset(DIR)`, then its `tf_dataset` or `hits` for batches, its `events` for truth."""

import itertools
from pathlib import Path

import pandas as pd

from data_tools.description import Adc, DataDescription
from data_tools.errors import BadManifest, BadOption, UnknownSample
from data_tools.particles import classes_from_list
from data_tools.progress import bar
from data_tools.record import read_record
from data_tools.tfrecords import hits_file, manifest, shards
from data_tools.tfrecords.example import read_records
from data_tools.tfrecords.hits import check_batches, gather
from data_tools.tfrecords.schema import decode, truth_columns


def open_dataset(path):
    """The Dataset in a directory, or in a file of hits (.npz) that `Dataset.save_hits` wrote.

    Checks the manifest and that every shard is there with its size; `Dataset.verify` checks the hashes too.
    Raises NotADataset, BadManifest or CorruptShard.
    """
    path = Path(path)
    return HitsDataset(path) if path.suffix == hits_file.SUFFIX else Dataset(path)


def is_dataset(path):
    """Whether a path can only be a data set, and not a LArCV file: a directory, or a file of hits by its name."""
    return Path(path).is_dir() or Path(path).suffix == hits_file.SUFFIX


class Dataset:
    """A converted data set.

    directory: Path. manifest: dict. samples: names. classes: names in label order. image_shape: (rows, cols, planes).
    planes: plane ids in channel order. pixel_cm: (drift, wire) size of a pixel in cm, or None. value_dtype: of stored
    ADC. fingerprint: hex SHA-256 of the content.
    """

    def __init__(self, directory):
        self._describe(directory, manifest.read(directory))
        for sample in self.samples:
            for shard in self.manifest["samples"][sample]["shards"]:
                shards.check_size(directory, shard)

    def _describe(self, directory, described):
        self.directory = directory
        self.manifest = described
        self.samples = tuple(self.manifest["samples"])
        self.class_groups = classes_from_list(self.manifest["classes"])
        self.classes = self.class_groups.names
        self.image_shape = tuple(self.manifest["image_shape"])
        self.planes = tuple(self.manifest["planes"])
        self.value_dtype = self.manifest["value_dtype"]
        self.pixel_cm = self.manifest["pixel_cm"] and tuple(self.manifest["pixel_cm"])
        self.fingerprint = self.manifest["fingerprint"]

    @property
    def description(self):
        """The DataDescription: what a network depends on that is trained on this data set."""
        return DataDescription(
            fingerprint=self.fingerprint,
            sources=tuple(source["sha256"] for source in self.manifest["sources"]),
            classes=tuple(zip(self.class_groups.names, self.class_groups.pdg)),
            image_shape=self.image_shape,
            planes=self.planes,
            pixel_cm=self.pixel_cm,
            adc=read_record(Adc, self.manifest["adc"], f"{self.directory}, adc", BadManifest),
            samples={sample: self.size(sample) for sample in self.samples},
        )

    def __repr__(self):
        counts = ", ".join(f"{name} {self.size(name):,}" for name in self.samples)
        return f"<Dataset {self.directory}: {counts} events of {len(self.classes)} classes, {self.image_shape}>"

    def size(self, sample):
        """Number of events of a sample."""
        return self._sample(sample)["events"]

    def labelled(self, sample):
        """Whether the events of a sample have truth; if not, their labels are -1."""
        return self._sample(sample)["labelled"]

    def verify(self, samples=None):
        """Check the hash of every shard of the named samples (default: all). Raises CorruptShard."""
        described = [shard for sample in samples or self.samples for shard in self._sample(sample)["shards"]]
        with bar("Checking shards", sum(shard["bytes"] for shard in described), unit="bytes") as advance:
            for shard in described:
                shards.check_hash(self.directory, shard, advance)

    def tf_dataset(
        self,
        sample,
        batch_size,
        training=False,
        seed=0,
        start_iteration=0,
        mirror=False,
        exchange_planes=False,
        pad=False,
        cache=False,
    ):
        """Batches as a tf.data.Dataset of (image (batch, rows, cols, planes) float32 ADC, label (batch,) int64).

        training=True: endless and shuffled; batch i is a function of `seed` and i alone, so `start_iteration=i`
        continues a training exactly. mirror: mirror rows and columns, each of them at random (training only).
        exchange_planes: turn events by multiples of 60 degrees about the drift direction or mirror them in a plane that
        holds it, at random (training only): for planes 0, 1, 2 at +60, -60, 0 degrees that are alike.
        training=False: all events once, in stored order; the last batch is smaller, or with pad=True filled up with
        empty images of label -1 (several replicas need equal batches).
        cache: keep the sample's records, not its images, in memory; the batches are the same.
        """
        check_batches(batch_size, start_iteration, exchange_planes, self.image_shape)
        from data_tools.tfrecords import pipeline  # TensorFlow takes seconds to import, and nothing else here needs it

        of_sample = (self._files(sample), self.size(sample), self.image_shape, self.value_dtype, batch_size)
        if training:
            return pipeline.training_batches(*of_sample, seed, start_iteration, mirror, exchange_planes, cache)
        return pipeline.evaluation_batches(*of_sample, pad, cache)

    def iterate(self, sample, start=0, stop=None):
        """Yield (Event, label) of the events from `start` to `stop` in stored order, as hits, without TensorFlow."""
        records = (record for path in self._files(sample) for record in read_records(path))
        for record in itertools.islice(records, start, stop):
            event, label, _ = decode(record, self.image_shape, self.value_dtype)
            yield event, label

    def hits(self, sample):
        """A sample as Hits, which make batches without TensorFlow; some 8 bytes of memory per hit."""
        return gather(self.iterate(sample), self.image_shape)

    def save_hits(self, path):
        """Write all samples as one file of hits with their truth, for machines without TensorFlow.

        `open_dataset` opens it, and `lartpc_zoo.train` trains on it. path: ends in .npz; a file there is replaced.
        Raises BadOption.
        """
        path = Path(path)
        if path.suffix != hits_file.SUFFIX:
            raise BadOption(f"{path}: the name of a file of hits ends in {hits_file.SUFFIX}.")
        hits_file.write(path, self.manifest, {name: (self.hits(name), self.events(name)) for name in self.samples})

    def events(self, sample):
        """Truth of every event in stored order, without images: a pandas DataFrame, one row per event.

        Columns: run, subrun, event, source, entry, pdg, label, momentum [MeV/c], direction_x/y/z (unit vector),
        vertex_x/y/z [cm], energy_init and energy_deposit [MeV], the number of hits of each plane, npx_PLANE, and of
        cropped data the window's offset_row and offset_col_PLANE.
        """
        records = (record for path in self._files(sample) for record in read_records(path))
        return pd.DataFrame(truth_columns(records, self.planes))

    def _files(self, sample):
        return [str(self.directory / shard["file"]) for shard in self._sample(sample)["shards"]]

    def _sample(self, name):
        if name not in self.manifest["samples"]:
            raise UnknownSample(
                f"{self.directory} has no sample {name!r}; it has {', '.join(self.samples)}. Convert again with "
                f"--sample {name}, or choose one of these."
            )
        return self.manifest["samples"][name]


class HitsDataset(Dataset):
    """A data set in one file of hits: the same samples and truth, without shards, so without records and tf.data.

    directory: Path of the file.
    """

    def __init__(self, path):
        self._file = hits_file.HitsFile(path)
        self._describe(path, self._file.manifest)

    def verify(self, samples=None):
        """Read the named samples (default: all), which checks their checksums and lengths. Raises CorruptShard."""
        for sample in samples or self.samples:
            self.hits(sample)
            self.events(sample)

    def hits(self, sample):
        """A sample as Hits."""
        self._sample(sample)
        return self._file.hits(sample)

    def events(self, sample):
        """Truth of every event in stored order, as of the data set that the file was made from."""
        self._sample(sample)
        return self._file.events(sample)

    def tf_dataset(self, sample, *arguments, **options):
        """Not from a file of hits: raises BadOption."""
        raise BadOption(f"{self.directory} is a file of hits: its batches are data.hits({sample!r}).batches(...).")

    def iterate(self, sample, start=0, stop=None):
        """Not from a file of hits: raises BadOption."""
        raise BadOption(f"{self.directory} is a file of hits, with no records: use data.hits({sample!r}).")
