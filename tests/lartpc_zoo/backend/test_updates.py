import keras
import numpy as np
import pytest
from keras.ops import convert_to_numpy

from lartpc_zoo.backend.devices import find_devices
from lartpc_zoo.backend.updates import compile_updates


def variables():
    random = np.random.default_rng(1)
    return [keras.Variable(random.normal(size=shape), name=f"v{len(shape)}") for shape in ((3, 4), (5,))]


def optimizer_for(weights, class_name, compiled):
    optimizer = getattr(keras.optimizers, class_name)(0.1, weight_decay=0.01)
    optimizer.build(weights)
    if compiled:
        compile_updates(optimizer, weights)
    return optimizer


@pytest.mark.parametrize("class_name", ["AdamW", "RMSprop", "SGD", "Lamb"])
def test_compiled_updates_are_the_updates_of_the_optimizer(class_name):
    results = []
    for compiled in (True, False):
        weights = variables()
        optimizer = optimizer_for(weights, class_name, compiled)
        for step in range(3):
            gradients = [np.full(weight.shape, 0.5 * step + 0.1, np.float32) for weight in weights]
            optimizer.apply_gradients(zip(map(keras.ops.convert_to_tensor, gradients), weights))
        assert int(optimizer.iterations) == 3
        results.append([convert_to_numpy(weight) for weight in weights])
    for ours, plain in zip(*results):
        assert np.allclose(ours, plain, rtol=1e-5, atol=1e-6)


def test_gradients_of_other_variables_do_not_meet_the_wrong_ones():
    weights = variables()
    before = [convert_to_numpy(weight) for weight in weights]
    optimizer = optimizer_for(weights, "SGD", compiled=True)
    optimizer.apply_gradients([(keras.ops.ones((5,)), weights[1])])
    assert np.array_equal(convert_to_numpy(weights[0]), before[0])
    assert not np.array_equal(convert_to_numpy(weights[1]), before[1])


def test_in_the_scope_of_a_strategy_the_update_stays_keras_own():
    with find_devices(["CPU:0", "CPU:1"]).scope():
        weights = variables()
        optimizer = optimizer_for(weights, "SGD", compiled=False)
        plain = optimizer.apply
        compile_updates(optimizer, weights)
    assert optimizer.apply == plain
