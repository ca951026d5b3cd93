import os

import numpy as np
import pytest

from lartpc_zoo.backend import devices
from lartpc_zoo.errors import BadInput
from lartpc_zoo.metrics.scores import logits_of
from lartpc_zoo.models.execution import executed, resolve_execution
from lartpc_zoo.models.registry import create_model
from lartpc_zoo.models.spec import parse_network

SUB, DENSE = parse_network("resnet14b_sub"), parse_network("resnet14b")


@pytest.fixture
def on_a_gpu(monkeypatch):
    monkeypatch.setattr(devices, "gpu_kinds", lambda: ["NVIDIA X"])


def test_auto_is_sites_for_submanifold_networks_on_a_cpu():
    assert resolve_execution("auto", SUB) == "sites"
    assert resolve_execution("auto", DENSE) == "images"
    assert resolve_execution("auto", SUB, ["CPU:0"]) == "sites"
    assert resolve_execution("images", SUB) == "images"


def test_auto_is_images_on_gpus_and_on_several_devices(on_a_gpu):
    assert resolve_execution("auto", SUB) == "images"
    assert resolve_execution("auto", SUB, ["GPU:0"]) == "images"
    assert resolve_execution("auto", SUB, ["CPU:0", "CPU:1"]) == "images"
    assert resolve_execution("sites", SUB) == "sites"


def test_what_cannot_be_run_on_sites():
    with pytest.raises(BadInput, match="resnet14b computes at every pixel.*as in resnet14b_sub"):
        resolve_execution("sites", DENSE)
    with pytest.raises(BadInput, match="several devices share batches of images only"):
        resolve_execution("sites", SUB, ["CPU:0", "CPU:1"])
    with pytest.raises(BadInput, match="Execution 'site': expected one of auto, images, sites"):
        resolve_execution("site", SUB)


def test_a_network_on_images_is_run_as_it_is():
    network = create_model("plainresnet10b_wd16", (64, 64, 3))
    ran = executed(network)
    assert (ran.model, ran.network, ran.execution, ran.plan) == (network, network, "images", None)


def test_on_sites_it_has_the_weights_of_the_network():
    network = create_model("resnet14b_wd16_sub", (64, 64, 3))
    model = executed(network, "sites").model
    assert {id(weight) for weight in model.weights} == {id(weight) for weight in network.weights}
    network.get_layer("stem_conv").trainable = False
    assert len(model.trainable_weights) == len(network.trainable_weights) < len(network.weights)


@pytest.mark.parametrize(
    "options", [{}, {"pad": True}, {"training": True, "seed": 3, "mirror": True, "exchange_planes": True}]
)
def test_batches_on_sites_are_those_on_images(options, small_data):
    network = create_model("plainresnet10b_wd16_towers_sub", small_data.image_shape)
    on_images, on_sites = (executed(network, execution) for execution in ("images", "sites"))
    batches = [ran.batches(small_data)("train", 6, **options).take(5) for ran in (on_images, on_sites)]
    for (images, labels), (sites, its_labels) in zip(*batches, strict=True):
        assert np.array_equal(labels, its_labels)
        expected = on_images.model.predict_on_batch(images)
        assert np.allclose(expected, on_sites.model.predict_on_batch(sites), atol=1e-5)


def test_a_sample_is_scored_alike(small_data):
    network = create_model("resnet14b_wd16_sub", small_data.image_shape)
    found = []
    for execution, size in (("images", 4), ("sites", 4), ("sites", 7)):
        ran = executed(network, execution)
        found.append(logits_of(ran.model, ran.batches(small_data)("testA", size, pad=True), 10))
    assert np.ptp(found[0], axis=0).min() > 0
    for other in found[1:]:
        assert np.allclose(found[0], other, atol=1e-5)


@pytest.mark.parametrize("execution", ["images", "sites"])
def test_data_of_another_shape_are_refused(small_data, execution):
    rows, cols, planes = small_data.image_shape
    ran = executed(create_model("plainresnet10b_wd16_sub", (rows + 8, cols, planes)), execution)
    with pytest.raises(BadInput, match=rf"images of shape \({rows}, .* but this plainresnet10b_wd16_sub takes"):
        ran.batches(small_data)


def test_two_iterators_of_one_feed_do_not_mix(small_data):
    ran = executed(create_model("plainresnet10b_wd16_sub", small_data.image_shape), "sites")
    feed = ran.batches(small_data)("train", 3)
    alone = [[np.asarray(part) for part in inputs] for inputs, _ in feed]
    for _ in range(5):
        for expected, *both in zip(alone, feed, feed):
            for inputs, _ in both:
                assert all(map(np.array_equal, expected, map(np.asarray, inputs)))


def test_large_images_are_scored_fewer_at_a_time():
    small, large = (create_model("plainresnet10b_wd16_sub", shape) for shape in ((288, 288, 3), (3456, 2400, 3)))
    assert executed(small, "images").scoring_size(20) == 20
    assert executed(small, "sites").scoring_size(20) == 100
    assert executed(small, "sites").scoring_size(200) == 200
    assert executed(large, "sites").scoring_size(2) == 5


@pytest.mark.parametrize("said", [None, "7"])
def test_primitives_are_kept_unless_the_environment_says_how_many(said, monkeypatch):
    name = "ONEDNN_PRIMITIVE_CACHE_CAPACITY"
    monkeypatch.setenv(name, said or "")
    if said is None:
        monkeypatch.delenv(name)
    network = create_model("plainresnet10b_wd16_sub", (64, 64, 3))
    executed(network, "images")
    assert os.environ.get(name) == said
    executed(network, "sites")
    assert int(os.environ[name]) == 7 if said else int(os.environ[name]) > 1024
