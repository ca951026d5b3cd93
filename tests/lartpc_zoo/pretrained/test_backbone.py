import keras
import numpy as np
import pytest

from lartpc_zoo import create_model, load_pretrained
from lartpc_zoo.errors import BadInput


def weights_of(model):
    return {weight.path: keras.ops.convert_to_numpy(weight) for weight in model.weights}


def test_all_layers_but_the_last_are_the_trained_ones(published, network):
    model = create_model(network, weights=published, num_classes=3)
    assert model.output_shape == (None, 3)
    assert model.input_shape == (None, 64, 64, 3)
    ours, trained = weights_of(model), weights_of(load_pretrained(published))
    assert set(ours) == set(trained)
    for path, weight in ours.items():
        if path.startswith("logits/"):
            assert weight.shape[-1] == 3
        else:
            assert np.array_equal(weight, trained[path])
    assert model.get_layer("prepare_adc").maximum == 300.0


def test_the_last_layer_is_new_even_where_there_are_as_many_classes(published, network):
    ours, trained = weights_of(create_model(network, weights=published)), weights_of(load_pretrained(published))
    assert not np.array_equal(ours["logits/kernel"], trained["logits/kernel"])


def test_a_network_with_a_mean_over_the_image_takes_other_images(published, network):
    assert create_model(network, (96, 128, 3), weights=published).input_shape == (None, 96, 128, 3)


def test_a_trunk_of_another_network_is_refused(published):
    with pytest.raises(BadInput, match=r"resnet14b: small has the weights of another network, plainresnet10b"):
        create_model("resnet14b", weights=published)
