"""A LArCV file, read as the data of a network's training were converted."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from data_tools.conversion.crop import fitted
from data_tools.conversion.entries import entries_of
from data_tools.conversion.preparation import Preparation
from data_tools.conversion.spool import ENTRIES_PER_PART
from data_tools.defects import Policies
from data_tools.errors import CorruptFile
from data_tools.event import Event, LeftOut
from data_tools.location import name_of
from data_tools.particles import NO_TRUTH, Classes
from data_tools.readers import Reader, open_file
from lartpc_zoo.models.trained import TrainedNetwork
from lartpc_zoo.scoring.fitting import check_reader
from lartpc_zoo.scoring.source import LabelledEvent, Reading, Source


class LarcvFile(Source):
    """The file as a Source."""

    def __init__(self, path: Path | str, networks: Sequence[TrainedNetwork], reading: Reading) -> None:
        """Open the file.

        Args:
            path: path or URL.
            networks: that will score it, trained on data that were converted alike.
            reading: how it is read.

        Raises:
            DataDiffers: its images are not such as the networks were trained on.
            UserError: it cannot be opened.
        """
        self.path, self.file_names = path, [name_of(path)]
        self.left_out, self.noticed = Counter(), Counter()
        self._policies = Policies(reading.policies)
        reader = self._opened(reading)
        for network in networks:
            self.fitted = check_reader(reader, network, reading.fit)
        trained_on, adc = networks[0].trained_on, networks[0].trained_on.adc
        self._reader, self.planes, self.entries = reader, tuple(reader.planes), reader.entries
        self._classes = Classes(trained_on.class_names, tuple(codes for _, codes in trained_on.classes))
        self._labels = {code: label for label, codes in enumerate(self._classes.pdg) for code in codes}
        self._preparation = Preparation(adc.down_sample, adc.threshold, adc.crop)

    def _opened(self, reading: Reading) -> Reader:
        """The reader. Raises SkipEntry where the file cannot be opened, and the policy is to leave it out."""
        try:
            return open_file(self.path, reading.image_producer, reading.particle_producer, self._policies)
        except CorruptFile as error:
            self._policies.settle("truncated", error)
            raise AssertionError("'truncated' has no policy that goes on") from error

    def check_classes(self) -> None:
        """Raise UnknownPDG where there are particles of no class, and the policy is not to leave them out."""
        entries_of(self._reader, self._classes, self._policies)

    def events(self) -> Iterator[LabelledEvent]:
        """Yield the events, in the order of their entries."""
        for found in _entries(self._reader):
            if not isinstance(found, LeftOut):
                if self.fitted:
                    found = fitted(found, self.fitted)
                found = self._preparation.of(found, self._policies, self.path)
            if isinstance(found, LeftOut):
                self.left_out[found.defect] += 1
                continue
            self.noticed.update(set(found.flags))
            yield found, self._labels.get(found.truth.pdg, NO_TRUTH), 0


def _entries(reader: Reader) -> Iterator[Event | LeftOut]:
    """All entries of a file, in pieces: what is known of a whole file without its pixels can be large."""
    for start in range(0, reader.entries, ENTRIES_PER_PART):
        yield from reader.events(start, min(start + ENTRIES_PER_PART, reader.entries))
