from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings, strategies
from hypothesis.extra import numpy as arrays

from data_tools.detector.additions import NoiseHits, Tracks, _track
from data_tools.detector.charge import Attenuation, Gain, Noise, Saturation, WireGain
from data_tools.detector.combination import Effects
from data_tools.detector.effect import EventHits
from data_tools.detector.losses import DeadWires, LostHits, MissingPlane, Threshold
from data_tools.detector.response import Broadening
from data_tools.detector.window import Shift
from data_tools.errors import BadOption, UserError
from data_tools.record import plain, read_record

SHAPES = strategies.tuples(*[strategies.integers(1, 12)] * 2, strategies.integers(1, 3))
FRACTIONS = strategies.floats(0, 1)
SMALL = strategies.floats(0, 0.5)
ADC = strategies.floats(0, 500)
BY_NAME = {
    "shift": strategies.builds(Shift, rows=strategies.integers(0, 15), cols=strategies.integers(0, 15)),
    "tracks": strategies.builds(Tracks, number=strategies.floats(0, 5), adc=ADC),
    "attenuation": strategies.builds(
        Attenuation, lifetime=strategies.floats(10, 1e5), row=strategies.floats(0, 20), drift=strategies.floats(0, 3000)
    ),
    "broadening": strategies.builds(Broadening, rows=FRACTIONS, cols=FRACTIONS, adc=ADC),
    "gain": strategies.builds(Gain, spread=SMALL),
    "wire_gain": strategies.builds(WireGain, spread=SMALL),
    "noise": strategies.builds(Noise, adc=ADC),
    "saturation": strategies.builds(Saturation, adc=strategies.floats(1, 500)),
    "noise_hits": strategies.builds(NoiseHits, occupancy=FRACTIONS, adc=ADC, scale=ADC),
    "threshold": strategies.builds(Threshold, adc=ADC),
    "dead_wires": strategies.builds(DeadWires, fraction=FRACTIONS, together=strategies.integers(1, 20)),
    "dead_regions": strategies.builds(DeadWires, fraction=FRACTIONS, together=strategies.integers(1, 20)),
    "missing_plane": strategies.builds(MissingPlane, probability=FRACTIONS),
    "lost_hits": strategies.builds(LostHits, fraction=FRACTIONS),
}
EFFECTS = strategies.one_of(*BY_NAME.values())
COMBINATIONS = strategies.builds(Effects, **{name: strategies.none() | one for name, one in BY_NAME.items()})
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


@settings(deadline=None)  # the first one imports scipy
@given(event=events(), effect=EFFECTS, seed=SEEDS, strength=FRACTIONS)
def test_hits_stay_in_the_image_unique_and_ascending(event, effect, seed, strength):
    hits, shape = event
    after = effect.apply(hits, shape, np.random.default_rng(seed), strength)
    assert (np.diff(after.index) > 0).all() and len(after.value) == len(after.index)
    assert after.index.dtype == np.int32 and after.value.dtype == np.float32
    assert ((after.index >= 0) & (after.index < np.prod(shape))).all()
    assert np.isfinite(after.value).all() and (after.value > 0).all()


@settings(deadline=None)  # the first one imports scipy
@given(event=events(), effect=EFFECTS, seed=SEEDS)
def test_no_strength_changes_nothing(event, effect, seed):
    hits, shape = event
    assert same(effect.apply(hits, shape, np.random.default_rng(seed), 0.0), hits)


@settings(deadline=None)
@given(event=events(), effects=COMBINATIONS, seed=SEEDS, strength=strategies.none() | FRACTIONS)
def test_the_same_seed_gives_the_same_hits_and_leaves_the_event_alone(event, effects, seed, strength):
    hits, shape = event
    before = EventHits(hits.index.copy(), hits.value.copy())
    assert same(effects.apply(hits, shape, (seed, 1), strength), effects.apply(hits, shape, (seed, 1), strength))
    assert same(hits, before)


def test_every_effect_is_tried():
    assert list(BY_NAME) == [field.name for field in fields(Effects)]


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


def generator(seed=1):
    return np.random.default_rng(seed)


