import numpy as np

from data_tools.truth import TRUTH_COLUMNS, TRUTH_FIELDS, Truth, TruthTable

TRUTH = Truth(13, (1.0, 2.0, 3.0), 4.0, 5.0, (6.0, 7.0, 8.0))


def test_the_table_says_name_unit_and_components():
    units = {known.name: (known.size, known.unit) for known in TRUTH_FIELDS}
    assert units == {
        "pdg": (1, ""),
        "momentum": (3, "MeV/c"),
        "energy_init": (1, "MeV"),
        "energy_deposit": (1, "MeV"),
        "vertex": (3, "cm"),
    }
    assert all(known.about for known in TRUTH_FIELDS)


def test_numbers_are_the_components_by_their_columns():
    assert tuple(TRUTH.numbers()) == TRUTH_COLUMNS
    assert TRUTH.numbers()["pz"] == 3.0
    assert TRUTH.numbers()["vertex_x"] == 6.0
    assert TRUTH.numbers()["pdg"] == 13


def test_a_row_of_a_table_is_a_truth():
    table = TruthTable.unknown(2)
    for known in TRUTH_FIELDS:
        table[known.name][1] = getattr(TRUTH, known.name)
    assert table.truth(1) == TRUTH
    assert table.truth(0) == Truth(0, (0.0,) * 3, 0.0, 0.0, (0.0,) * 3)
    assert table["pdg"].dtype == np.int64 and type(table.truth(1).pdg) is int
