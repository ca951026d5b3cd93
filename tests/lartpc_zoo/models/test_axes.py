from fractions import Fraction

import pytest

from lartpc_zoo.models.axes import AXES

BY_NAME = {axis.name: axis for axis in AXES}


def axes_of(token):
    return [axis.name for axis in AXES if axis.form.fullmatch(token)]


@pytest.mark.parametrize(
    ("token", "name", "value", "meaning", "shown"),
    [
        ("w4", "width", Fraction(4), "width", "4"),
        ("wd16", "width", Fraction(1, 16), "width", "1/16"),
        ("s1", "stem_stride", 1, "stem_stride", "1"),
        ("fc1024", "dense", (1024,), "dense", "1024"),
        ("fc4096x64x8", "dense", (4096, 64, 8), "dense", "4096 and 64 and 8"),
        ("t0", "threshold", 0, "threshold", "0"),
        ("t40", "threshold", 40, "threshold", "40"),
        ("p2", "planes", 2, "plane", "2"),
        ("towers", "planes", "towers", "towers", "towers"),
        ("sub", "submanifold", True, "submanifold", "True"),
    ],
)
def test_a_token_is_of_one_axis_and_its_value_gives_the_token_back(token, name, value, meaning, shown):
    assert axes_of(token) == [name]
    axis = BY_NAME[name]
    assert axis.value(axis.form.fullmatch(token)) == value
    assert axis.token(value) == token
    assert axis.meaning(value) == meaning
    assert axis.shown(value) == shown


@pytest.mark.parametrize(
    "token", ["", "w", "w0", "w04", "wd", "wd0", "s0", "fc", "fc0", "fcx8", "fc8x", "fc8x08", "t040", "t-1", "p", "p12"]
)
def test_what_is_the_token_of_no_axis(token):
    assert axes_of(token) == []


def test_the_examples_of_an_axis_are_tokens_of_it():
    examples = {axis.name: axis.examples.replace(" or ", ", ").split(", ") for axis in AXES}
    found = {name: [axes_of(example.removeprefix("_")) for example in texts] for name, texts in examples.items()}
    assert found == {name: [[name]] * len(texts) for name, texts in examples.items()}
