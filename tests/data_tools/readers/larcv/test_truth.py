import numpy as np
import pytest

from data_tools import truth as truth_table
from data_tools.defects import Policies
from data_tools.errors import BadEntry, CorruptFile
from data_tools.readers.larcv import truth as primaries
from data_tools.readers.larcv.stored import Columns
from data_tools.readers.larcv.truth import choose_primaries
from data_tools.truth import TRUTH_COLUMNS, TRUTH_FIELDS, TruthField


def chosen(entries, policies=None, damaged=(), units=None):
    """The TruthTable of entries, each a list of particles as (pdg, process); energies are the particle's number."""
    particles = [particle for entry in entries for particle in entry]
    values = {name: np.arange(len(particles), dtype=float) for name in TRUTH_COLUMNS}
    values["pdg"] = np.array([pdg for pdg, _ in particles], np.int64)
    values["process"] = np.array([process for _, process in particles], object)
    values["trackid"], values["parent_trackid"] = np.arange(len(particles)), np.full(len(particles), -1)
    errors = {position: CorruptFile("broken") for position in damaged}
    columns = Columns(values, np.array([len(entry) for entry in entries]), errors)
    return choose_primaries(columns, units or {}, Policies(policies), lambda position: f"a.root, entry {position}")


def test_the_primary_is_taken_and_the_event_flagged():
    table = chosen([[(13, "primary")], [(22, "decay"), (11, "primary")]])
    assert table["pdg"].tolist() == [13, 11]
    assert table["vertex"][1].tolist() == [2.0, 2.0, 2.0]
    assert table.flags == {1: ["several-particles"]}


def test_energies_are_converted_and_nothing_else():
    table = chosen([[(13, "primary")], [(11, "primary")]], units={"MeV": 1000.0})
    assert table["energy_init"].tolist() == [0.0, 1000.0]
    assert table["momentum"][1].tolist() == [1.0, 1.0, 1.0]


def test_entries_are_left_out_with_the_reason():
    table = chosen([[], [(13, "primary")]], {"no-primary": "skip"}, damaged=())
    assert table.left_out == {0: "no-primary"}
    table = chosen([[], [(13, "primary")]], {"corrupt": "skip"}, damaged=(0,))
    assert table.left_out == {0: "corrupt"}
    assert table["pdg"].tolist() == [0, 13]


def test_a_neutrino_beside_the_particle():
    assert chosen([[(14, "primary"), (13, "primary")]])["pdg"].tolist() == [13]
    assert chosen([[(14, "primary")]])["pdg"].tolist() == [14]
    with pytest.raises(BadEntry, match=r"a\.root, entry 0: a neutrino or cosmic ROI stands beside"):
        chosen([[(14, "primary"), (13, "primary")]], {"neutrino": "stop"})


def test_what_a_generation_does_not_write_is_unknown(monkeypatch):
    more = TruthField("time", "ns", "time of the start", ("time",), "float64")
    for module in (truth_table, primaries):
        monkeypatch.setattr(module, "TRUTH_FIELDS", (*TRUTH_FIELDS, more))
    assert chosen([[(13, "primary")]])["time"].tolist() == [0.0]
