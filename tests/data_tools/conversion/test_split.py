import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_tools.conversion.split import SampleRule, assign, check_globs, check_rules, keys, parse_sample
from data_tools.errors import BadOption, TooFewEvents
from data_tools.particles import FIVE_PARTICLES

PATHS = ("a/train_1.root", "b/test_1.root")


def shares(rules, labels, source, seed=0):
    order = np.concatenate([keys(seed, str(name), range(np.sum(source == name))) for name in np.unique(source)])
    return assign([parse_sample(rule) for rule in rules], labels, source, order, PATHS, FIVE_PARTICLES)


names = st.from_regex(r"[A-Za-z][A-Za-z0-9]*", fullmatch=True)


@given(names, st.none() | st.integers(0, 10**9), st.none() | st.from_regex(r"[a-z*?/.@=]+", fullmatch=True))
def test_sample_texts_are_reversible(name, count, glob):
    rule = SampleRule(name, count, glob)
    assert parse_sample(str(rule)) == rule


@pytest.mark.parametrize("text", ["", "=5", "train=", "train=x", "1train", "tr-ain", "train@"])
def test_sample_texts_that_cannot_be(text):
    with pytest.raises(BadOption, match="expected NAME"):
        parse_sample(text)


@given(st.lists(st.integers(0, 4), min_size=60, max_size=120), st.integers(0, 10))
def test_samples_share_no_event_are_equal_per_class_and_leave_none_behind(labels, seed):
    labels = np.array([*range(5)] * 4 + labels)
    source = np.sort(np.arange(len(labels)) % 2)
    taken = shares(["train=10", "testA=10", "testB"], labels, source, seed)
    for name in ("train", "testA"):
        assert np.bincount(labels[taken[name]], minlength=5).tolist() == [2] * 5
    assert sorted(np.concatenate(list(taken.values()))) == list(range(len(labels)))


def test_order_inside_a_sample_mixes_classes_of_very_different_numbers():
    labels = np.array([0] * 500 + [1] * 20_000 + [2] * 500 + [3] * 500 + [4] * 500)
    taken = shares(["train=2000", "rest"], labels, np.sort(np.arange(len(labels)) % 2))["train"]
    first_half = np.bincount(labels[taken[:1000]], minlength=5)
    assert np.all(np.abs(first_half - 200) < 60)


def test_globs_choose_inputs_and_numbers_go_before_the_rest():
    labels, source = np.tile(np.arange(5), 20), np.repeat([0, 1], 50)
    taken = shares(["testB", "train=50@train_*", "testA=25"], labels, source)
    assert set(taken["train"]) == set(range(50))
    assert set(source[taken["testA"]]) == {1}
    assert len(taken["testB"]) == 25
    assert list(taken) == ["testB", "train", "testA"]


def test_a_glob_that_matches_no_input():
    with pytest.raises(BadOption, match=r"no input file matches 'x\*'; inputs: a/train_1.root, b/test_1.root"):
        check_globs([parse_sample("train@x*")], ["a/train_1.root", "b/test_1.root"])


def test_too_few_events_of_a_class():
    labels = np.array([0, 1, 2, 3, 4] * 3 + [0] * 10)
    with pytest.raises(
        TooFewEvents, match=r"train=20 needs 4 events of each class, .* gamma: 3, muon: 3, pion: 3, proton: 3"
    ):
        shares(["train=20"], labels, np.sort(np.arange(25) % 2))


def test_a_sample_for_which_nothing_is_left():
    with pytest.raises(TooFewEvents, match="Sample testB: no event is left"):
        shares(["train=10", "testB"], np.tile(np.arange(5), 2), np.sort(np.arange(10) % 2))


def test_numbers_that_the_classes_do_not_divide():
    with pytest.raises(BadOption, match=r"train=12: 12 events cannot be shared equally by 5 classes .* take 10 or 15"):
        check_rules([parse_sample("train=12")], FIVE_PARTICLES)


def test_a_sample_named_twice():
    with pytest.raises(BadOption, match="different names"):
        check_rules([parse_sample("train=10"), parse_sample("train")], FIVE_PARTICLES)


def test_the_order_follows_from_identity_and_seed_alone():
    assert np.array_equal(keys(1, "ab", [5, 9]), keys(1, "ab", range(10))[[5, 9]])
    assert not np.array_equal(keys(1, "ab", range(10)), keys(2, "ab", range(10)))
    assert not np.array_equal(keys(1, "ab", range(10)), keys(1, "cd", range(10)))
