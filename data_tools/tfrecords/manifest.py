"""manifest.json: what a converted data set holds. It is written last; a directory without one is not a data set."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from data_tools.defects import DEFECTS, Policies
from data_tools.description import Adc
from data_tools.detector.disturbance import Disturbance
from data_tools.errors import BadManifest, NotADataset
from data_tools.files import sha256_of_json, write_json
from data_tools.options import ValueDtype
from data_tools.particles import Classes, classes_from_list
from data_tools.record import Record, plain, plain_with_version, read_record

FILE_NAME = "manifest.json"
SCHEMA_VERSION = 1
"""Version of the manifest and of the records of data_tools.tfrecords.schema."""
SHARD_FILE = re.compile(r"[A-Za-z0-9]+-\d{5}-of-\d{5}\.tfrecord")

ClassList = tuple[tuple[str, tuple[int, ...]], ...]
"""(name, PDG codes) of each class, in the order of labels."""

_SAMPLES = "--sample train=N --sample testA=N --sample testB"
_AGAIN = "Convert or copy the data set again."


@dataclass(frozen=True)
class ShardDescription(Record):
    """One file of records.

    Attributes:
        file: its name, without a directory.
        events: records in it.
        bytes: its size.
        sha256: hex SHA-256 of its content.
    """

    file: str
    events: int
    bytes: int
    sha256: str

    def __post_init__(self) -> None:
        # A name with a path in it could lead out of the directory.
        if not SHARD_FILE.fullmatch(self.file):
            raise ValueError(f"{self.file!r} is not the name of a shard.")


@dataclass(frozen=True)
class HitsPerEvent(Record):
    """Hits of an event in all planes: their `mean`, rounded to 0.01, and the `max`."""

    mean: float
    max: int


@dataclass(frozen=True, kw_only=True)
class SampleDescription(Record):
    """One sample.

    Attributes:
        events: in all its shards.
        events_per_class: {name: events with truth} in the order of labels.
        labelled: whether its events have truth; either all of them have it or none.
        hits_per_event: mean and most.
        shards: its files, in the stored order of events.
    """

    events: int
    events_per_class: dict[str, int]
    labelled: bool
    hits_per_event: HitsPerEvent
    shards: tuple[ShardDescription, ...]

    def __post_init__(self) -> None:
        if not self.shards:
            raise ValueError("it has no shards.")
        if self.events != (stored := sum(shard.events for shard in self.shards)):
            raise ValueError(f"{self.events} events, but its shards have {stored}.")
        with_truth = sum(self.events_per_class.values())
        if with_truth > self.events or (self.labelled and with_truth < self.events):
            raise ValueError(f"{with_truth} events of all classes, but it has {self.events}.")

    @property
    def bytes(self) -> int:
        """Size of all shards."""
        return sum(shard.bytes for shard in self.shards)


@dataclass(frozen=True, kw_only=True)
class SourceDescription(Record):
    """One input file of a conversion, and what became of its entries.

    Attributes:
        path: or URL, as it was given.
        bytes: its size.
        sha256: hex SHA-256 of its content.
        entries: in all; 0 where it could not be opened and was left out.
        labelled: whether it has truth.
        kept: entries that are events of the data set.
        not_asked_for: entries that no sample asked for.
        rejected: {defect or reason: entries left out}.
        trees: names of its trees; none where it could not be opened.
        noticed: {defect: entries kept in spite of it, as the policy says}.
    """

    path: str
    bytes: int
    sha256: str
    entries: int
    labelled: bool
    kept: int
    not_asked_for: int
    rejected: dict[str, int]
    trees: tuple[str, ...]
    noticed: dict[str, int]

    def __post_init__(self) -> None:
        if unknown := sorted(set(self.noticed) - set(DEFECTS)):
            raise ValueError(f"noticed: {', '.join(unknown)} is no defect that this version knows.")
        accounted = self.kept + self.not_asked_for + sum(self.rejected.values())
        if accounted != self.entries:
            raise ValueError(f"{accounted} entries are accounted for, it has {self.entries}.")


@dataclass(frozen=True)
class Split(Record):
    """How events were shared out to samples.

    Attributes:
        seed: of the random choice and order.
        samples: as they were asked for, NAME[=N][@GLOB].
        order: the rule, in words.
    """

    seed: int
    samples: tuple[str, ...]
    order: str


@dataclass(frozen=True, kw_only=True)
class MadeWith(Record):
    """The options and sources of a conversion; equal ones make equal data sets.

    Attributes:
        seed, samples, shards, down_sample, threshold, crop, value_dtype, select, classes: arguments of
            data_tools.convert, parsed.
        disturbance: effects of a detector, None without.
        policies: {defect: policy}; a defect that is not named has its default.
        sources: hex SHA-256 of the input files.
        trees: names of the trees of each source.
        taken_from: for each sample, whether it may take events of each source.
    """

    seed: int = 0
    samples: tuple[str, ...] = ()
    shards: int | None = None
    down_sample: int = 1
    threshold: float | None = None
    crop: tuple[int, int] | None = None
    value_dtype: ValueDtype = "float32"
    disturbance: Disturbance | None = None
    select: str | None = None
    classes: ClassList = ()
    policies: dict[str, str]
    sources: tuple[str, ...] = ()
    trees: tuple[tuple[str, ...], ...] = ()
    taken_from: tuple[tuple[bool, ...], ...] = ()

    def __post_init__(self) -> None:
        # Defects that an earlier version did not know were settled as the defaults say.
        object.__setattr__(self, "policies", dict(Policies(self.policies)))


@dataclass(frozen=True, kw_only=True)
class Manifest(Record):
    """All that is known of a data set without reading its shards.

    Attributes:
        tool: name and version of what made it.
        image_shape: (rows, cols, planes).
        planes: plane ids in the order of channels.
        pixel_cm: (drift, wire) size of a pixel in cm, None where it is not known.
        classes: (name, PDG codes) in the order of labels.
        value_dtype: of stored ADC.
        adc: what an ADC value means.
        split: how events were shared out.
        samples: {name: description}.
        sources: the input files, in the order of the numbers that records quote.
        made_with: the options of the conversion.
        fingerprint: hex SHA-256 over schema, images, classes, split and shards: what cards and runs quote.
    """

    VERSION: ClassVar[int] = SCHEMA_VERSION
    VERSION_KEY: ClassVar[str] = "schema_version"

    tool: str = ""
    image_shape: tuple[int, int, int]
    planes: tuple[int, ...]
    pixel_cm: tuple[float, float] | None
    classes: ClassList
    value_dtype: ValueDtype
    adc: Adc
    split: Split
    samples: dict[str, SampleDescription]
    sources: tuple[SourceDescription, ...]
    made_with: MadeWith
    fingerprint: str

    def __post_init__(self) -> None:
        if min(self.image_shape) < 1:
            raise ValueError(f"image_shape {list(self.image_shape)} is not [rows, cols, planes].")
        if len(self.planes) != self.image_shape[2]:
            raise ValueError(f"planes {list(self.planes)} are not {self.image_shape[2]} plane ids.")
        if self.pixel_cm is not None and min(self.pixel_cm) <= 0:
            raise ValueError(f"pixel_cm {list(self.pixel_cm)} is neither null nor [drift, wire] in cm.")
        if not self.samples or not self.sources:
            raise ValueError("expected one or more samples and sources.")
        names = self.class_groups.names
        for name, sample in self.samples.items():
            if set(sample.events_per_class) != set(names):
                raise ValueError(f"samples.{name}: events_per_class is not of the classes {', '.join(names)}.")
        total = sum(sample.events for sample in self.samples.values())
        if (kept := sum(source.kept for source in self.sources)) != total:
            raise ValueError(f"{kept} events of the sources were kept, the samples have {total}.")
        if self.fingerprint != _fingerprint(vars(self)):
            raise ValueError("its fingerprint does not follow from its content; it was changed by hand.")

    @classmethod
    def of(cls, **fields: Any) -> "Manifest":
        """The manifest of its fields, with the fingerprint that follows from them."""
        return cls(**fields, fingerprint=_fingerprint(fields))

    @property
    def class_groups(self) -> Classes:
        """The classes, checked."""
        return classes_from_list(self.classes)


def write(directory: str | Path, manifest: Manifest) -> None:
    """Write the manifest into its directory, atomically."""
    write_json(Path(directory) / FILE_NAME, plain_with_version(manifest))


def read(directory: str | Path) -> Manifest:
    """The manifest of a data set, checked.

    Raises:
        NotADataset: there is none.
        BadManifest: it cannot be trusted or understood.
    """
    directory = Path(directory)
    path = directory / FILE_NAME
    if not directory.exists():
        raise NotADataset(f"{directory} does not exist. A data set is made with: lartpc-convert INPUT... {_SAMPLES}")
    if directory.is_file():
        raise NotADataset(
            f"{directory} is a file, not a data set. If it is one of LArCV, convert it first: "
            f"lartpc-convert {directory} --output DIR {_SAMPLES}"
        )
    if not path.is_file():
        raise NotADataset(
            f"{directory}: no {FILE_NAME}, so this is not a (complete) data set. "
            f"Make one with: lartpc-convert INPUT... --output {directory} {_SAMPLES}"
        )
    try:
        content = json.loads(path.read_bytes().decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise BadManifest(f"{path}: not JSON ({error}). {_AGAIN}") from error
    return read_record(Manifest, content, path, BadManifest, _AGAIN)


def _fingerprint(fields: Mapping[str, Any]) -> str:
    return sha256_of_json(
        {
            Manifest.VERSION_KEY: Manifest.VERSION,
            **{name: fields[name] for name in ("image_shape", "planes", "classes", "value_dtype")},
            # By name: a field that is added later does not change what was fingerprinted before.
            "split": {name: plain(fields["split"])[name] for name in ("seed", "samples", "order")},
            "shards": {name: [shard.sha256 for shard in sample.shards] for name, sample in fields["samples"].items()},
        }
    )
