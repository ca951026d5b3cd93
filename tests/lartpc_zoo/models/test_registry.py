import keras
import numpy as np
import pytest

from lartpc_zoo.errors import BadInput
from lartpc_zoo.models.families import families
from lartpc_zoo.models.inputs import InputSpec
from lartpc_zoo.models.registry import create_model, list_models, network_info

# networks.md of the study's facts: parameters at 1 plane and 5 classes, in millions, to the digits known.
PARAMETERS = {
    "resnet14b": 8.0,
    "resnet29b": 15.1,
    "resnet50b": 23.5,
    "plainresnet10b": 4.9,
    "plainresnet12b": 6.1,
    "plainresnet18b": 11.2,
    "plainresnet20b": 12.4,
}


@pytest.fixture
def images():
    return np.random.default_rng(0).gamma(1.0, 50.0, (2, 64, 64, 3)).astype(np.float32)


def count(model):
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)


@pytest.mark.parametrize("name", list_models())
def test_every_network_builds_and_gives_finite_logits(name, images):
    model = create_model(name, (64, 64, 3))
    logits = model(images)
    assert logits.shape == (2, 5)
    assert str(logits.dtype).endswith("float32'>") or logits.dtype == "float32"
    assert np.isfinite(logits).all()
    assert count(model) == network_info(name, (64, 64, 3))["parameters"]


@pytest.mark.parametrize(("name", "millions"), PARAMETERS.items())
def test_parameters_are_those_of_the_study(name, millions):
    assert round(network_info(name, (576, 576, 1))["parameters"] / 1e6, 1) == millions
    spec = network_info(name)["spec"]
    assert families()[spec.family].depths[spec.depth].parameters == millions * 1e6


@pytest.mark.parametrize(("name", "published"), [("resnet50b", 25_557_032), ("plainresnet18b", 11_689_512)])
def test_parameters_are_those_of_the_published_twin(name, published):
    assert network_info(name, (224, 224, 3), num_classes=1000)["parameters"] == published


def test_multiply_adds_of_a_network_counted_by_hand():
    # plainresnet10b_wd16 at 32 x 32 x 1: stem, then per stage two 3x3 and, but in the first, a projection.
    stem = 7 * 7 * 1 * 4 * 16 * 16
    first = 2 * (9 * 4 * 4 * 8 * 8)
    others = sum((9 * w * 2 * w + 9 * 2 * w * 2 * w + w * 2 * w) * s * s for w, s in ((4, 4), (8, 2), (16, 1)))
    assert network_info("plainresnet10b_wd16", (32, 32, 1))["macs"] == stem + first + others + 32 * 5


def test_multiply_adds_of_bottlenecks_have_the_stride_in_the_first_1x1():
    # resnet14b_wd16 at 32 x 32 x 1: outputs four times as wide; the 3x3 already runs on the smaller image.
    stem = 7 * 7 * 1 * 4 * 16 * 16
    stages, before = 0, 4
    for width, side in ((4, 8), (8, 4), (16, 2), (32, 1)):
        stages += (before * width + 9 * width * width + width * 4 * width + before * 4 * width) * side * side
        before = 4 * width
    assert network_info("resnet14b_wd16", (32, 32, 1))["macs"] == stem + stages + 128 * 5


@pytest.mark.parametrize("name", ["resnet14b_wd8", "plainresnet10b_wd8"])
def test_no_strided_1x1_convolution_whose_gradient_corrupts_memory(name):
    layers = [layer for layer in create_model(name, (64, 64, 3)).layers if isinstance(layer, keras.layers.Conv2D)]
    assert {layer.strides for layer in layers if layer.kernel_size == (1, 1)} == {(1, 1)}


