import warnings

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lartpc_zoo.errors import BadInput
from lartpc_zoo.models.catalogue import list_models, network_info
from lartpc_zoo.models.input_spec import InputSpec
from lartpc_zoo.models.registry import HeavyNetwork, create_model

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
# At 224 x 224 x 3 with 1000 classes: torchvision (ResNet-18 and -50, VGG16, AlexNet) and Caffe's bvlc_googlenet.
PUBLISHED = {
    "resnet50b": 25_557_032,
    "plainresnet18b": 11_689_512,
    "vgg16a": 138_357_544,
    "alexnet": 61_100_840,
    "googlenet": 6_998_552,
}
# One network of every family and variant, narrow enough to be fast.
NARROW = ["resnet14b_wd16", "plainresnet10b_wd16", "vgg16a_wd16_fc8", "vgg16b_wd16", "vgg16c_wd16", "alexnet_wd16_fc8"]
NARROW += ["googlenet_wd8"]
ANY_SIZE = [name for name in NARROW if not name.startswith(("vgg16a", "alexnet"))]


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
    assert keras.backend.standardize_dtype(logits.dtype) == "float32"
    assert np.isfinite(logits).all()
    assert count(model) == network_info(name, (64, 64, 3)).parameters


@pytest.mark.parametrize(("name", "millions"), PARAMETERS.items())
def test_parameters_are_those_of_the_study(name, millions):
    assert round(network_info(name, (576, 576, 1)).parameters / 1e6, 1) == millions


@pytest.mark.parametrize(("name", "published"), PUBLISHED.items())
def test_parameters_are_those_of_the_published_twin(name, published):
    assert network_info(name, (224, 224, 3), num_classes=1000).parameters == published


@pytest.mark.parametrize("name", NARROW)
def test_towers_share_the_weights_of_their_stem(name, images):
    alone, towers = network_info(name, (64, 64, 1)), network_info(f"{name}_towers", (64, 64, 3))
    by_name = [{row.name: row for row in info.layers} for info in (alone, towers)]
    differing = {row for row, found in by_name[0].items() if found.parameters != by_name[1][row].parameters}
    # Only the convolutions that see the channels of three planes side by side are larger.
    first = {"googlenet_wd8": {"conv2_reduce_conv"}, "alexnet_wd16_fc8": {"conv2_conv"}}
    first |= {"resnet14b_wd16": {"stage2_block1_1_conv", "stage2_block1_projection_conv"}}
    first |= {"plainresnet10b_wd16": {"stage2_block1_1_conv"}}
    # Three times the channels also need a projection where there was none.
    added = {"stage2_block1_projection_conv", "stage2_block1_projection_norm"} if "plain" in name else set()
    planes = {"split_planes", "join_planes"}
    assert differing == first.get(name, {"conv2_1_conv"})
    assert set(by_name[1]) - set(by_name[0]) == added | planes
    stem = next(row for row in by_name[0] if row.endswith("_conv"))
    assert by_name[1][stem].macs == 3 * by_name[0][stem].macs
    assert by_name[1][stem].activations == 3 * by_name[0][stem].activations
    assert np.isfinite(create_model(f"{name}_towers", (64, 64, 3))(images)).all()


@pytest.mark.parametrize("name", NARROW)
def test_one_plane_is_all_that_a_network_of_one_plane_sees(name, images):
    model = create_model(f"{name}_p2", (64, 64, 3))
    other = images.copy()
    other[..., :2] = 7
    assert np.array_equal(model(images), model(other))
    other[..., 2] *= 2
    assert not np.allclose(model(images), model(other))
    assert count(model) == network_info(name, (64, 64, 1)).parameters


