import h5py
import numpy as np
import pytest

from data_tools.conversion import convert
from data_tools.defects import Policies
from data_tools.errors import NotLArCV
from data_tools.event import Event
from data_tools.readers import Reader, open_file, opening
from data_tools.readers.format import Format
from data_tools.readers.registry import FORMATS
from data_tools.truth import TruthTable


class WiresReader(Reader):
    """A made-up format, one HDF5 array of (entries, rows, wires) for each plane; the planes have different widths."""

    def __init__(self, candidate, options):
        with h5py.File(candidate.path) as file:
            self._planes = [file[f"wires/{name}"][:] for name in "UVY"]
        self.path, self.trees = candidate.path, ("wires",)
        self.entries, rows, _ = self._planes[0].shape
        self.shape = rows, max(plane.shape[2] for plane in self._planes), 3
        self.planes, self.pixel_cm, self.labelled = (0, 1, 2), None, False

    def truth(self, start=0, stop=None):
        return TruthTable.unknown((self.entries if stop is None else stop) - start)

    def events(self, start=0, stop=None, wanted=None):
        stop = self.entries if stop is None else stop
        for entry in range(start, stop):
            image = np.zeros(self.shape, np.float32)
            for number, plane in enumerate(self._planes):
                image[:, : plane.shape[2], number] = plane[entry]
            index = np.flatnonzero(image).astype(np.int32)
            truth = TruthTable.unknown(1).truth(0)
            yield Event(entry, 1, 1, entry, self.shape, index, image.reshape(-1)[index], truth)


def has_wires(candidate):
    with h5py.File(candidate.path) as file:
        return "wires" in file


WIRES = Format("wires", "HDF5", b"\x89HDF", "wires", (".wires",), has_wires, WiresReader)


@pytest.fixture
def wires_file(tmp_path):
    random = np.random.default_rng(1)
    with h5py.File(tmp_path / "few.wires", "w") as file:
        for name, width in (("U", 4), ("V", 4), ("Y", 6)):
            file[f"wires/{name}"] = random.integers(1, 9, (3, 5, width)).astype(np.float32)
    return tmp_path / "few.wires"


@pytest.mark.parametrize("order", [(WIRES, *FORMATS), (*FORMATS, WIRES)], ids=["first", "last"])
def test_a_new_format_is_a_line_in_the_table_and_the_converter_takes_it(order, wires_file, monkeypatch, tmp_path):
    monkeypatch.setattr(opening, "FORMATS", order)
    data = convert(wires_file, tmp_path / "out", ["all"])
    assert data.image_shape == (5, 6, 3)
    assert sorted(data.events("all").npx_U) == [20] * 3
    assert sorted(data.events("all").npx_Y) == [30] * 3


def test_two_formats_of_one_container_are_told_apart(larcv3_copy, monkeypatch):
    monkeypatch.setattr(opening, "FORMATS", (WIRES, *FORMATS))
    assert open_file(larcv3_copy).trees == ("image2d_data_group", "particle_mctruth_group")


def test_a_file_that_no_format_recognises(wires_file):
    with pytest.raises(NotLArCV, match="is a file of HDF5, but not one of LArCV3, which has Data and Events/event_id"):
        open_file(wires_file)


@pytest.mark.parametrize("name", ["larcv1_10.root", "larcv2_sparse.root", "larcv3_256.h5"])
def test_readers_have_what_the_base_class_says(name, fixture_file):
    reader = open_file(fixture_file(name), policies=Policies())
    assert isinstance(reader, Reader)
    assert len(reader.planes) == reader.shape[2] == 3
    assert len(reader.truth(1, 3)["pdg"]) == 2
    (event,) = reader.events(1, 3, np.array([False, True]))
    assert (event.entry, event.shape) == (2, reader.shape)