def test_towers_share_one_stem(images):
    alone, towers = network_info("resnet14b", (64, 64, 1)), network_info("resnet14b_towers", (64, 64, 3))
    by_name = [{row["name"]: row for row in info["layers"]} for info in (alone, towers)]
    assert by_name[0]["stem_conv"]["parameters"] == by_name[1]["stem_conv"]["parameters"]
    assert 3 * by_name[0]["stem_conv"]["macs"] == by_name[1]["stem_conv"]["macs"]
    # The first block of the first stage sees three times the channels: in its first 1x1 and in its projection.
    assert towers["parameters"] - alone["parameters"] == 2 * 64 * 64 + 2 * 64 * 256
    model = create_model("resnet14b_wd8_towers", (64, 64, 3))
    assert np.isfinite(model(images)).all()


def test_one_plane_is_all_that_a_network_of_one_plane_sees(images):
    model = create_model("plainresnet10b_wd16_p2", (64, 64, 3))
    other = images.copy()
    other[..., :2] = 7
    assert np.array_equal(model(images), model(other))
    other[..., 2] *= 2
    assert not np.allclose(model(images), model(other))
    assert count(model) == network_info("plainresnet10b_wd16", (64, 64, 1))["parameters"]


@pytest.mark.parametrize("shape", [(64, 64, 1), (64, 96, 2), (160, 100, 3), (65, 71, 3)])
def test_any_size_square_or_not(shape):
    model = create_model("resnet14b_wd16", shape, num_classes=2)
    assert np.isfinite(model(np.ones((1, *shape), np.float32))).all()


def test_stem_stride_and_dense_layers_change_what_they_say():
    rows = {row["name"]: row for row in network_info("resnet14b_s1_fc512x64", (64, 64, 3))["layers"]}
    assert rows["stem_conv"]["output"] == (64, 64, 64)
    assert [rows[name]["output"] for name in ("pool", "fc1", "fc2", "logits")] == [(2048,), (512,), (64,), (5,)]


def test_the_threshold_in_a_name_overrides_that_of_the_input():
    model = create_model("plainresnet10b_wd16_t40", (64, 64, 3), inputs=InputSpec(threshold=3, maximum=400))
    layer = model.get_layer("prepare_adc")
    assert (layer.threshold, layer.maximum, layer.scale) == (40, 400, 0.01)


def test_logits_are_float32_and_weights_stay_so_in_mixed_precision(images):
    model = create_model("plainresnet10b_wd16", (64, 64, 3), dtype="mixed_bfloat16")
    assert model.get_layer("stem_conv").compute_dtype == "bfloat16"
    assert model.get_layer("stem_conv").kernel.dtype == "float32"
    assert keras.ops.convert_to_numpy(model(images)).dtype == np.float32
    assert keras.config.dtype_policy().name == "float32"


def test_a_model_saved_whole_comes_back(images, tmp_path):
    model = create_model("resnet14b_wd16_p2", (64, 64, 3), inputs=InputSpec(threshold=(40, 50, 40)))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert np.array_equal(model(images), again(images))


@pytest.mark.parametrize(
    ("name", "shape", "classes", "inputs", "message"),
    [
        ("resnet14b_p2", (64, 64, 2), 5, None, "looks at plane 2, but the images have planes 0 to 1"),
        ("resnet14b_towers", (64, 64, 1), 5, None, "towers need two or more planes"),
        ("resnet14b", (16, 64, 3), 5, None, "of 32 or more"),
        ("resnet14b", (64, 64), 5, None, "expected .rows, cols, planes"),
        ("resnet14b", (64, 64, 3), 1, None, "expected two or more"),
        ("resnet14b", (64, 64, 3), 5, InputSpec(threshold=(1, 2)), "one for each of 3 planes"),
    ],
)
def test_what_a_network_cannot_take(name, shape, classes, inputs, message):
    with pytest.raises(BadInput, match=message):
        create_model(name, shape, classes, inputs)


def test_the_list_is_in_natural_order_and_takes_patterns():
    assert list_models("resnet29*") == ["resnet29b", "resnet29b_w2", "resnet29b_w4"]
    assert len(list_models()) == 13
    assert list_models("no*") == []
