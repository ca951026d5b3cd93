"""Open what was converted: `open_dataset(DIR)`, then its `tf_dataset` or `hits` for batches, its `events` for truth."""

import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from data_tools.description import DataDescription
from data_tools.errors import UnknownSample, did_you_mean
from data_tools.event import Event
from data_tools.index import Shape
from data_tools.particles import Classes
from data_tools.progress import bar
from data_tools.tfrecords import manifest, shards
from data_tools.tfrecords.batches import BatchOptions
from data_tools.tfrecords.example import read_records
from data_tools.tfrecords.hits import Hits, gather
from data_tools.tfrecords.manifest import Manifest, SampleDescription, SourceDescription
from data_tools.tfrecords.schema import decode, event_table

if TYPE_CHECKING:
    import tensorflow as tf


def open_dataset(path: str | Path) -> "Dataset":
    """The Dataset in a directory.

    Checks the manifest and that every shard is there with its size; `Dataset.verify` checks the hashes too.

    Args:
        path: the directory that data_tools.convert or `lartpc-convert` made.

    Raises:
        NotADataset: there is no data set.
        BadManifest: its manifest cannot be trusted or understood.
        CorruptShard: a shard is missing or cut.

    Example:
        >>> data = data_tools.open_dataset("singles")
        >>> data
        <Dataset singles: train 10,000, testA 10,000 events of 5 classes, (288, 288, 3)>
    """
    return Dataset(path)


