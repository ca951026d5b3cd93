import keras
import numpy as np
import pytest

from lartpc_zoo.metrics.scores import accuracy, cross_entropy, logits_of

LOGITS = np.random.default_rng(0).normal(0, 3, (50, 4)).astype(np.float32)
LABELS = np.random.default_rng(1).integers(0, 4, 50)


def test_cross_entropy_and_accuracy_are_those_of_keras():
    theirs = keras.losses.sparse_categorical_crossentropy(LABELS, LOGITS, from_logits=True)
    assert np.allclose(cross_entropy(LOGITS, LABELS), theirs, atol=1e-5)
    expected = keras.ops.convert_to_numpy(keras.metrics.sparse_categorical_accuracy(LABELS, LOGITS)).mean()
    assert accuracy(LOGITS, LABELS) == pytest.approx(expected)


def test_large_logits_give_finite_losses():
    logits = np.array([[1e4, 0.0], [0.0, 1e4]], np.float32)
    assert cross_entropy(logits, np.array([1, 1])).tolist() == [1e4, 0.0]


def test_the_loss_of_a_network_has_no_regularisation_in_it():
    image = keras.Input((4,))
    model = keras.Model(image, keras.layers.Dense(4, kernel_regularizer=keras.regularizers.L2(1e6))(image))
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    x = np.ones((50, 4), np.float32)
    logits = logits_of(model, x, 50)
    assert cross_entropy(logits, LABELS).mean() < 100 < model.evaluate(x, LABELS, verbose=0)


def test_padding_is_cut_back_and_too_few_scores_are_an_error():
    image = keras.Input((2,))
    model = keras.Model(image, keras.layers.Dense(3)(image))
    x = np.random.default_rng(2).normal(size=(7, 2)).astype(np.float32)
    told = []
    assert np.allclose(logits_of(model, x, 5, told.append), keras.ops.convert_to_numpy(model(x))[:5], atol=1e-6)
    assert told == [5]
    with pytest.raises(ValueError, match="7 events were scored, expected 8"):
        logits_of(model, x, 8)


def test_events_are_scored_without_tensorfloat(monkeypatch):
    import tensorflow as tf

    in_use = tf.config.experimental.tensor_float_32_execution_enabled
    image = keras.Input((4,))
    model = keras.Model(image, keras.layers.Dense(4)(image))
    plain, seen = model.predict, []

    def predict(*arguments, **options):
        seen.append(in_use())
        return plain(*arguments, **options)

    monkeypatch.setattr(model, "predict", predict)
    logits_of(model, np.ones((3, 4), np.float32), 3)
    assert seen == [False]
    assert in_use()
