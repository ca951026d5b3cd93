from dataclasses import replace

import pytest

from lartpc_zoo.metrics.comparison import Difference
from lartpc_zoo.reporting.wording import limits_text, verdict

DIFFERENCE = Difference(
    first="a",
    second="b",
    difference=0.01,
    events_error=0.002,
    equivalence_error=0.002,
    seeds_error=0.0,
    freedom=float("inf"),
    margin=0.01,
    p=0.5,
    p_equivalent=0.5,
)


@pytest.mark.parametrize(
    ("p", "p_equivalent", "expected"),
    [
        (0.01, 0.5, "different"),
        (0.5, 0.01, "equivalent"),
        (0.01, 0.01, "different, within the margin"),
        (0.5, 0.5, "undecided"),
    ],
)
def test_verdicts_follow_from_both_corrected_tests(p, p_equivalent, expected):
    assert verdict(replace(DIFFERENCE, p_corrected=p, p_equivalent_corrected=p_equivalent)) == expected


def test_limits_are_those_that_are_known():
    assert limits_text(["No noise.", "No cosmics."], "f" * 64) == "Limits of the data: No noise. No cosmics."
    assert "nothing is known here of how the data set ffffffffffff was made" in limits_text([], "f" * 64)
