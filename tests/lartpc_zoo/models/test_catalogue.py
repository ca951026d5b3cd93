import dataclasses
import subprocess
import sys

import pytest

from lartpc_zoo.errors import BadInput, UnknownNetwork
from lartpc_zoo.models.catalogue import NetworkInfo, list_models, natural_order, network_info
from lartpc_zoo.models.input_spec import InputSpec


def test_what_is_known_of_a_network():
    info = network_info("resnet14b_wd4_fc512", (144, 144, 3), 4)
    assert (info.name, info.input_shape, info.num_classes) == ("resnet14b_wd4_fc512", (144, 144, 3), 4)
    assert info.about == "ResNet of bottleneck blocks (1x1, 3x3, 1x1)"
    assert info.parameters == sum(layer.parameters for layer in info.layers)
    assert info.macs == sum(layer.macs for layer in info.layers)
    assert info.weights_mb == pytest.approx(4e-6 * info.parameters)
    assert not info.table1
    assert network_info("resnet14b").table1
    assert info.found and info.inferred
    with pytest.raises(dataclasses.FrozenInstanceError):
        info.macs = 0


def test_the_largest_networks_are_counted_without_keras_and_without_an_array():
    code = """
import sys
from lartpc_zoo.models.catalogue import list_models, network_info
assert max(network_info(name).parameters for name in list_models()) > 600e6
print([name for name in ("keras", "tensorflow", "jax", "numpy") if name in sys.modules])
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_names_in_natural_order():
    assert sorted(["resnet29b_w10", "resnet29b_w2", "resnet14b"], key=natural_order) == [
        "resnet14b",
        "resnet29b_w2",
        "resnet29b_w10",
    ]
    assert list_models("plain*_w4") == ["plainresnet10b_w4", "plainresnet18b_w4", "plainresnet20b_w4"]


def test_what_there_is_not():
    with pytest.raises(UnknownNetwork):
        network_info("resnet15b")
    with pytest.raises(BadInput, match="of 32 or more"):
        network_info("resnet14b", (16, 64, 3))
    assert isinstance(network_info("resnet14b"), NetworkInfo)


def test_a_submanifold_network_costs_what_is_active_in_a_data_set(small_data):
    name, shape = "plainresnet10b_wd16_sub", small_data.image_shape
    info, everywhere = network_info(name, data=small_data), network_info(name, shape)
    assert everywhere.dense is None
    assert vars(info.dense) == {field: getattr(everywhere, field) for field in vars(info.dense)}
    images = small_data.hits("train").images(range(20))
    for stride, layer in ((2, "stem_conv"), (4, "stem_pool"), (8, "stage3_block1_out")):
        rows, cols = (-(-side // stride) for side in shape[:2])
        blocks = images.reshape(20, rows, stride, cols, stride, shape[2])
        cells = blocks.any(axis=(2, 4, 5)).sum() / 20
        found = next(one for one in info.layers if one.name == layer)
        assert found.cells == pytest.approx(cells)
        assert found.activations == round(cells * found.output[-1])
    conv = next(one for one in info.layers if one.name == "stem_conv")
    assert conv.macs == round(49 * 3 * 4 * conv.cells)
    assert info.parameters == everywhere.parameters == network_info(name.removesuffix("_sub"), shape).parameters


def test_planes_and_thresholds_decide_what_is_active(small_data):
    def macs(name, **options):
        return network_info(f"plainresnet10b_wd16{name}_sub", data=small_data, **options).macs

    assert macs("_t50") < macs("")
    assert macs("", inputs=InputSpec(threshold=50.0)) == macs("_t50")
    hits = small_data.hits("train")
    towers = network_info("plainresnet10b_wd16_towers_sub", data=small_data)
    split = next(layer for layer in towers.layers if layer.name == "split_planes")
    assert split.cells == pytest.approx(len(hits.index) / len(hits))  # every plane has its own


def test_a_network_that_is_not_submanifold_costs_the_same_on_any_data(small_data):
    info = network_info("plainresnet10b_wd16", data=small_data)
    assert (info.macs, info.dense) == (network_info("plainresnet10b_wd16", small_data.image_shape).macs, None)
    with pytest.raises(BadInput, match=r"input shape \(32, 32, 3\), but the images of .* are \(64, 64, 3\)"):
        network_info("plainresnet10b_wd16_sub", (32, 32, 3), data=small_data)
