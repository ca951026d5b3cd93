import keras
import numpy as np
import pandas as pd
import pytest

from lartpc_zoo.models.normalization import PreciseStatistics
from lartpc_zoo.models.registry import create_model
from lartpc_zoo.training import callbacks, trainer
from lartpc_zoo.training.train import train
from lartpc_zoo.training.trainer import compile_for_training


def test_the_learning_rate_falls_with_the_iteration(finished_run):
    history = finished_run.history
    assert np.allclose(history["learning_rate"], 0.01 / (1 + 0.01 * history["iteration"]), rtol=1e-5)


def test_the_penalty_is_that_of_all_kernels_and_of_nothing_else(tiny):
    network = create_model("plainresnet10b_wd16_fc8", (64, 64, 3))
    model = compile_for_training(network, tiny(l2=0.5)).model
    kernels = [keras.ops.convert_to_numpy(w) for w in network.trainable_weights if w.name == "kernel"]
    assert len(kernels) == 1 + 4 * 2 + 3 + 2
    assert float(sum(model.losses)) == pytest.approx(0.5 * sum((kernel**2).sum() for kernel in kernels), rel=1e-4)


def test_any_optimizer_of_keras_by_its_name(tiny):
    recipe = tiny(optimizer={"class_name": "Lamb", "config": {"beta_1": 0.8}})
    model = compile_for_training(create_model("plainresnet10b_wd16", (64, 64, 3)), recipe).model
    assert (type(model.optimizer).__name__, model.optimizer.beta_1) == ("Lamb", 0.8)


def test_statistics_come_from_the_same_train_events_before_every_evaluation(
    small_data, tiny, network, tmp_path, monkeypatch
):
    seen, order = [], []
    estimate, logits_of_test_a = PreciseStatistics.estimate, callbacks.logits_of

    def estimating(self, batches):
        order.append("statistics")
        seen.append(np.concatenate([labels for _, labels in batches.as_numpy_iterator()][:2]).tolist())
        estimate(self, batches)

    def scoring(*arguments):
        order.append("testA")
        return logits_of_test_a(*arguments)

    monkeypatch.setattr(PreciseStatistics, "estimate", estimating)
    monkeypatch.setattr(callbacks, "logits_of", scoring)
    run = train(network, small_data, tmp_path / "run", tiny(), seed=1)
    evaluations = len(pd.read_csv(run.directory / "history.csv"))
    assert order == ["statistics", "testA"] * evaluations
    assert seen == [small_data.events("train")["label"].tolist()[:8]] * evaluations


def test_the_averages_of_the_weights_are_evaluated_and_saved_and_not_trained_on(
    small_data, tiny, network, tmp_path, monkeypatch
):
    weights = []

    class Follow(trainer.ShowProgress):
        def on_train_batch_end(self, batch, logs=None):
            super().on_train_batch_end(batch, logs)
            weights.append([keras.ops.convert_to_numpy(weight) for weight in self.model.trainable_variables])

    monkeypatch.setattr(trainer, "ShowProgress", Follow)
    solvers = {
        kind: {"class_name": "SGD", "config": {"use_ema": kind == "averaged", "ema_momentum": 0.75}}
        for kind in ("averaged", "plain")
    }
    trained = {}
    for kind, solver in solvers.items():
        weights.clear()
        run = train(network, small_data, tmp_path / kind, tiny(optimizer=solver), seed=1)
        saved = [keras.ops.convert_to_numpy(weight) for weight in run.load_model().trainable_variables]
        trained[kind] = weights[: run.results.chosen.iteration], saved
    followed, saved = trained["averaged"]
    mean = followed[0]
    for later in followed[1:]:
        mean = [0.75 * before + 0.25 * weight for before, weight in zip(mean, later)]
    assert all(np.allclose(a, b, atol=1e-6) for a, b in zip(saved, mean))
    assert not all(np.allclose(a, b, atol=1e-6) for a, b in zip(saved, followed[-1]))
    # The averages leave no trace in the training.
    followed_plain, saved = trained["plain"]
    assert all(np.allclose(a, b, atol=1e-5) for a, b in zip(followed_plain[-1], saved))
    for step, plain_step in zip(followed, followed_plain):
        assert all(np.allclose(a, b, atol=1e-5) for a, b in zip(step, plain_step))
