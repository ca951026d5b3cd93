import numpy as np
import pytest

from data_tools.errors import BadOption
from data_tools.particles import FIVE_PARTICLES, NO_TRUTH, classes_from_list, parse_classes, symbol


def test_the_study_order_and_both_signs_of_the_pion():
    assert FIVE_PARTICLES.names == ("electron", "gamma", "muon", "pion", "proton")
    assert FIVE_PARTICLES.labels([11, 22, 13, -211, 211, 2212]).tolist() == [0, 1, 2, 3, 3, 4]


def test_antiparticles_and_other_codes_have_no_label():
    assert FIVE_PARTICLES.labels([-11, -13, 0, 321]).tolist() == [NO_TRUTH] * 4


def test_unknown_codes_are_listed_with_their_counts():
    message = FIVE_PARTICLES.unknown([321, -11, 321], "file.root")
    assert str(message).startswith("file.root: PDG codes of no class: -11 (1 events), 321 (2 events).")


def test_classes_of_ones_own():
    classes = parse_classes(["shower=11,22", "track=13,-211,211,2212"])
    assert classes.names == ("shower", "track")
    assert classes.labels([22, 2212, -211]).tolist() == [0, 1, 1]
    assert classes_from_list(classes.as_list()) == classes


@pytest.mark.parametrize(
    "texts", [["shower"], ["a=11,x"], ["1=11"], ["a=11", "a=22"], ["a=11", "b=11"], ["a=11"], ["all=11", "b=13"]]
)
def test_classes_that_cannot_be(texts):
    with pytest.raises(BadOption):
        parse_classes(texts)


def test_symbols():
    assert [symbol(name) for name in FIVE_PARTICLES.names] == ["e-", "gamma", "mu-", "pi", "p"]
    assert symbol("shower", latex=True) == "shower"
    assert np.all([symbol(name, latex=True).startswith("$") for name in FIVE_PARTICLES.names])
