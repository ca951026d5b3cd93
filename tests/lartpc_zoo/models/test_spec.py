from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lartpc_zoo.errors import UnknownNetwork
from lartpc_zoo.models.catalogue import list_models
from lartpc_zoo.models.families import families
from lartpc_zoo.models.spec import NetworkSpec, parse_network

heads = st.sampled_from([(family.name, depth) for family in families().values() for depth in family.depths])
widths = st.sampled_from([Fraction(n) for n in (1, 2, 3, 4, 10)] + [Fraction(1, n) for n in (2, 4, 8, 16)])


def spec_or_none(head, **axes):
    try:
        return NetworkSpec(*head, **axes)
    except UnknownNetwork as error:
        assert "leaves no whole number of the" in str(error)
        return None


specs = st.builds(
    spec_or_none,
    heads,
    width=widths,
    stem_stride=st.sampled_from([1, None]),
    dense=st.none() | st.lists(st.integers(1, 9999), min_size=1, max_size=3).map(tuple),
    threshold=st.none() | st.integers(0, 500),
    planes=st.sampled_from(["all", "towers", 0, 1, 2]),
    submanifold=st.booleans(),
).filter(bool)


@given(specs)
def test_names_are_reversible(spec):
    assert parse_network(str(spec)) == spec
    assert str(parse_network(str(spec))) == str(spec)


def test_every_axis_has_its_token_in_the_fixed_order():
    spec = NetworkSpec("resnet", "29b", Fraction(1, 4), 1, (512, 64), 40, 2, True)
    assert str(spec) == "resnet29b_wd4_s1_fc512x64_t40_p2_sub"
    assert str(NetworkSpec("plainresnet", "18b", planes="towers")) == "plainresnet18b_towers"


@pytest.mark.parametrize("name", list_models())
def test_the_names_of_the_study_parse_back(name):
    assert str(parse_network(name)) == name


def test_what_a_network_has_by_itself_cannot_be_taken_away():
    with pytest.raises(UnknownNetwork, match=r"Dense layers \(\): expected units"):
        NetworkSpec("vgg", "16a", dense=())
    assert NetworkSpec("vgg", "16a") == NetworkSpec("vgg", "16a", stem_stride=1, dense=(4096, 4096))


@given(st.text(alphabet="resnet14b_wdsfctp0x", max_size=25))
def test_any_text_is_a_network_or_a_clear_no(text):
    try:
        assert str(parse_network(text)) == text
    except UnknownNetwork as error:
        assert repr(text) in str(error) or str(error).startswith(("Width", "Stem stride", "No network"))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("resnet14", "No network 'resnet14'. Did you mean resnet14b"),
        ("resnet28b_w4", "No network 'resnet28b_w4'. Did you mean resnet29b"),
        ("inception", "There are resnet14b, .*lartpc-zoo list"),
        ("resnet14b_s1_w4", "have a fixed order; did you mean resnet14b_w4_s1?"),
        ("resnet14b_w1", "did you mean resnet14b?"),
        ("resnet14b_wd1", "did you mean resnet14b?"),
        ("resnet14b_s2", "did you mean resnet14b?"),
        ("resnet14b_x4", "'x4' is no token of a name. Tokens: _w4"),
        ("resnet14b_w2_w4", "the width is given twice"),
        ("resnet14b_sub_p2", "fixed order; did you mean resnet14b_p2_sub?"),
        ("vgg16b_wd2_sb", "'sb' is no token of a name.*Did you mean vgg16b_wd2_sub"),
        ("resnet14b_wd3", "Width 1/3 leaves no whole number of the 64 filters"),
        ("resnet14b_s4", "Stem stride 4: expected 1"),
        ("resnet14b_", "'' is no token"),
        ("vgg16a_s1", "vgg16a is so without s1; did you mean vgg16a?"),
        ("alexnet_fc4096x4096", "did you mean alexnet?"),
        ("vgg16a_fc", "'fc' is no token"),
        ("vgg16", "Did you mean vgg16"),
        ("googlenet_wd16", "Width 1/16 leaves no whole number of the 24 filters of googlenet"),
    ],
)
def test_what_is_wrong_with_a_name(name, message):
    with pytest.raises(UnknownNetwork, match=message):
        parse_network(name)
