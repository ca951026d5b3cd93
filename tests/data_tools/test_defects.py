import pytest

from data_tools.defects import DEFECTS, SKIP, STOP, Policies, SkipEntry, describe
from data_tools.errors import BadEntry, BadOption


def test_defaults_are_the_first_policies():
    assert Policies() == {name: next(iter(defect.policies)) for name, defect in DEFECTS.items()}
    assert Policies({"empty": "skip"})["empty"] == "skip"


def test_every_defect_can_stop():
    assert all(STOP in defect.policies for defect in DEFECTS.values())


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"corupt": "skip"}, "There is no defect 'corupt'; .* Did you mean corrupt?"),
        ({"corrupt": "skp"}, 'on={"corrupt": "skp"}: expected one of stop, skip. Did you mean skip'),
    ],
)
def test_what_is_no_policy(chosen, message):
    with pytest.raises(BadOption, match=message.replace("{", r"\{").replace("?", r"\?")) as error:
        Policies(chosen)
    assert SKIP in error.value.choices or "corrupt" in error.value.choices


def test_to_stop_is_the_error_with_the_way_out():
    with pytest.raises(BadEntry) as error:
        Policies().settle("bad-pixels", BadEntry("a.root: 3 pixels are NaN."))
    assert str(error.value) == (
        'a.root: 3 pixels are NaN. To go on all the same: on={"bad-pixels": "skip"} or {"bad-pixels": "zero"}.'
    )


def test_to_skip_and_to_go_on():
    with pytest.raises(SkipEntry, match="empty"):
        Policies({"empty": "skip"}).settle("empty", BadEntry("no hits."))
    assert Policies().settle("empty", BadEntry("no hits.")) == "keep"
    assert describe("empty", "keep") == "no hits (the event is kept)"
