import pytest

from lartpc_zoo.models.registry import network_info
from lartpc_zoo.plots.network import draw_network


@pytest.mark.parametrize("name", ["plainresnet10b_wd16", "vgg16a_wd16", "resnet14b_wd16_towers"])
@pytest.mark.parametrize("ending", ["png", "pdf"])
def test_any_network_can_be_drawn(name, ending, tmp_path):
    path = tmp_path / f"network.{ending}"
    draw_network(network_info(name, (64, 64, 3)), path)
    assert path.read_bytes()[:4] in (b"\x89PNG", b"%PDF")
