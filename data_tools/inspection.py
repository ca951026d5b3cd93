"""Look into a LArCV file or a data set: its events one by one, and what they are like on the whole."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from data_tools.defects import DEFECTS, Policies
from data_tools.errors import UnknownEvent, UnknownSample
from data_tools.event import LeftOut, plane_name
from data_tools.location import as_location, is_url
from data_tools.particles import FIVE_PARTICLES, NO_TRUTH
from data_tools.tfrecords.dataset import open_dataset

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

    name: of file or data set with sample. shape: (rows, cols, planes). planes: plane ids. pixel_cm: (drift, wire) or
    None. classes: particles.Classes. size: of entries or events. sample: of the data set, or None. left_out: {defect:
    entries}, once iterated over.
    """

    def __init__(self, name, opened, shape, classes, size, iterate, sample=None):
        self.name = name
        self.sample = sample
        self.shape = shape
        self.planes = opened.planes
        self.pixel_cm = opened.pixel_cm
        self.classes = classes
        self.size = size
        self.left_out = Counter()
        self._iterate = iterate

    def __iter__(self):
        """Yield (number, Event, label); the number is the entry of a file, the position in a sample of a data set."""
        self.left_out.clear()
        yield from self._events(0, self.size)

    def get(self, number):
        """(Event, label) of one event. Raises UnknownEvent."""
        if not 0 <= number < self.size:
            raise UnknownEvent(f"{self.name}: no event {number}; it has 0 to {self.size - 1}.")
        _, event, label = next(self._iterate(number, number + 1))
        if isinstance(event, LeftOut):
            raise UnknownEvent(f"{self.name}: event {number} cannot be shown: {DEFECTS[event.defect].found}.")
        return event, label

    def _events(self, start, stop):
        for number, event, label in self._iterate(start, stop):
            if isinstance(event, LeftOut):
                self.left_out[event.defect] += 1
            else:
                yield number, event, label


def open_events(path, sample=None, image_producer=None, particle_producer=None):
    """The Events of a LArCV file (path or URL), or of a sample (default: the first) of a data set's directory."""
    path = as_location(path)
    if not is_url(path) and Path(path).is_dir():
        data = open_dataset(path)
        sample = sample or data.samples[0]

        def of_sample(start, stop):
            for number, (event, label) in enumerate(data.iterate(sample, start, stop), start):
                yield number, event, label

        return Events(
            f"{path}, {sample}", data, data.image_shape, data.class_groups, data.size(sample), of_sample, sample
        )
    if sample is not None:
        raise UnknownSample(f"{path} is a file, which has no samples; name the directory of a data set, or no sample.")
    from data_tools.readers import open_file  # needs uproot, which looking at a data set does not

    reader = open_file(path, image_producer, particle_producer, Policies(_LOOK_AT_ALL))

    def of_file(start, stop):
        for event in reader.events(start, stop):
            known = not isinstance(event, LeftOut)
            yield event.entry, event, int(FIVE_PARTICLES.labels(event.truth.pdg)) if known else NO_TRUTH

    return Events(str(path), reader, reader.shape, FIVE_PARTICLES, reader.entries, of_file)


@dataclass
class Summary:
    """What the events of a sample or file are like.

    events: per class name, NO_CLASS or WITHOUT_TRUTH for others. hits: {plane name: quantiles of hits per event}. adc:
    quantiles of the ADC of all hits, to the ADC. adc_histogram: hits per ADC of 1, up to 10,000. momentum: {class:
    (events,) MeV/c}. flags, left_out: {defect: events}.
    """

    name: str
    shape: tuple[int, int, int]
    pixel_cm: tuple[float, float] | None
    events: Counter = field(default_factory=Counter)
    hits: dict = field(default_factory=dict)
    adc: tuple = ()
    adc_histogram: np.ndarray = None
    momentum: dict = field(default_factory=dict)
    flags: Counter = field(default_factory=Counter)
    left_out: Counter = field(default_factory=Counter)


def summarize(events, advance=lambda: None):
    """The Summary of Events; reads all of them, in bounded memory. `advance` is told of every event."""
    summary = Summary(events.name, events.shape, events.pixel_cm)
    histogram = np.zeros(_ADC_BINS, np.int64)
    hits = []
    for _, event, label in events:
        no_class = NO_CLASS if event.truth.pdg else WITHOUT_TRUTH
        name = events.classes.names[label] if label != NO_TRUTH else no_class
        summary.events[name] += 1
        summary.momentum.setdefault(name, []).append(float(np.linalg.norm(event.truth.momentum)))
        summary.flags.update(event.flags)
        hits.append(event.hits_per_plane())
        bins = np.clip(event.value / _ADC_PER_BIN, 0, _ADC_BINS - 1).astype(np.int64)
        histogram += np.bincount(bins, minlength=_ADC_BINS)
        advance()
    order = (*events.classes.names, NO_CLASS, WITHOUT_TRUTH)
    summary.events = {name: summary.events[name] for name in order if summary.events[name]}
    summary.left_out.update(events.left_out)
    summary.adc_histogram = histogram
    summary.adc = _quantiles_of_histogram(histogram)
    summary.momentum = {name: np.array(values) for name, values in summary.momentum.items()}
    if hits:
        per_plane = np.quantile(np.array(hits), _QUANTILES, axis=0).T
        names = [plane_name(plane) for plane in events.planes]
        summary.hits = {name: tuple(values.tolist()) for name, values in zip(names, per_plane)}
    return summary


def _quantiles_of_histogram(histogram):
    total = np.cumsum(histogram)
    if not total[-1]:
        return ()
    return tuple(float(np.searchsorted(total, part * total[-1])) * _ADC_PER_BIN for part in _QUANTILES)
