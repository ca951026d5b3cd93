"""Submanifold networks on sites are those on images: logits, gradients, statistics, weights after some training."""

import functools
import os
import runpy
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lartpc_zoo.models import on_masked_images, on_sites
from lartpc_zoo.models.families import ACTIVE, MEAN, Submanifold
from lartpc_zoo.models.input_spec import InputSpec
from lartpc_zoo.models.inputs import input_spec_of
from lartpc_zoo.models.registry import create_model

_SCRIPT = Path(__file__).with_name("agreement.py")
agreement = SimpleNamespace(**runpy.run_path(str(_SCRIPT)))

NETWORKS = {
    "resnet14b_wd16_s1_sub": (61, 58, 3),
    "resnet14b_wd16_towers_sub": (45, 64, 3),
    "resnet14b_wd16_fc8_sub": (64, 33, 1),
    "plainresnet10b_wd16_p1_sub": (50, 41, 3),
    "plainresnet12b_wd16_towers_sub": (33, 48, 2),
    "vgg16b_wd16_sub": (61, 34, 3),
    "vgg16c_wd16_t40_sub": (40, 55, 2),
    "vgg16a_wd16_fc8_towers_sub": (37, 32, 3),
    "googlenet_wd8_sub": (47, 39, 1),
    "alexnet_wd16_fc8_sub": (69, 74, 3),
}
"""A network of every family and axis, with images that are odd, no squares, and of one to three planes."""


@functools.lru_cache(maxsize=1)
def both(name):
    return agreement.Both(name, NETWORKS[name])


def images_of(kinds, seed, shape):
    random = np.random.default_rng(seed)
    return np.stack([agreement.event(kind, random, shape) for kind in kinds])


@pytest.mark.parametrize("name", NETWORKS)
@settings(deadline=None, max_examples=2)
@example(["nothing"], 0)
@example(["all", "corners"], 0)
@given(st.lists(st.sampled_from(agreement.KINDS), min_size=1, max_size=4), st.integers(0, 2**32 - 1))
def test_logits_gradients_and_statistics_are_those_on_images(name, kinds, seed):
    logits, gradients, statistics = agreement.differences(both(name), images_of(kinds, seed, NETWORKS[name]))
    assert logits < 1e-4
    assert gradients < 1e-4
    assert statistics < 1e-4


@pytest.mark.parametrize("name", ["resnet14b_wd16_s1_sub", "vgg16b_wd16_sub"])
def test_weights_after_twenty_steps_are_those_on_images(name):
    trained, random = agreement.Both(name, NETWORKS[name], rate=0.02), np.random.default_rng(3)
    # Batches of other sizes: the last one of an epoch may be smaller.
    batches = [
        images_of(random.choice(["track", "border"], 3 - number % 2), number, NETWORKS[name]) for number in range(20)
    ]
    one, other = trained.stepped(batches)
    for (path, weight), start in zip(one.items(), trained.start):
        assert np.abs(weight - other[path]).max() < 1e-3 * np.abs(weight).max(), path
        assert np.abs(weight - start).max() > 0, path


@pytest.mark.parametrize(
    "name", ["vgg16b_wd16", "vgg16c_wd16_towers", "vgg16a_wd16_fc8", "googlenet_wd8", "alexnet_wd16_fc8"]
)
def test_with_every_pixel_active_it_is_the_network_without_sub(name):
    shape = (61, 58, 3)
    sub = agreement.Both(f"{name}_sub", shape)
    dense = create_model(name, shape, agreement.CLASSES, input_spec_of(sub.network))
    dense.set_weights(sub.start)
    for layer in dense.layers:
        if hasattr(layer, "epsilon"):
            layer.epsilon = sub.network.get_layer(layer.name).epsilon
    images = images_of(["all", "all"], 1, shape)
    images[images < 5.0] = 5.0  # above the threshold, everywhere
    expected = dense.predict_on_batch(images)
    assert np.ptp(expected) > 0
    for logits in sub.logits(images):
        assert agreement.difference(expected, logits) < 1e-5