class Dataset:
    """A converted data set; `open_dataset` opens one.

    Attributes:
        directory: where it lies.
        manifest: all that is known of it without reading shards.
        samples: names of the samples.
        class_groups: the classes with their PDG codes.
        classes: names of the classes, in the order of labels.
        image_shape: (rows, cols, planes).
        planes: plane ids in the order of channels.
        pixel_cm: (drift, wire) size of a pixel in cm, None where it is not known.
        value_dtype: of stored ADC, 'float32' or 'float16'.
        fingerprint: hex SHA-256 of the content.
    """

    directory: Path
    manifest: Manifest
    samples: tuple[str, ...]
    class_groups: Classes
    classes: tuple[str, ...]
    image_shape: Shape
    planes: tuple[int, ...]
    pixel_cm: tuple[float, float] | None
    value_dtype: str
    fingerprint: str

    def __init__(self, directory: str | Path) -> None:
        self.directory = Path(directory)
        self.manifest = described = manifest.read(directory)
        self.samples = tuple(described.samples)
        self.class_groups = described.class_groups
        self.classes = self.class_groups.names
        self.image_shape, self.planes = described.image_shape, described.planes
        self.pixel_cm, self.value_dtype = described.pixel_cm, described.value_dtype
        self.fingerprint = described.fingerprint
        for sample in described.samples.values():
            for shard in sample.shards:
                shards.check_size(self.directory, shard)

    @property
    def sources(self) -> tuple[SourceDescription, ...]:
        """The files it was made from: their paths, hashes, and what became of their entries."""
        return self.manifest.sources

    @property
    def description(self) -> DataDescription:
        """What a network depends on that is trained on this data set, as runs and cards hold it."""
        return DataDescription(
            fingerprint=self.fingerprint,
            sources=tuple(source.sha256 for source in self.sources),
            classes=self.manifest.classes,
            image_shape=self.image_shape,
            planes=self.planes,
            pixel_cm=self.pixel_cm,
            adc=self.manifest.adc,
            samples={sample: self.size(sample) for sample in self.samples},
        )

    def __repr__(self) -> str:
        counts = ", ".join(f"{name} {self.size(name):,}" for name in self.samples)
        return f"<Dataset {self.directory}: {counts} events of {len(self.classes)} classes, {self.image_shape}>"

    def sample(self, name: str) -> SampleDescription:
        """What the manifest says of a sample: events, events per class, hits per event, shards.

        Raises:
            UnknownSample: there is no such sample.

        Example:
            >>> data.sample("train").events_per_class
            {'electron': 2000, 'gamma': 2000, 'muon': 2000, 'pion': 2000, 'proton': 2000}
        """
        if name not in self.manifest.samples:
            raise UnknownSample(
                f"{self.directory} has no sample {name!r}; it has {', '.join(self.samples)}. Convert again with a "
                f"sample {name}, or choose one of these.{did_you_mean(name, self.samples)}"
            )
        return self.manifest.samples[name]

    def size(self, sample: str) -> int:
        """Number of events of a sample."""
        return self.sample(sample).events

    def labelled(self, sample: str) -> bool:
        """Whether the events of a sample have truth; if not, their labels are -1."""
        return self.sample(sample).labelled

    def shard_paths(self, sample: str) -> list[Path]:
        """Paths of the TFRecord files of a sample, in the stored order of its events."""
        return [self.directory / shard.file for shard in self.sample(sample).shards]

    def verify(self, samples: Iterable[str] | None = None) -> None:
        """Check the hash of every shard.

        Args:
            samples: names of those to check; all without it.

        Raises:
            CorruptShard: a shard is not what was written.
            UnknownSample: there is no such sample.
        """
        described = [shard for sample in samples or self.samples for shard in self.sample(sample).shards]
        with bar("Checking shards", sum(shard.bytes for shard in described), unit="bytes") as advance:
            for shard in described:
                shards.check_hash(self.directory, shard, advance)

    def tf_dataset(self, sample: str, batch_size: int | BatchOptions, **options: Any) -> "tf.data.Dataset":
        """Batches of a sample for TensorFlow.

        In training they are endless and shuffled, and batch i is a function of the options and of i alone, so that
        `start_iteration=i` continues a training exactly. Else they are all events once, in stored order.

        Args:
            sample: its name.
            batch_size: events of a batch, or a BatchOptions that says all.
            **options: the other fields of BatchOptions, by name: training, seed, start_iteration, mirror,
                exchange_planes, effects, pad, as_hits, cache, share.

        Returns:
            tf.data.Dataset of (images, labels): (batch, rows, cols, planes) float32 ADC or HitBatch; (batch,) int64.

        Raises:
            BadOption: no batches can be made so.
            UnknownSample: there is no such sample.

        Example:
            >>> for images, labels in data.tf_dataset("train", batch_size=20, training=True, seed=1): ...
        """
        chosen = BatchOptions.of(batch_size, options)
        chosen.check_images(self.image_shape)
        from data_tools.tfrecords import pipeline  # TensorFlow takes seconds to import, and nothing else here needs it

        make = pipeline.training_batches if chosen.training else pipeline.evaluation_batches
        files = [str(path) for path in self.shard_paths(sample)]
        return make(files, self.size(sample), self.image_shape, self.value_dtype, chosen)

    def hits(self, sample: str) -> Hits:
        """A sample as Hits, which make batches without TensorFlow; some 8 bytes of memory per hit.

        Raises:
            UnknownSample: there is no such sample.
            CorruptShard: a shard is damaged.

        Example:
            >>> for images, labels in data.hits("train").batches(batch_size=20, training=True, seed=1): ...
        """
        records = itertools.chain.from_iterable(map(read_records, self.shard_paths(sample)))
        return gather(records, self.image_shape, self.value_dtype)

    def iterate(self, sample: str, start: int = 0, stop: int | None = None) -> Iterator[tuple[Event, int]]:
        """The events of a sample as hits with their truth, in stored order, without TensorFlow.

        Args:
            sample: its name.
            start: position of the first one.
            stop: position behind the last one; None: to the end.

        Yields:
            (event, label); label -1 where it has no truth.

        Example:
            >>> event, label = next(data.iterate("testA", 7))
            >>> image = event.image()
        """
        for event, label, _ in itertools.islice(self._decoded(self.shard_paths(sample)), start, stop):
            yield event, label

    def shard_events(self, path: str | Path) -> Iterator[tuple[Event, int, int]]:
        """Yield (event, label, source) of a shard, one of `shard_paths`; source is the position in `sources`.

        Raises:
            CorruptShard: the shard is damaged.
        """
        return self._decoded([Path(path)])

    def events(self, sample: str) -> pd.DataFrame:
        """Truth of every event in stored order, without images.

        Returns:
            A row per event. Columns: run, subrun, event, source, entry, pdg, label, momentum [MeV/c], direction_x/y/z
            (unit vector), vertex_x/y/z [cm], energy_init and energy_deposit [MeV], the number of hits of each plane,
            npx_PLANE, and of cropped data the window's offset_row and offset_col_PLANE.

        Example:
            >>> data.events("testA").groupby("label")["momentum"].mean()
        """
        return pd.DataFrame(event_table(self._decoded(self.shard_paths(sample)), self.planes))

    def _decoded(self, paths: Iterable[Path]) -> Iterator[tuple[Event, int, int]]:
        for record in itertools.chain.from_iterable(map(read_records, paths)):
            yield decode(record, self.image_shape, self.value_dtype)
