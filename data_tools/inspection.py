"""Look into a LArCV file or a data set: its events one by one, and what they are like on the whole."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from data_tools.defects import DEFECTS, Policies
from data_tools.errors import UnknownEvent, UnknownSample
from data_tools.event import Event, LeftOut, plane_name
from data_tools.index import Shape
from data_tools.location import as_location, is_url
from data_tools.particles import FIVE_PARTICLES, NO_TRUTH, Classes
from data_tools.tfrecords.dataset import Dataset, open_dataset

if TYPE_CHECKING:
    from data_tools.readers import Reader

Numbered = tuple[int, Event | LeftOut, int]
"""(number, event, label) of an entry."""

# To look at a file, nothing needs to stop: what is wrong is counted and shown.
_LOOK_AT_ALL = {
    "missing-plane": "empty",
    "bad-pixels": "zero",
    "no-primary": "skip",
    "mismatch": "match",
    "corrupt": "skip",
}
_QUANTILES = (0.01, 0.25, 0.5, 0.75, 0.99)
_ADC_PER_BIN = 1.0
NO_CLASS = "no class"
WITHOUT_TRUTH = "without truth"
_ADC_BINS = 10_000


class Events:
    """The events of one LArCV file, or of one sample of a data set.

    Attributes:
        name: of the file, or of the data set with its sample.
        sample: of the data set, None for a file.
        shape: (rows, cols, planes).
        planes: plane ids in the order of an image's last axis.
        pixel_cm: (drift, wire) size of a pixel in cm, or None.
        classes: of the labels.
        size: number of entries or events.
        left_out: {defect: entries}, once iterated over.
    """

    def __init__(
        self,
        name: str,
        opened: "Reader | Dataset",
        shape: Shape,
        classes: Classes,
        size: int,
        iterate: Callable[[int, int], Iterator[Numbered]],
        sample: str | None = None,
    ) -> None:
        self.name = name
        self.sample = sample
        self.shape = shape
        self.planes = opened.planes
        self.pixel_cm = opened.pixel_cm
        self.classes = classes
        self.size = size
        self.left_out: Counter[str] = Counter()
        self._iterate = iterate

    def __iter__(self) -> Iterator[tuple[int, Event, int]]:
        """Yield (number, Event, label); the number is the entry of a file, the position in a sample of a data set."""
        self.left_out.clear()
        yield from self._events(0, self.size)

    def get(self, number: int) -> tuple[Event, int]:
        """(Event, label) of one event. Raises UnknownEvent."""
        if not 0 <= number < self.size:
            raise UnknownEvent(f"{self.name}: no event {number}; it has 0 to {self.size - 1}.")
        _, event, label = next(self._iterate(number, number + 1))
        if isinstance(event, LeftOut):
            raise UnknownEvent(f"{self.name}: event {number} cannot be shown: {DEFECTS[event.defect].found}.")
        return event, label

    def _events(self, start: int, stop: int) -> Iterator[tuple[int, Event, int]]:
        for number, event, label in self._iterate(start, stop):
            if isinstance(event, LeftOut):
                self.left_out[event.defect] += 1
            else:
                yield number, event, label


def open_events(
    path: str | Path,
    sample: str | None = None,
    image_producer: str | None = None,
    particle_producer: str | None = None,
) -> Events:
    """The events of a LArCV file, or of a sample of a data set.

    Args:
        path: path or URL of a file, or directory of a data set.
        sample: of the data set; by default the first.
        image_producer: of the images, where a file holds several.
        particle_producer: of the truth, where a file holds several.

    Raises:
        UnknownSample: a file has no samples, or a data set none of that name.
        UserError: what opening the file or the data set raises.
    """
    path = as_location(path)
    if not is_url(path) and Path(path).is_dir():
        data = open_dataset(path)
        sample = sample or data.samples[0]

        def of_sample(start: int, stop: int) -> Iterator[Numbered]:
            for number, (event, label) in enumerate(data.iterate(sample, start, stop), start):
                yield number, event, label

        return Events(
            f"{path}, {sample}", data, data.image_shape, data.class_groups, data.size(sample), of_sample, sample
        )
    if sample is not None:
        raise UnknownSample(f"{path} is a file, which has no samples; name the directory of a data set, or no sample.")
    from data_tools.readers import open_file  # needs uproot, which looking at a data set does not

    reader = open_file(path, image_producer, particle_producer, Policies(_LOOK_AT_ALL))

    def of_file(start: int, stop: int) -> Iterator[Numbered]:
        for event in reader.events(start, stop):
            label = NO_TRUTH if isinstance(event, LeftOut) else int(FIVE_PARTICLES.labels(event.truth.pdg))
            yield event.entry, event, label

    return Events(str(path), reader, reader.shape, FIVE_PARTICLES, reader.entries, of_file)


@dataclass
class Summary:
    """What the events of a sample or file are like.

    Attributes:
        name: of the file, or of the data set with its sample.
        shape: (rows, cols, planes).
        pixel_cm: (drift, wire) size of a pixel in cm, or None.
        events: {class name: events}, NO_CLASS or WITHOUT_TRUTH for others.
        hits: {plane name: quantiles of hits per event}.
        adc: quantiles of the ADC of all hits, to the ADC.
        adc_histogram: hits per ADC of 1, up to 10,000.
        momentum: {class name: (events,) MeV/c}.
        flags: {defect: events that have it in spite of which they are shown}.
        left_out: {defect: entries}.
    """

    name: str
    shape: Shape
    pixel_cm: tuple[float, float] | None
    events: dict[str, int] = field(default_factory=dict)
    hits: dict[str, tuple[float, ...]] = field(default_factory=dict)
    adc: tuple[float, ...] = ()
    adc_histogram: np.ndarray = field(default_factory=lambda: np.zeros(_ADC_BINS, np.int64))
    momentum: dict[str, np.ndarray] = field(default_factory=dict)
    flags: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)


def summarize(events: Events, advance: Callable[[], object] = lambda: None) -> Summary:
    """The summary of all events, in bounded memory; `advance` is called after every one."""
    summary = Summary(events.name, events.shape, events.pixel_cm)
    histogram = np.zeros(_ADC_BINS, np.int64)
    counts: Counter[str] = Counter()
    momentum: dict[str, list[float]] = {}
    hits = []
    for _, event, label in events:
        no_class = NO_CLASS if event.truth.pdg else WITHOUT_TRUTH
        name = events.classes.names[label] if label != NO_TRUTH else no_class
        counts[name] += 1
        momentum.setdefault(name, []).append(float(np.linalg.norm(event.truth.momentum)))
        summary.flags.update(event.flags)
        hits.append(event.hits_per_plane())
        bins = np.clip(event.value / _ADC_PER_BIN, 0, _ADC_BINS - 1).astype(np.int64)
        histogram += np.bincount(bins, minlength=_ADC_BINS)
        advance()
    order = (*events.classes.names, NO_CLASS, WITHOUT_TRUTH)
    summary.events = {name: counts[name] for name in order if counts[name]}
    summary.left_out.update(events.left_out)
    summary.adc_histogram = histogram
    summary.adc = _quantiles_of_histogram(histogram)
    summary.momentum = {name: np.array(values) for name, values in momentum.items()}
    if hits:
        per_plane = np.quantile(np.array(hits), _QUANTILES, axis=0).T
        names = [plane_name(plane) for plane in events.planes]
        summary.hits = {name: tuple(values.tolist()) for name, values in zip(names, per_plane)}
    return summary


def _quantiles_of_histogram(histogram: np.ndarray) -> tuple[float, ...]:
    total = np.cumsum(histogram)
    if not total[-1]:
        return ()
    return tuple(float(np.searchsorted(total, part * total[-1])) * _ADC_PER_BIN for part in _QUANTILES)