@settings(deadline=None, max_examples=15)
@given(
    st.sampled_from(ANY_SIZE),
    st.tuples(st.integers(64, 200), st.integers(64, 200), st.integers(1, 3)),
    st.integers(2, 10),
)
def test_any_size_square_or_not_any_planes_and_classes(name, shape, classes):
    logits = create_model(name, shape, classes)(np.ones((1, *shape), np.float32))
    assert logits.shape == (1, classes)
    assert np.isfinite(logits).all()


@pytest.mark.parametrize("name", ANY_SIZE)
@pytest.mark.parametrize("shape", [(64, 768, 1), (768, 64, 3), (768, 768, 2)])
def test_the_largest_images(name, shape):
    assert np.isfinite(create_model(name, shape)(np.ones((1, *shape), np.float32))).all()


@pytest.mark.parametrize("shape", [(64, 64, 3), (577, 600, 2)])
@pytest.mark.parametrize("name", ANY_SIZE)
def test_without_a_first_dense_layer_the_weights_do_not_depend_on_the_size(name, shape):
    info = network_info(name, shape)
    assert info.first_dense is None
    assert info.parameters == network_info(name, (320, 256, shape[2])).parameters


@pytest.mark.parametrize(
    ("name", "first_dense"), [("vgg16a", 18 * 18 * 512 * 4096 + 4096), ("alexnet", 17 * 17 * 256 * 4096 + 4096)]
)
def test_what_a_first_dense_layer_weighs_is_said_before_it_is_built(name, first_dense, monkeypatch):
    info = network_info(name, (576, 576, 3))
    assert info.first_dense == first_dense

    def build(*arguments):
        raise RuntimeError("now it is built")

    monkeypatch.setattr("lartpc_zoo.models.registry.build", build)
    told = f"{name} at 576 x 576 x 3: {first_dense / 1e6:,.0f} of .* million parameters"
    with pytest.warns(HeavyNetwork, match=told), pytest.raises(RuntimeError, match="now it is built"):
        create_model(name, (576, 576, 3))


@pytest.mark.parametrize(("name", "smallest"), [("alexnet", 57), ("vgg16a", 32), ("resnet14b", 32), ("alexnet_s1", 32)])
def test_the_smallest_image_is_the_smallest_that_works(name, smallest):
    info = network_info(name, (smallest, 64, 1))
    assert info.smallest_side == smallest
    assert all(min(row.output) > 0 for row in info.layers)
    with pytest.raises(BadInput, match=f"of {smallest} or more"):
        create_model(name, (64, smallest - 1, 1))


def test_stem_stride_and_dense_layers_change_what_they_say():
    rows = {row.name: row for row in network_info("resnet14b_s1_fc512x64", (64, 64, 3)).layers}
    assert rows["stem_conv"].output == (64, 64, 64)
    assert rows["stem_pool"].output == (32, 32, 64)
    assert [rows[name].output for name in ("pool", "fc1", "fc2", "logits")] == [(2048,), (512,), (64,), (5,)]


def test_what_the_tokens_of_a_name_do_is_in_its_info():
    tokens = network_info("vgg16c_wd4_s1_fc512x64_t40_towers", (64, 64, 3)).tokens
    assert list(tokens) == ["_wd4", "_s1", "_fc512x64", "_t40", "_towers"]
    assert "1/4 times as wide" in tokens["_wd4"]
    assert "stride 1; the pool after it stays" in tokens["_s1"]
    assert "512 and 64 units" in tokens["_fc512x64"]
    assert "ReLU and then dropout 0.5" in tokens["_fc512x64"]
    assert "only channel 2" in network_info("resnet14b_p2", (64, 64, 3)).tokens["_p2"]
    assert network_info("resnet14b", (64, 64, 3)).tokens == {}


def test_dense_layers_have_relu_and_dropout():
    model = create_model("resnet14b_wd16_fc8", (64, 64, 3))
    assert model.get_layer("fc1").activation is keras.activations.relu
    assert model.get_layer("fc1_dropout").rate == 0.5


