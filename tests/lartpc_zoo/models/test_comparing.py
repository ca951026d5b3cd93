import pytest

from lartpc_zoo.models.catalogue import list_models
from lartpc_zoo.models.comparing import axis_between
from lartpc_zoo.models.spec import parse_network


@pytest.mark.parametrize(
    ("one", "other", "axis"),
    [
        ("resnet14b_wd4", "resnet29b_wd4", "depth"),
        ("resnet14b", "resnet14b_w4", "width"),
        ("plainresnet10b_wd4", "resnet14b_wd4", "plain or bottleneck blocks"),
        ("plainresnet18b_wd4", "resnet29b_wd4", None),  # 8 and 9 blocks
        ("plainresnet20b", "resnet29b", "plain or bottleneck blocks"),
        ("resnet14b_wd4", "resnet14b_wd4_fc512", "fully connected head"),
        ("resnet14b_wd4", "resnet14b_wd4_s1", "stride of the stem"),
        ("resnet14b_wd4", "resnet14b_wd4_t40", "input sparsification"),
        ("resnet14b_wd4_p2", "resnet14b_wd4_towers", "planes"),
        ("vgg16b", "vgg16c", "variant"),
        ("resnet14b", "resnet29b_w2", None),
        ("alexnet", "googlenet", None),
        ("resnet14b", "resnet14b", None),
    ],
)
def test_one_axis_or_none(one, other, axis):
    assert axis_between(parse_network(one), parse_network(other)) == axis
    assert axis_between(parse_network(other), parse_network(one)) == axis


def test_every_network_of_the_study_with_every_other():
    networks = [parse_network(name) for name in list_models()]
    axes = {axis_between(one, other) for one in networks for other in networks}
    assert axes == {None, "depth", "width", "variant", "plain or bottleneck blocks"}
