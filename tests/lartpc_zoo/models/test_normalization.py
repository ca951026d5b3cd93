import keras
import numpy as np
import pytest
import tensorflow as tf
from keras.ops import convert_to_numpy

from lartpc_zoo.backend.devices import find_devices
from lartpc_zoo.models.normalization import Normalization, PreciseStatistics
from lartpc_zoo.models.registry import create_model

BATCHES = np.random.default_rng(1).normal(3.0, 2.0, (4, 8, 6, 5, 3)).astype(np.float32)


def pair():
    """Our layer and Keras's, with the same random scale and offset."""
    layers = Normalization(), keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5)
    weights = np.random.default_rng(2).uniform(0.5, 2.0, (2, 3)).astype(np.float32)
    for layer in layers:
        layer.build((None, 6, 5, 3))
        layer.gamma.assign(weights[0])
        layer.beta.assign(weights[1])
    return layers


def test_the_same_as_keras_in_training_and_inference():
    ours, theirs = pair()
    for batch in BATCHES:
        assert np.allclose(ours(batch, training=True), theirs(batch, training=True), atol=1e-4)
    assert np.allclose(ours.moving_mean, theirs.moving_mean, atol=1e-4)
    # The fused kernel's own variance has Bessel's correction, which would be 1 / 239 more.
    assert np.allclose(ours.moving_variance, theirs.moving_variance, rtol=1e-5)
    assert np.allclose(ours(BATCHES[0]), theirs(BATCHES[0]), atol=1e-4)


def test_gradients_are_those_of_keras():
    results = []
    for layer in pair():
        x = tf.Variable(BATCHES[0])
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.convert_to_tensor(layer(x, training=True)) ** 3)
        results.append(tape.gradient(loss, [x, layer.gamma.value, layer.beta.value]))
    for ours, theirs in zip(*results):
        assert np.allclose(ours, theirs, rtol=1e-3, atol=1e-2)


def test_the_same_variables_as_keras():
    assert [weight.name for weight in pair()[0].weights] == [weight.name for weight in pair()[1].weights]


def test_bfloat16_stays_bfloat16_with_float32_statistics():
    layer = Normalization(dtype="mixed_bfloat16")
    outputs = layer(BATCHES[0], training=True)
    assert outputs.dtype == tf.bfloat16
    assert layer.moving_mean.dtype == "float32"
    assert np.allclose(tf.cast(outputs, tf.float32), Normalization()(BATCHES[0], training=True), atol=0.05)


def one_layer_model():
    image = keras.Input((6, 5, 3))
    return keras.Model(image, Normalization()(image))


def mean_of(model):
    return convert_to_numpy(model.layers[1].moving_mean)


def test_estimated_statistics_are_the_means_over_the_batches():
    model = one_layer_model()
    estimator = PreciseStatistics(model, steps=4)
    for _ in range(2):
        estimator.estimate(tf.data.Dataset.from_tensor_slices(BATCHES))
        assert np.allclose(mean_of(model), BATCHES.mean(axis=(0, 1, 2, 3)), atol=1e-4)
        variance = BATCHES.var(axis=(1, 2, 3)).mean(axis=0)
        assert np.allclose(convert_to_numpy(model.layers[1].moving_variance), variance, rtol=1 / 239 + 1e-4)
    before = mean_of(model)
    model.predict(BATCHES[0], verbose=0)
    assert np.array_equal(before, mean_of(model))


@pytest.mark.parametrize("name", ["resnet14b_wd16", "plainresnet10b_wd16_towers"])
def test_after_an_estimate_a_deep_network_gives_in_inference_what_it_gave_in_training(name):
    model = create_model(name, (64, 64, 3))
    images = np.random.default_rng(3).gamma(0.2, 100.0, (16, 64, 64, 3)).astype(np.float32)
    images[..., 1:] *= (3, 10)  # planes that are not alike
    in_training = np.array(model(images, training=True))
    assert not np.allclose(model(images), in_training, rtol=0.1, atol=0.1)
    PreciseStatistics(model, steps=1).estimate(tf.data.Dataset.from_tensors(images))
    assert np.allclose(model(images), in_training, rtol=0.05, atol=0.05)


def test_two_replicas_use_and_keep_the_statistics_of_the_whole_batch():
    devices = find_devices(["CPU:0", "CPU:1"])
    with devices.scope():
        model = one_layer_model()
        model.compile("sgd", "mse")
        estimator = PreciseStatistics(model, steps=4)
        strategy = tf.distribute.get_strategy()
    # One half of every batch is unlike the other: replicas on their own would disagree.
    batches = BATCHES.copy()
    batches[:, 4:] += 10
    estimator.estimate(tf.data.Dataset.from_tensor_slices(batches))
    layer = model.layers[1]
    for variable, expected in (
        (layer.moving_mean, batches.mean(axis=(0, 1, 2, 3))),
        (layer.moving_variance, batches.var(axis=(1, 2, 3)).mean(axis=0)),
    ):
        replicas = [np.array(value) for value in strategy.experimental_local_results(variable.value)]
        assert len(replicas) == 2
        assert np.array_equal(*replicas)
        assert np.allclose(replicas[0], expected, rtol=1e-3)


def test_a_failed_estimate_leaves_the_layers_as_they_were():
    model = one_layer_model()

    def failing():
        yield BATCHES[0]
        raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        PreciseStatistics(model, steps=4).estimate(failing())
    before = mean_of(model)
    model(BATCHES[0])
    assert np.array_equal(before, mean_of(model))


def test_a_model_is_as_it_was_but_for_its_statistics(tmp_path):
    model = create_model("resnet14b_wd16", (64, 64, 3))
    layers, output = model.layers, model.get_layer("stage2_block1_out").output
    before = {weight.path: convert_to_numpy(weight) for weight in model.weights}
    images = np.random.default_rng(4).gamma(0.2, 100.0, (2, 64, 64, 3)).astype(np.float32)
    PreciseStatistics(model, steps=1).estimate(tf.data.Dataset.from_tensors(images))
    assert model.layers == layers
    assert model.get_layer("stage2_block1_out").output is output
    changed = {weight.name for weight in model.weights if not np.array_equal(before[weight.path], weight)}
    assert changed == {"moving_mean", "moving_variance"}
    model.save(tmp_path / "model.keras")
    assert np.array_equal(keras.saving.load_model(tmp_path / "model.keras")(images), model(images))


def test_a_model_without_normalisation_is_left_alone():
    model = create_model("googlenet_wd8", (64, 64, 3))
    before = [convert_to_numpy(weight) for weight in model.weights]

    def never():
        raise AssertionError("no batch is needed")
        yield

    PreciseStatistics(model, steps=1).estimate(never())
    assert all(np.array_equal(*pair) for pair in zip(before, model.weights, strict=True))
