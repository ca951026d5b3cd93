"""Active sites and tables against what is counted by hand in dense images."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_tools.tfrecords.batches import HitBatch
from lartpc_zoo.errors import BadInput
from lartpc_zoo.models.input_spec import InputSpec
from lartpc_zoo.models.inputs import PrepareADC
from lartpc_zoo.models.levels import Level, Window
from lartpc_zoo.models.site_maker import Pixels, SiteMaker, SitePlan, prepared
from lartpc_zoo.models.site_tables import (
    AllPixels,
    EventOf,
    Neighbours,
    Number,
    PlacesInAll,
    PlacesTogether,
    PlanesTogether,
    WindowsAround,
)

images = st.tuples(st.integers(1, 3), st.integers(11, 20), st.integers(11, 20), st.integers(1, 3)).flatmap(
    lambda shape: st.tuples(st.just(shape), st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.01, 0.2, 1.0]))
)


def image(shape, seed, fraction):
    random = np.random.default_rng(seed)
    return np.where(random.random(shape) < fraction, random.gamma(2.0, 50.0, shape), 0).astype(np.float32)


def hits_of(dense):
    events = len(dense)
    event, index = np.nonzero(dense.reshape(events, -1))
    return HitBatch(event.astype(np.int32), index.astype(np.int32), dense.reshape(events, -1)[event, index])


def made(dense, pixels, *tables):
    """Features of the image and tables."""
    _, features, *arrays = SiteMaker(SitePlan(pixels, tables))(hits_of(dense), len(dense))
    return features, *arrays


def cells(active, stride, sides):
    """Where a cell of stride x stride has an active pixel."""
    events, rows, cols = active.shape
    padded = np.pad(active, [(0, 0), (0, -rows % stride), (0, -cols % stride)])
    blocks = padded.reshape(events, padded.shape[1] // stride, stride, padded.shape[2] // stride, stride)
    return blocks.any(axis=(2, 4))[:, : sides[0], : sides[1]]


def windows(values, window, outside):
    """(events, rows, cols, size * size) of all windows of (events, rows, cols), as TensorFlow pads them."""
    rows, cols = window.target.sides
    size, stride = window.size, window.stride
    lost = [max((out - 1) * stride + size - side, 0) for out, side in zip((rows, cols), window.level.sides)]
    if window.padding == "same":
        values = np.pad(values, [(0, 0), *((n // 2, n - n // 2) for n in lost)], constant_values=outside)
    views = np.lib.stride_tricks.sliding_window_view(values, (size, size), axis=(1, 2))
    return views[:, ::stride, ::stride][:, :rows, :cols].reshape(len(values), rows, cols, -1)


@settings(deadline=None, max_examples=30)
@given(images, st.integers(1, 7), st.integers(1, 4), st.sampled_from(["same", "valid"]))
def test_the_tables_of_a_window_are_those_of_dense_images(drawn, size, stride, padding):
    dense = image(*drawn)
    pixels = Pixels(dense.shape[1:], InputSpec())
    window = Window(pixels.level, size, stride, padding)
    tables = Neighbours(window), WindowsAround(window), Number(window.target), Number(window.level)
    features, forward, inverse, (outputs,), (sites,) = made(dense, pixels, *tables)
    active = dense.any(axis=-1)
    target = cells(active, stride, window.target.sides)
    assert (sites, outputs) == (active.sum(), target.sum())
    nothing = len(features) - 1
    numbers = np.full(active.shape, nothing)
    numbers[active] = np.arange(sites)
    assert np.array_equal(forward[:outputs], windows(numbers, window, nothing)[target])
    assert (forward[outputs:] == nothing).all()
    assert np.array_equal(features[:sites], (dense * np.float32(0.01))[active])
    assert not features[sites:].any()
    # The inverse holds every place of the flat table once, at the row that stands there.
    flat, last = forward.reshape(-1), forward.size - 1
    for site in range(sites):
        assert sorted(place for place in inverse[site] if place != last) == np.flatnonzero(flat == site).tolist()
    assert (inverse[sites:] == last).all()


@settings(deadline=None, max_examples=20)
@given(images)
def test_planes_come_together_where_any_of_them_is_active(drawn):
    dense = image(*drawn)
    events, rows, cols, planes = dense.shape
    pixels = Pixels(dense.shape[1:], InputSpec(), apart=True)
    down = Window(pixels.level, 2, 2).target
    tables = PlanesTogether(down), PlacesTogether(down), Number(down.joined()), Number(down)
    *_, together, places, (joined,), (apart,) = made(dense, pixels, *tables)
    active = cells((dense != 0).transpose(0, 3, 1, 2).reshape(-1, rows, cols), 2, down.sides)
    numbers = np.full(active.shape, -1)
    numbers[active] = np.arange(apart)
    of_planes = numbers.reshape(events, planes, *down.sides).transpose(0, 2, 3, 1)
    expected = of_planes[(of_planes >= 0).any(axis=-1)]
    found = (
        np.where(together[:joined] == together.max(initial=0), -1, together[:joined])
        if apart == 0
        else together[:joined]
    )
    nothing = together[joined:].max()  # rows of zeros have nothing everywhere
    assert np.array_equal(np.where(found == nothing, -1, found), expected)
    flat = together.reshape(-1)
    assert [flat[place] for place in places[:apart, 0]] == list(range(apart))


@settings(deadline=None, max_examples=20)
@given(images)
def test_pixels_and_events_of_sites(drawn):
    dense = image(*drawn)
    pixels = Pixels(dense.shape[1:], InputSpec())
    tables = AllPixels(pixels.level), PlacesInAll(pixels.level), EventOf(pixels.level)
    features, everywhere, places, event = made(dense, pixels, *tables)
    active = dense.any(axis=-1)
    scaled = (dense * np.float32(0.01)).reshape(-1, dense.shape[-1])
    assert np.array_equal(features[everywhere[: len(scaled), 0]], scaled)
    assert np.array_equal(everywhere[places[: active.sum(), 0], 0], np.arange(active.sum()))
    assert np.array_equal(event[: active.sum()], np.nonzero(active)[0])
    assert (event[active.sum() :] == len(dense)).all()


@pytest.mark.parametrize("plane", [None, 1])
@pytest.mark.parametrize(
    "inputs", [InputSpec(), InputSpec(40, 100.0, 1.0), InputSpec((10.0, 60.0, 90.0), (100.0, 80.0, 400.0), 0.5)]
)
def test_hits_are_prepared_as_the_layer_prepares_images(inputs, plane):
    dense = image((4, 9, 8, 3), 1, 0.3)
    expected = np.asarray(PrepareADC(inputs.threshold, inputs.maximum, inputs.scale)(dense))
    hits = hits_of(dense)
    assert np.array_equal(prepared(hits.value, hits.index % 3, inputs), expected.reshape(4, -1)[hits.event, hits.index])
    pixels = Pixels(dense.shape[1:], inputs, plane)
    features, _ = made(dense, pixels, EventOf(pixels.level))
    seen = expected if plane is None else expected[..., plane : plane + 1]
    active = seen.any(axis=-1)
    assert np.array_equal(features[: active.sum()], seen[active])
    assert 0 < active.sum() < dense.any(axis=-1).sum() or inputs == InputSpec()


def test_a_maker_forgets_the_batch_before():
    pixels = Pixels((20, 17, 2), InputSpec())
    window = Window(pixels.level, 3, 1)
    maker = SiteMaker(SitePlan(pixels, (Neighbours(window), EventOf(window.target))))
    batches = [hits_of(image((events, 20, 17, 2), events, 0.2)) for events in (3, 1, 5)]
    for events, hits in zip((3, 1, 5), batches):
        again = SiteMaker(SitePlan(pixels, (Neighbours(window), EventOf(window.target))))(hits, events)
        for one, other in zip(maker(hits, events), again):
            assert np.array_equal(one, other)


def test_a_maker_forgets_a_batch_that_failed(monkeypatch):
    dense = image((3, 12, 13, 1), 1, 0.2)
    pixels = Pixels((12, 13, 1), InputSpec())
    window = Window(pixels.level, 3, 1)
    maker, fresh = (SiteMaker(SitePlan(pixels, (Neighbours(window),))) for _ in range(2))
    with monkeypatch.context() as patched:
        patched.setattr(Neighbours, "of", lambda table, batch: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            maker(hits_of(dense), 3)
    # The first event of the next batch has other pixels than that of the batch before.
    assert all(map(np.array_equal, maker(hits_of(dense[1:2]), 1), fresh(hits_of(dense[1:2]), 1)))


def test_more_pixels_than_can_be_numbered_are_refused():
    pixels = Pixels((3456, 3456, 3), InputSpec(), apart=True)
    maker = SiteMaker(SitePlan(pixels, (Neighbours(Window(pixels.level, 7, 2)),)))
    nothing = HitBatch(*(np.empty(0, kind) for kind in (np.int32, np.int32, np.float32)))
    with pytest.raises(BadInput, match=r"60 events with 3 image\(s\) of 3456 x 3456 .* take smaller batches"):
        maker(nothing, 60)


def test_hits_in_any_order_give_the_same():
    pixels, dense = Pixels((20, 17, 3), InputSpec()), image((4, 20, 17, 3), 2, 0.1)
    hits, order = hits_of(dense), np.random.default_rng(1)
    maker = SiteMaker(SitePlan(pixels, (Neighbours(Window(pixels.level, 3, 1)),)))
    shuffled = order.permutation(len(hits.event))
    for one, other in zip(maker(hits, 4), maker(HitBatch(*(part[shuffled] for part in hits)), 4)):
        assert np.array_equal(one, other)


def test_a_level_is_itself_where_nothing_changes():
    level = Level((10, 12))
    assert Window(level, 3, 1).target is level
    assert Window(level, 3, 2).target == Window(level, 2, 2).target == level.down(2, (5, 6))
    assert Window(level, 3, 2, "valid").target.sides == (4, 5)
    assert Level((10, 12), images=3).joined().images == 1
