import keras
import pytest

from lartpc_zoo.backend.precision import dtype_policy
from lartpc_zoo.models.convolution import PointwiseConv2D
from lartpc_zoo.models.input_spec import InputSpec
from lartpc_zoo.models.on_images import OnImages
from lartpc_zoo.models.operations import Operations


@pytest.fixture
def image():
    return keras.Input((16, 12, 3))


def layer_of(output):
    """The layer that made a tensor."""
    return output._keras_history.operation


def test_every_operation_is_there():
    assert Operations.__abstractmethods__ <= set(vars(OnImages))
    with pytest.raises(TypeError, match="abstract"):
        Operations()


@pytest.mark.parametrize(("size", "stride", "kind"), [(1, 1, PointwiseConv2D), (3, 1, keras.layers.Conv2D)])
def test_convolutions_of_one_pixel_are_products_of_matrices(size, stride, kind, image):
    layer = layer_of(OnImages().convolution(image, 4, size, stride, False, "a"))
    assert type(layer) is kind
    assert (layer.name, layer.filters, layer.kernel_size, layer.use_bias) == ("a", 4, (size, size), False)
    assert isinstance(layer.kernel_initializer, keras.initializers.HeNormal)


def test_the_way_down_takes_pixels_and_does_nothing_without_a_stride(image):
    assert OnImages().way_down(image, 1, "a") is image
    assert OnImages().way_down(image, 2, "a").shape == (None, 8, 6, 3)


def test_what_needs_digits_is_float32_whatever_the_policy(image):
    operations = OnImages()
    with dtype_policy("mixed_bfloat16"):
        prepared = operations.prepare(image, InputSpec(), 2)
        features = operations.convolution(prepared, 4, 3, 1, True, "a")
        mean = operations.mean(features, "pool")
        logits = operations.logits(operations.dense(mean, 8, True, "fc1"), 5, "logits")
    assert prepared.shape == (None, 16, 12, 1)
    assert [tensor.dtype for tensor in (prepared, features, mean, logits)] == [
        "float32",
        "bfloat16",
        "float32",
        "float32",
    ]
    assert layer_of(logits).activation is keras.activations.linear