def test_both_do_the_other_choices_alike(monkeypatch):
    choices = Submanifold(way_down=MEAN, mean=ACTIVE)
    for module in (on_masked_images, on_sites):
        monkeypatch.setattr(module, "submanifold", lambda: choices)
    other = agreement.Both("resnet14b_wd16_s1_sub", (61, 58, 3))
    images = images_of(["track", "border", "nothing"], 4, (61, 58, 3))
    assert max(agreement.differences(other, images)) < 1e-4
    monkeypatch.undo()
    of_the_zoo = both("resnet14b_wd16_s1_sub")
    of_the_zoo.start = other.start
    assert agreement.difference(of_the_zoo.logits(images)[0], other.logits(images)[0]) > 1e-3


@pytest.mark.parametrize("size", [2, 3, 4])
def test_gradients_of_kernels_of_any_size_are_those_on_images(size):
    """No table has an even one yet; their windows are not symmetric about a pixel."""
    shape = (9, 8, 2)
    image = keras.Input(shape, name="adc")

    def built(operations, image):
        x = operations.prepare(image, InputSpec(), None)
        x = operations.convolution(x, 3, 3, 1, True, "first")
        return operations.logits(operations.mean(operations.convolution(x, 4, size, 1, True, "second"), "pool"), 2, "l")

    network = keras.Model(image, built(on_masked_images.OnMaskedImages(), image), name="vgg16b_sub")
    sites = on_sites.OnSites(network)
    logits = built(sites, shape)
    on_these = keras.Model(sites.inputs, logits)
    images = images_of(["track", "border"], 6, shape)
    inputs = images, sites.plan.maker()(agreement.hits_of(images), 2)
    start, found = network.get_weights(), []
    for model, taken in zip((network, on_these), inputs):
        network.set_weights(start)
        model.compile(keras.optimizers.SGD(1.0), "mse")
        model.train_on_batch(taken, np.ones((2, 2)))
        found.append([before - after for before, after in zip(start, network.get_weights())])
    for one, other in zip(*found):
        assert np.abs(one).max() > 0
        assert agreement.difference(one, other) < 1e-4


def test_both_agree_with_the_networks_own_epsilon():
    # Where every normalisation is over many sites, nothing is enlarged and nothing has to be allowed for.
    name, shape = "vgg16b_wd16_sub", (61, 58, 3)
    own = create_model(name, shape, agreement.CLASSES)
    found = agreement.Both(name, shape)
    for layer in found.network.layers:
        if hasattr(layer, "epsilon"):
            layer.epsilon = own.get_layer(layer.name).epsilon
            assert layer.epsilon < 1e-4
    images = images_of(["track", "border", "all"], 8, shape)
    assert agreement.difference(*found.logits(images)) < 1e-4
    one, other, _ = found.gradients(images)
    for path, gradient in one.items():
        assert agreement.difference(gradient, other[path]) < 1e-4, path


def test_an_event_without_hits_has_the_logits_of_nothing_anywhere():
    nothing, alone = (
        both("vgg16b_wd16_sub").logits(images_of(kinds, 1, (61, 34, 3))) for kinds in (["nothing"] * 2, ["nothing"])
    )
    for one, other in zip(nothing, alone):
        assert np.allclose(one, other)
        assert np.isfinite(one).all()


@pytest.mark.parametrize(
    "names",
    [
        ["plainresnet10b_wd16_towers_sub"],
        pytest.param(["resnet14b_wd16_sub", "vgg16b_wd16_sub", "googlenet_wd8_sub"], marks=pytest.mark.slow),
    ],
)
def test_both_executions_agree_on_jax(names):
    result = subprocess.run(
        [sys.executable, _SCRIPT, *names],
        env={**os.environ, "KERAS_BACKEND": "jax"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    lines = [line.split() for line in result.stdout.splitlines()]
    assert [name for name, *_ in lines] == [name for name in names for _ in agreement.CASES]
    for name, *found in lines:
        assert max(map(float, found)) < 1e-4, name