def test_vgg_variants_are_what_their_facts_say():
    layers = {name: create_model(f"{name}_wd16", (64, 64, 3)) for name in ("vgg16a", "vgg16b", "vgg16c")}
    normalised = {name: any("norm" in layer.name for layer in model.layers) for name, model in layers.items()}
    assert normalised == {"vgg16a": False, "vgg16b": True, "vgg16c": True}
    assert layers["vgg16c"].get_layer("conv1_1_conv").kernel_size == (5, 5)
    assert layers["vgg16c"].get_layer("conv1_1_conv").strides == (2, 2)
    assert layers["vgg16c"].get_layer("pool5").strides == (1, 1)
    assert layers["vgg16a"].get_layer("fc2").units == 4096


@pytest.mark.parametrize("name", list_models())
def test_every_network_says_what_is_found_and_what_is_inferred(name):
    info = network_info(name)
    assert info.found
    assert info.inferred
    assert info.table1 is (name in ("resnet14b", "resnet29b", "resnet29b_w4", "resnet50b"))


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


@pytest.mark.parametrize(
    "name", [*(f"{name}_p2" for name in NARROW), "resnet14b_wd16_towers_sub", "vgg16a_wd16_fc8_sub"]
)
def test_a_model_saved_whole_comes_back(name, images, tmp_path):
    model = create_model(name, (64, 64, 3), inputs=InputSpec(threshold=(40, 50, 40)))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert np.array_equal(model(images), again(images))


@pytest.mark.parametrize(
    ("name", "shape", "classes", "inputs", "message"),
    [
        ("resnet14b_p2", (64, 64, 2), 5, None, "looks at plane 2, but the images have planes 0 to 1"),
        ("resnet14b_towers", (64, 64, 1), 5, None, "towers need two or more planes"),
        ("resnet14b", (16, 64, 3), 5, None, "of 32 or more"),
        ("resnet14b", (64, 64), 5, None, "expected whole numbers .rows, cols, planes"),
        ("resnet14b", (None, None, 3), 5, None, "expected whole numbers"),
        ("resnet14b", (64.0, 64, 3), 5, None, "expected whole numbers"),
        ("resnet14b", (64, 64, 3), 1, None, "expected two or more"),
        ("resnet14b", (64, 64, 3), 5, InputSpec(threshold=(1, 2)), "one for each of 3 planes"),
    ],
)
def test_what_a_network_cannot_take(name, shape, classes, inputs, message):
    with pytest.raises(BadInput, match=message):
        create_model(name, shape, classes, inputs)


def test_sides_may_be_numbers_of_numpy():
    assert create_model("plainresnet10b_wd16", np.array([64, 96, 1])).input_shape == (None, 64, 96, 1)


def test_small_networks_with_a_first_dense_layer_come_without_a_warning():
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        model = create_model("alexnet_wd16_fc8", (64, 64, 1))
    assert told == []
    assert count(model) == network_info("alexnet_wd16_fc8", (64, 64, 1)).parameters


def test_the_list_is_in_natural_order_and_takes_patterns():
    assert list_models("resnet29*") == ["resnet29b", "resnet29b_w2", "resnet29b_w4"]
    assert list_models("vgg*") == ["vgg16a", "vgg16b", "vgg16c"]
    assert len(list_models()) == 18
    assert list_models("no*") == []


@pytest.mark.parametrize(
    ("name", "total"),
    [
        ("resnet14b_wd16", -0.7083077),
        ("googlenet_wd8", 3.0555084),
        ("alexnet_wd16_fc8", -2.4661012),
        ("vgg16a_wd16_fc8", 4.4450331),
    ],
)
def test_the_weights_of_a_seed_are_those_of_every_version(name, total):
    keras.utils.set_random_seed(3)
    kernel = create_model(name, (64, 64, 1)).get_layer("logits").kernel
    assert keras.ops.convert_to_numpy(kernel).sum() == pytest.approx(total, rel=1e-5)
