import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_tools.conversion.selection import Selection
from data_tools.errors import BadOption

TABLE = {
    "momentum": np.array([50.0, 150.0, 300.0]),
    "hits_Y": np.array([10, 30, 5]),
    "pdg": np.array([11, -211, 2212]),
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("momentum > 100 and hits_Y >= 20", [False, True, False]),
        ("momentum>100 or hits_Y==10", [True, True, True]),
        ("pdg in (11, -211)", [True, True, False]),
        ("pdg not in [11]", [False, True, True]),
        ("not momentum > 100", [True, False, False]),
        ("100 < momentum <= 300", [False, True, True]),
        ("abs(pdg) == 211", [False, True, False]),
        ("momentum / hits_Y - 1 > 2 * 3", [False, False, True]),
        ("-momentum < -100 and (hits_Y != 30)", [False, False, True]),
        ("momentum / 0 > 1", [True, True, True]),
        ("1 > 0", [True, True, True]),
        ("1 / 0 > momentum", [True, True, True]),
        (" momentum > 100\n", [False, True, True]),
    ],
)
def test_conditions(text, expected):
    assert Selection(text, TABLE)(TABLE).tolist() == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "momentum",
        "momentum and 3",
        "not momentum",
        "1 <",
        "momentum > (1, 2)",
        "pdg in momentum",
        "pdg in (momentum,)",
        "momentum > 'a'",
        "momentum ** 9 > 1",
        "momentum.real > 1",
        "momentum[0] > 1",
        "__import__('os').system('true') == 0",
        "abs(momentum, 2) > 1",
        "(lambda: 1)() > 0",
        "[x for x in (1, 2)] == 1",
        "True",
        "momentum > 1 if True else False",
        "event + 99999999999999999999 > 3",
        "(" * 5000,
    ],
)
def test_what_is_no_condition(text):
    with pytest.raises(BadOption, match='^select="'):
        Selection(text, TABLE)


def test_an_unknown_name_is_answered_with_those_that_there_are():
    with pytest.raises(BadOption, match=r"'momentm' cannot stand.*Did you mean momentum\?.*hits_Y, pdg"):
        Selection("momentm > 3", TABLE)


@given(st.text(alphabet="momentu pdg()<>=!&|+-*/.,0123456789[]'\"andornotin_:", max_size=25))
def test_any_text_is_a_condition_or_refused(text):
    try:
        selection = Selection(text, TABLE)
    except BadOption:
        return
    assert selection(TABLE).shape == (3,)
