import numpy as np
import pytest
from hypothesis import given, strategies
from hypothesis.extra import numpy as arrays

from data_tools.detector.combination import Effects
from data_tools.detector.effect import EventHits
from data_tools.detector.effects import Gain, LostHits, Shift
from data_tools.errors import UserError
from data_tools.record import plain, read_record

SHAPES = strategies.tuples(*[strategies.integers(1, 12)] * 2, strategies.integers(1, 3))
FRACTIONS = strategies.floats(0, 1)
EFFECTS = strategies.one_of(
    strategies.builds(Shift, rows=strategies.integers(0, 15), cols=strategies.integers(0, 15)),
    strategies.builds(Gain, spread=strategies.floats(0, 0.5)),
    strategies.builds(LostHits, fraction=FRACTIONS),
)
COMBINATIONS = strategies.builds(
    Effects,
    shift=strategies.none() | strategies.builds(Shift, rows=strategies.integers(0, 15)),
    gain=strategies.none() | strategies.builds(Gain, spread=strategies.floats(0, 0.5)),
    lost_hits=strategies.none() | strategies.builds(LostHits, fraction=FRACTIONS),
)
SEEDS = strategies.integers(0, 2**32 - 1)


@strategies.composite
def events(draw):
    """(hits, image_shape) of any event, of none at all too."""
    shape = draw(SHAPES)
    pixels = draw(arrays.arrays(bool, int(np.prod(shape))))
    index = np.flatnonzero(pixels).astype(np.int32)
    value = draw(arrays.arrays(np.float32, len(index), elements=strategies.floats(1, 4096, width=32)))
    return EventHits(index, value), shape


def same(hits, others):
    return np.array_equal(hits.index, others.index) and np.array_equal(hits.value, others.value)


def planes(hits, shape):
    """One image for each plane."""
    image = np.zeros(np.prod(shape), np.float32)
    image[hits.index] = hits.value
    return np.moveaxis(image.reshape(shape), -1, 0)


@given(event=events(), effect=EFFECTS, seed=SEEDS, strength=FRACTIONS)
def test_hits_stay_in_the_image_unique_and_ascending(event, effect, seed, strength):
    hits, shape = event
    after = effect.apply(hits, shape, np.random.default_rng(seed), strength)
    assert (np.diff(after.index) > 0).all() and len(after.value) == len(after.index)
    assert after.index.dtype == np.int32 and after.value.dtype == np.float32
    assert ((after.index >= 0) & (after.index < np.prod(shape))).all() and (after.value > 0).all()


@given(event=events(), effect=EFFECTS, seed=SEEDS)
def test_no_strength_changes_nothing(event, effect, seed):
    hits, shape = event
    assert same(effect.apply(hits, shape, np.random.default_rng(seed), 0.0), hits)


@given(event=events(), effects=COMBINATIONS, seed=SEEDS, strength=strategies.none() | FRACTIONS)
def test_the_same_seed_gives_the_same_hits_and_leaves_the_event_alone(event, effects, seed, strength):
    hits, shape = event
    before = EventHits(hits.index.copy(), hits.value.copy())
    assert same(effects.apply(hits, shape, (seed, 1), strength), effects.apply(hits, shape, (seed, 1), strength))
    assert same(hits, before)


def full(shape=(40, 30, 3)):
    return EventHits(np.arange(np.prod(shape), dtype=np.int32), np.ones(np.prod(shape), np.float32)), shape


def one_pixel(shape=(41, 31, 3)):
    image = np.zeros(shape, np.float32)
    image[20, 15] = 1, 2, 3
    index = np.flatnonzero(image).astype(np.int32)
    return EventHits(index, image.ravel()[index]), shape


def test_a_shift_moves_planes_together_in_rows_and_each_in_columns():
    hits, shape = one_pixel()
    moves = set()
    for seed in range(2000):
        after = planes(Shift(rows=2, cols=1).apply(hits, shape, np.random.default_rng(seed)), shape)
        places = [tuple(np.argwhere(plane)[0] - (20, 15)) for plane in after]
        assert [plane.sum() for plane in after] == [1, 2, 3]
        assert len({row for row, _ in places}) == 1
        moves.add((places[0][0], *(col for _, col in places)))
    assert len(moves) == 5 * 3**3


def test_rows_of_a_shift_are_equally_likely():
    hits, shape = one_pixel()
    moved = [Shift(rows=2).apply(hits, shape, np.random.default_rng(seed)).index[0] for seed in range(5000)]
    _, counts = np.unique(moved, return_counts=True)
    assert len(counts) == 5 and (abs(counts - 1000) < 5 * np.sqrt(800)).all()


def test_a_gain_is_that_of_a_plane_and_has_its_spread():
    hits, shape = one_pixel()
    gains = np.array([Gain(0.1).apply(hits, shape, np.random.default_rng(s)).value for s in range(5000)]) / (1, 2, 3)
    assert np.log(gains).std(axis=0) == pytest.approx([0.1] * 3, rel=0.05)
    assert np.log(gains).mean(axis=0) == pytest.approx([0] * 3, abs=0.007)
    assert abs(np.corrcoef(gains.T)[np.triu_indices(3, 1)]).max() < 0.07
    hits, shape = full()
    after = planes(Gain(0.1).apply(hits, shape, np.random.default_rng(1)), shape)
    assert [len(np.unique(plane)) for plane in after] == [1, 1, 1]


@pytest.mark.parametrize("strength", [0.5, 1.0])
def test_a_fraction_of_hits_is_lost(strength):
    hits, shape = full()
    lost = 1 - len(LostHits(0.4).apply(hits, shape, np.random.default_rng(1), strength).index) / len(hits.index)
    assert lost == pytest.approx(0.4 * strength, abs=5 * np.sqrt(0.24 / len(hits.index)))


def test_random_numbers_of_an_effect_do_not_depend_on_the_others():
    hits, shape = full()
    gain, lost = Gain(0.1), LostHits(0.3)
    both = Effects(gain=gain, lost_hits=lost).apply(hits, shape, (3, 7))
    only_lost = Effects(lost_hits=lost).apply(hits, shape, (3, 7))
    only_gain = Effects(gain=gain).apply(hits, shape, (3, 7))
    assert np.array_equal(both.index, only_lost.index)
    assert np.array_equal(both.value, only_gain.value[both.index])


def test_strengths_at_random_are_anything_up_to_one():
    hits, shape = full()
    kept = [len(Effects(lost_hits=LostHits(1.0)).apply(hits, shape, (s,), None).index) for s in range(300)]
    fraction = np.array(kept) / len(hits.index)
    assert fraction.min() < 0.05 and fraction.max() > 0.95 and fraction.mean() == pytest.approx(0.5, abs=0.09)


def test_they_are_read_as_they_are_written():
    effects = Effects(shift=Shift(rows=3, cols=2), lost_hits=LostHits(0.2))
    assert read_record(Effects, plain(effects), "effects.yaml", UserError) == effects
    assert effects and not Effects()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"gian": {"spread": 0.1}}, "unknown field 'gian'.*Did you mean gain"),
        ({"gain": {"spread": -0.1}}, "gain: spread -0.1: expected 0 or more"),
        ({"lost_hits": {"fraction": 1.5}}, "lost_hits: fraction 1.5: expected 0 to 1"),
        ({"shift": {"rows": -1}}, "shift: rows -1, cols 0: expected 0 or more"),
    ],
)
def test_effects_that_make_no_sense(content, message):
    with pytest.raises(UserError, match=message):
        read_record(Effects, content, "effects.yaml", UserError)
