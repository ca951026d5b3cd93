"""Trained networks, run on the hits of one batch of events after the other."""

import copy
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import numpy as np
import pandas as pd

from data_tools.ahead import ahead
from data_tools.detector.disturbance import Disturbance
from data_tools.interruption import check
from data_tools.tfrecords.batches import HitBatch
from data_tools.tfrecords.schema import event_table
from lartpc_zoo.backend.calling import compiled
from lartpc_zoo.backend.precision import exact_products
from lartpc_zoo.metrics.predictions import FILE, averaged, prediction_table
from lartpc_zoo.models.execution import executed
from lartpc_zoo.models.trained import TrainedNetwork
from lartpc_zoo.scoring.source import LabelledEvent, Source


class Scorer:
    """One network, or several whose scores are averaged, with their weights.

    Attributes:
        networks: what scores.
        classes: names, in the order of labels.
        executions: how each is run, 'images' or 'sites'.
        size: events of a batch.
    """

    def __init__(self, networks: Sequence[TrainedNetwork], disturbance: Disturbance | None = None) -> None:
        """Load the weights.

        Args:
            networks: what scores.
            disturbance: effects of a detector on every event, None without.

        Raises:
            UserError: there are no weights, or others than those that were saved.
        """
        ran = [executed(network.load_model()) for network in networks]
        self.networks = tuple(networks)
        self.classes = networks[0].trained_on.class_names
        self.executions = tuple(one.execution for one in ran)
        self.size = max(one.scoring_size(network.batch_size) for one, network in zip(ran, networks))
        self._disturbance = disturbance
        self._makers = [one.maker() for one in ran]
        self._models = [compiled(one.model) for one in ran]

    def under(self, disturbance: Disturbance | None) -> "Scorer":
        """The same with other effects of a detector, and the same weights."""
        other = copy.copy(self)
        other._disturbance = disturbance
        return other

    def tables(self, source: Source) -> Iterator[pd.DataFrame]:
        """Score the events of a source; yields the predictions of a batch at a time.

        While the networks compute, a thread reads and prepares the batch after it.

        Args:
            source: opened; what it tells of its entries is complete when the last batch is read.

        Yields:
            Tables of lartpc_zoo.metrics.predictions, with the name of every event's file in front.
        """
        events = source.read()
        if (disturbance := self._disturbance) is not None:
            events = ((disturbance.of(event), label, file) for event, label, file in events)
        for table, arrays in ahead(self.prepared(batch, source) for batch in batches(events, self.size)):
            check()
            yield self.predictions(table, arrays)

    def predictions(self, events: pd.DataFrame, arrays: Sequence[Sequence[np.ndarray]]) -> pd.DataFrame:
        """What the networks say of a batch, from what `prepared` gives."""
        with exact_products():
            logits = [model(inputs)[: len(events)] for model, inputs in zip(self._models, arrays)]
        tables = [prediction_table(events, each.astype(np.float32), self.classes) for each in logits]
        return averaged(tables, self.classes)

    def prepared(self, batch: Sequence[LabelledEvent], source: Source) -> tuple[pd.DataFrame, list[list[np.ndarray]]]:
        """What is known of the events of a batch, and what each network takes."""
        table = pd.DataFrame(event_table(batch, source.planes))
        table.insert(0, FILE, table["source"].map(dict(enumerate(source.file_names))))
        hits = _hits([event.index for event, _, _ in batch], [event.value for event, _, _ in batch])
        # The last batch is filled up with empty events: other shapes would be compiled anew.
        return table, [maker(hits, self.size) for maker in self._makers]


def batches(events: Iterable[LabelledEvent], size: int) -> Iterator[list[LabelledEvent]]:
    """The events in lists of `size`, the last one shorter."""
    events = iter(events)
    while batch := list(islice(events, size)):
        yield batch


def _hits(index: Sequence[np.ndarray], value: Sequence[np.ndarray]) -> HitBatch:
    """The hits of events, one array each, as one batch."""
    event = np.repeat(np.arange(len(index), dtype=np.int32), [len(hits) for hits in index])
    return HitBatch(event, np.concatenate(index), np.concatenate(value))
