import inspect

import pytest

from data_tools import options
from data_tools.conversion import convert
from data_tools.conversion.plan import make_plan
from data_tools.errors import BadOption
from data_tools.particles import FIVE_PARTICLES


def plan(**changes):
    asked = {name: value.default for name, value in inspect.signature(convert).parameters.items()}
    taken = set(inspect.signature(make_plan).parameters) - {"samples"}
    return make_plan(**{"samples": ["all"], **{name: asked[name] for name in taken}, **changes})


def test_the_defaults_are_those_of_the_table_of_options():
    made = plan()
    assert made.seed == options.SEED
    assert made.settings.down_sample == options.DOWN_SAMPLE
    assert made.settings.value_dtype == options.VALUE_DTYPE
    assert made.classes == FIVE_PARTICLES
    assert (made.shards, made.settings.threshold, made.settings.crop, made.select) == (None, None, None, None)


def test_what_was_asked_is_parsed():
    made = plan(samples="train=10@a*", crop="20x30", threshold=3, classes=["a=11", "b=13"])
    assert [str(rule) for rule in made.rules] == ["train=10@a*"]
    assert made.settings.crop == (20, 30)
    assert made.settings.threshold == 3.0 and type(made.settings.threshold) is float
    assert made.classes.names == ("a", "b")


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("down_sample", 0, r"down_sample=0: expected 1 \(as it is\) or more"),
        ("down_sample", 1.5, r"down_sample=1\.5: "),
        ("seed", -1, "seed=-1: expected 0 to"),
        ("shards", 0, "shards=0: expected 1 to 99999"),
        ("threshold", float("inf"), "threshold=inf: expected a number of ADC"),
        ("value_dtype", "int8", 'value_dtype="int8": expected one of float32, float16'),
        ("crop", "5", 'crop="5": expected ROWSxCOLS'),
        ("classes", ["a"], 'classes="a": expected NAME=PDG'),
        ("samples", ["1=2"], 'samples="1=2": expected NAME'),
        ("select", "momentum", 'select="momentum": a value, not a condition'),
        ("workers", 0, "workers=0: expected 1 or more"),
    ],
)
def test_an_option_that_cannot_be_is_named_by_its_argument(option, value, message):
    with pytest.raises(BadOption, match=message) as error:
        plan(**{option: value})
    assert error.value.option == option