def test_every_wire_has_a_gain_of_its_own():
    hits, shape = full()
    after = planes(WireGain(0.1).apply(hits, shape, generator()), shape)
    assert (np.ptp(after, axis=1) == 0).all()  # along a wire
    assert np.log(after[:, 0]).std() == pytest.approx(0.1, rel=0.3)
    assert len(np.unique(after[:, 0])) == 3 * 30


def test_noise_has_its_width_and_takes_hits_away_only_where_no_charge_is_left():
    hits, shape = full()
    hits = EventHits(hits.index, np.full(len(hits.index), 100, np.float32))
    after = Noise(10).apply(hits, shape, generator(), 0.5)
    assert len(after.index) == len(hits.index)
    assert (after.value.mean(), after.value.std()) == (pytest.approx(100, abs=0.5), pytest.approx(5, rel=0.05))
    assert len(Noise(1000).apply(hits, shape, generator()).index) < len(hits.index)


def test_attenuation_is_exponential_in_drift_time_and_its_inverse_lifetime_is_the_strength():
    hits, shape = full()
    image = planes(Attenuation(lifetime=1000, row=5, drift=0).apply(hits, shape, generator()), shape)[0]
    np.testing.assert_allclose(image, np.repeat(np.exp(-np.arange(40) * 5 / 1000)[:, None], 30, axis=1), rtol=1e-5)
    half = planes(Attenuation(lifetime=1000, row=5, drift=0).apply(hits, shape, generator(), 0.5), shape)[0]
    np.testing.assert_allclose(half**2, image, rtol=1e-5)
    firsts = [Attenuation(1000, 5, 2300).apply(hits, shape, generator(seed)).value[0] for seed in range(500)]
    drifted = -1000 * np.log(firsts)
    assert 0 < drifted.min() < 50 and 2250 < drifted.max() < 2300 and drifted.mean() == pytest.approx(1150, rel=0.1)


def test_saturation_and_threshold_cut_where_they_say():
    hits, shape = full()
    hits = EventHits(hits.index, (1 + hits.index).astype(np.float32))
    assert Saturation(500).apply(hits, shape, generator()).value.max() == 500
    assert Saturation(500).apply(hits, shape, generator(), 0.5).value.max() == 1000
    assert Threshold(500).apply(hits, shape, generator()).value.min() == 500
    assert Threshold(500).apply(hits, shape, generator(), 0.5).value.min() == 250


@pytest.mark.parametrize("together", [1, 5])
def test_dead_wires_are_dead_from_end_to_end_and_in_groups(together):
    shape = (4, 300, 3)
    hits = EventHits(np.arange(np.prod(shape), dtype=np.int32), np.ones(np.prod(shape), np.float32))
    effect = DeadWires(0.4, together)
    images = np.array([planes(effect.apply(hits, shape, generator(seed), 0.5), shape) for seed in range(20)])
    alive = images[:, :, 0] > 0
    assert (images == images[:, :, :1]).all()
    assert 1 - alive.mean() == pytest.approx(0.2, abs=0.05)
    changes = (alive[..., 1:] != alive[..., :-1]).mean()
    assert changes == pytest.approx(2 * 0.2 * 0.8 / together, rel=0.2)


def test_a_plane_is_missing_as_often_as_it_says():
    hits, shape = full()
    alive = np.array(
        [
            [plane.any() for plane in planes(MissingPlane(0.8).apply(hits, shape, generator(s), 0.5), shape)]
            for s in range(600)
        ]
    )
    assert set(alive.sum(axis=1)) == {2, 3}
    assert (alive.sum(axis=1) == 2).mean() == pytest.approx(0.4, abs=0.08)
    assert np.allclose(1 - alive.mean(axis=0), 0.4 / 3, atol=0.06)
    image = planes(MissingPlane(plane=2).apply(hits, shape, generator()), shape)
    assert [plane.any() for plane in image] == [True, True, False]


def test_noise_hits_come_where_nothing_was_above_the_threshold():
    shape = (100, 100, 3)
    hits = EventHits(np.arange(0, 30_000, 2, dtype=np.int32), np.full(15_000, 5, np.float32))
    after = NoiseHits(0.02, adc=10, scale=3).apply(hits, shape, generator(), 0.5)
    added = ~np.isin(after.index, hits.index)
    assert added.sum() == pytest.approx(150, abs=50)
    assert (after.value[~added] == 5).all() and len(after.index) == 15_000 + added.sum()
    assert after.value[added].min() >= 10 and after.value[added].mean() == pytest.approx(13, abs=1)


