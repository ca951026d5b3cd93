import dataclasses
import subprocess
import sys

import pytest

from lartpc_zoo.errors import BadInput, UnknownNetwork
from lartpc_zoo.models.catalogue import NetworkInfo, list_models, natural_order, network_info


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
