import pytest

from data_tools.record import plain, read_record
from lartpc_zoo.errors import BadInput, BadRecipe
from lartpc_zoo.models.input_spec import InputSpec


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"scale": 0}, "scale 0: expected a positive number"),
        ({"scale": float("inf")}, "scale inf: expected a positive number"),
        ({"threshold": "40"}, "threshold '40': expected a number, one number per plane, or none"),
        ({"maximum": (400, True)}, "maximum .400, True.: expected a number"),
        ({"maximum": (400, 0, 400)}, "maximum .400, 0, 400.: expected positive numbers"),
    ],
)
def test_what_is_no_input(fields, message):
    with pytest.raises(BadInput, match=message):
        InputSpec(**fields)


def test_lists_are_tuples_and_records_are_read_back():
    spec = InputSpec(threshold=[40, 50, 40], maximum=400.0)
    assert spec.threshold == (40, 50, 40)
    assert read_record(InputSpec, plain(spec), "here", BadRecipe) == spec