def test_tracks_are_straight_cross_all_planes_and_add_their_charge():
    shape = (200, 200, 3)
    nothing = EventHits(np.empty(0, np.int32), np.empty(0, np.float32))
    numbers = [len(Tracks(1.0).apply(nothing, shape, generator(seed)).index) for seed in range(200)]
    assert np.mean(np.array(numbers) == 0) == pytest.approx(np.exp(-1), abs=0.12)
    slopes = []
    for seed in range(60):
        random = generator(seed)
        image = planes(hits_of_track(random, shape), shape)
        assert all(off_a_line(plane) < 0.5 for plane in image)
        slopes.append([slope(plane) for plane in image])
    slopes = np.array(slopes)
    slopes = slopes[(abs(slopes) < 5).all(axis=1)]
    assert len(slopes) > 10
    np.testing.assert_allclose(slopes[:, 0] + slopes[:, 1], slopes[:, 2], atol=0.25)
    hits, small = full()
    assert Tracks(50.0).apply(hits, small, generator()).value.min() >= 1


def off_a_line(plane):
    """Root mean square distance of the hits of a plane from the line that fits them best, in pixels."""
    places = np.argwhere(plane)
    return np.linalg.svd(places - places.mean(axis=0), compute_uv=False)[-1] / np.sqrt(len(places))


def slope(plane):
    """Columns per row of the line that fits the hits of a plane; infinite for few of them."""
    places = np.argwhere(plane)
    if len(places) < 50:
        return np.inf
    rows, cols = np.linalg.svd(places - places.mean(axis=0))[2][0]
    return cols / rows if rows else np.inf


def hits_of_track(random, shape):
    pixels = np.sort(np.concatenate(_track(shape, random)))
    return EventHits(pixels.astype(np.int32), np.ones(len(pixels), np.float32))


def test_broadening_is_a_gaussian_that_keeps_charge():
    hits, shape = one_pixel()
    hits = EventHits(hits.index, 1e4 * hits.value)
    image = planes(Broadening(rows=0.8, cols=0.4, adc=0).apply(hits, shape, generator()), shape)
    np.testing.assert_allclose(image.sum(axis=(1, 2)), [1e4, 2e4, 3e4], rtol=1e-5)
    rows, cols = (np.arange(size) - middle for size, middle in zip(shape, (20, 15)))
    assert np.sqrt((image[0].sum(axis=1) * rows**2).sum() / 1e4) == pytest.approx(0.8, rel=0.02)
    assert np.sqrt((image[0].sum(axis=0) * cols**2).sum() / 1e4) == pytest.approx(0.4, rel=0.05)
    cut = planes(Broadening(rows=0.8, adc=500).apply(hits, shape, generator()), shape)
    assert 1 < np.count_nonzero(cut[0]) < np.count_nonzero(image[0].sum(axis=1))
    assert cut[0][cut[0] > 0].min() >= 500


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


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: Attenuation(lifetime=0, row=6, drift=1), "lifetime 0: expected more than 0"),
        (lambda: Attenuation(lifetime=1, row=-6, drift=1), "row -6, drift 1: expected 0 or more"),
        (lambda: Saturation(0), "adc 0: expected more than 0"),
        (lambda: DeadWires(0.1, together=0), "together 0: expected 1 or more"),
        (lambda: DeadWires(1.1), "fraction 1.1: expected 0 to 1"),
        (lambda: Broadening(rows=1.5), "rows 1.5, cols 0.0: expected 0 to 1"),
        (lambda: NoiseHits(0.1, adc=-1), "adc -1, scale 3.0: expected 0 or more"),
        (lambda: MissingPlane(plane=-1), "plane -1: expected 0 or more"),
        (lambda: Noise(-1.0), "adc -1.0: expected 0 or more"),
    ],
)
def test_sizes_that_make_no_sense_are_named(wrong, message):
    with pytest.raises(ValueError, match=message):
        wrong()


def test_a_plane_that_images_do_not_have_cannot_be_missing():
    hits, shape = full()
    with pytest.raises(BadOption, match="plane 3 of images with 3: expected 0 to 2"):
        MissingPlane(plane=3).apply(hits, shape, generator(), 0.0)


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
