"""Keras callbacks of the trainer; for them a Keras 'epoch' is one evaluation interval."""

import contextlib
import importlib.util
import math
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras

from lartpc_zoo.backend.group import shared
from lartpc_zoo.errors import MissingExtra, TrainingDiverged
from lartpc_zoo.metrics.scores import accuracy, cross_entropy, logits_of
from lartpc_zoo.models.execution import Executed
from lartpc_zoo.models.normalization import PreciseStatistics
from lartpc_zoo.training.batches import Feed
from lartpc_zoo.training.progress import ShowProgress
from lartpc_zoo.training.protocol import Protocol
from lartpc_zoo.training.run_directory import RunDirectory
from lartpc_zoo.training.state import save_variables


class Evaluate(keras.callbacks.Callback):
    """After every interval: re-estimate statistics, score testA, tell the protocol, save weights and state.

    network: what is trained. measured: the same network in float32, which is scored and saved. bfloat16 shifts the
    logits of all events together, by 0.01 in one evaluation and by 0.3 in the next of the same training (resnet14b_wd4,
    averaged weights): its loss jumps.
    """

    def __init__(
        self,
        network: keras.Model,
        measured: Executed,
        feed: Feed,
        protocol: Protocol,
        history: list[dict[str, Any]],
        run: RunDirectory,
        progress: ShowProgress,
    ) -> None:
        super().__init__()
        self._network, self._measured, self._feed = network, measured, feed
        self._estimator = PreciseStatistics(measured.model, feed.statistics_steps)
        self._protocol, self._history, self._run, self._progress = protocol, history, run, progress

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        logs = {} if logs is None else logs
        iteration = (epoch + 1) * self._protocol.settings.evaluation_interval
        with averaged_weights(self.model):
            for copy, weight in zip(self._measured.network.weights, self._network.weights, strict=True):
                copy.assign(keras.ops.convert_to_numpy(weight))
        loss, right = self._score()
        if not (math.isfinite(loss) and math.isfinite(logs["loss"])):
            raise TrainingDiverged(
                f"At iteration {iteration} the loss is {logs['loss']} in training and {loss} on testA: the training "
                f"diverged. Everything up to iteration {self._protocol.iteration} is kept in {self._run.path}. Try a "
                "recipe with a lower learning rate."
            )
        status = self._protocol.record(iteration, loss, right)
        self._add_to_history(logs["loss"])
        shared(self._save)
        self._progress.show(logs["loss"])
        logs |= {"val_loss": loss, "val_accuracy": self._protocol.evaluations[-1].accuracy}  # for callbacks after this
        self.model.stop_training = status is not None

    def _score(self) -> tuple[float, float]:
        """testA's (loss, accuracy) with statistics of the weights that are in the measured network now."""
        self._estimator.estimate(self._feed.statistics())
        labels = self._feed.test_labels
        logits = logits_of(self._measured.model, self._feed.test(), len(labels))
        return float(cross_entropy(logits, labels).mean()), accuracy(logits, labels)

    def _add_to_history(self, training_loss: float) -> None:
        last = self._protocol.evaluations[-1]
        self._history.append(
            {
                "iteration": last.iteration,
                "epoch": last.iteration / self._protocol.iterations_per_epoch,
                "learning_rate": float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate)),
                "train_loss_with_penalty": float(training_loss),
                "testA_loss": last.loss,
                "testA_accuracy": last.accuracy,
            }
        )

    def _save(self) -> None:
        """The weights, then the state that names their iteration, then what is derived from it."""
        iteration = self._protocol.iteration
        self._run.save_weights(self._measured.network, iteration)
        state = {"protocol": self._protocol.state(), "history": self._history}
        self._run.save_state(iteration, save_variables(self.model), state)
        self._run.bring_up_to_date(self._protocol.weights_to_keep(), self._history)


@contextlib.contextmanager
def averaged_weights(model: keras.Model) -> Iterator[None]:
    """Context in which a compiled model has the averages of its weights, where its optimizer keeps any (use_ema)."""
    if not model.optimizer.use_ema:
        yield
        return
    weights = [keras.ops.convert_to_numpy(weight) for weight in model.trainable_variables]
    model.optimizer.finalize_variable_values(model.trainable_variables)
    try:
        yield
    finally:
        for weight, value in zip(model.trainable_variables, weights):
            weight.assign(value)


def check_tensorboard() -> None:
    """Raise MissingExtra where TensorBoard's files cannot be written."""
    if missing := [name for name in ("tensorflow", "tensorboard") if importlib.util.find_spec(name) is None]:
        raise MissingExtra(
            f'--tensorboard needs {" and ".join(missing)}; TensorBoard is an extra: pip install ".[tensorboard]".'
        )


class WriteTensorBoard(keras.callbacks.TensorBoard):
    """Training loss with penalty, testA's loss and accuracy and the learning rate, by iteration, for TensorBoard.

    history: the evaluations before, which are written again, so that an interruption leaves no gap. Comes after
    Evaluate in the callbacks.
    """

    def __init__(self, directory: Path, interval: int, history: list[dict[str, Any]]) -> None:
        shutil.rmtree(directory, ignore_errors=True)
        super().__init__(directory, write_graph=False)
        self._interval, self._before = interval, list(history)

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        super().on_train_begin(logs)
        for row in self._before:
            logs = {
                "loss": row["train_loss_with_penalty"],
                "learning_rate": row["learning_rate"],
                "val_loss": row["testA_loss"],
                "val_accuracy": row["testA_accuracy"],
            }
            super().on_epoch_end(row["iteration"], logs)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        super().on_epoch_end((epoch + 1) * self._interval, logs)
