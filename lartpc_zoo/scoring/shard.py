"""A shard of a data set."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from data_tools.location import name_of
from data_tools.tfrecords.dataset import Dataset
from lartpc_zoo.scoring.source import LabelledEvent, Source


class Shard(Source):
    """A shard of a data set."""

    def __init__(self, path: Path, data: Dataset, events: int) -> None:
        """Of a data set that was opened, with so many events in the shard."""
        self.path, self.entries, self.planes = path, events, data.planes
        self.file_names = [name_of(source.path) for source in data.sources]
        self.left_out, self.noticed = Counter(), Counter()
        self._data = data

    def events(self) -> Iterator[LabelledEvent]:
        """Yield the events in stored order."""
        return self._data.shard_events(self.path)
