"""Keras callbacks of the trainer; for them a Keras 'epoch' is one evaluation interval."""

import contextlib
import math

import keras
import pandas as pd

from data_tools.files import write_csv
from data_tools.progress import bar
from lartpc_zoo.errors import TrainingDiverged
from lartpc_zoo.evaluation.scores import accuracy, cross_entropy, logits_of
from lartpc_zoo.training.state import save_variables


class ShowProgress(keras.callbacks.Callback):
    """A progress bar over the iterations; a context that must be open during fit."""

    def __init__(self, protocol):
        super().__init__()
        self._protocol = protocol
        self._open = contextlib.ExitStack()

    def __enter__(self):
        self._advance = self._open.enter_context(bar("Training", self._protocol.maximum_iterations))
        self._advance(self._protocol.iteration)
        return self

    def __exit__(self, *exception):
        self._open.close()

    def on_train_batch_end(self, batch, logs=None):
        self._advance()

    def busy(self):
        """Say that testA is being evaluated, which can take as long as the iterations before."""
        self._advance(0, note="evaluating on testA")

    def show(self, evaluation):
        """Show the last evaluation and the best so far."""
        best = self._protocol.minimum
        self._advance(
            0,
            note=f"testA {100 * evaluation.accuracy:.1f}%, loss {evaluation.loss:.3f} (min {best.loss:.3f})",
        )


class Evaluate(keras.callbacks.Callback):
    """After every interval: re-estimate statistics, score testA, tell the protocol, save weights and state."""

    def __init__(self, network, feed, estimator, protocol, history, run, progress):
        super().__init__()
        self._network, self._feed, self._estimator = network, feed, estimator
        self._protocol, self._history, self._run, self._progress = protocol, history, run, progress

    def on_epoch_end(self, epoch, logs=None):
        iteration = (epoch + 1) * self._protocol.settings.evaluation_interval
        self._progress.busy()
        self._estimator.estimate(self._feed.statistics())
        labels = self._feed.test_labels
        logits = logits_of(self._network, self._feed.test(), len(labels))
        loss = float(cross_entropy(logits, labels).mean())
        if not (math.isfinite(loss) and math.isfinite(logs["loss"])):
            raise TrainingDiverged(
                f"At iteration {iteration} the loss is {logs['loss']} in training and {loss} on testA: the training "
                f"diverged. Everything up to iteration {self._protocol.iteration} is kept in {self._run.path}. Try a "
                "recipe with a lower learning rate."
            )
        status = self._protocol.record(iteration, loss, accuracy(logits, labels))
        self._save(logs["loss"])
        self._progress.show(self._protocol.evaluations[-1])
        self.model.stop_training = status is not None

    def _save(self, training_loss):
        """Weights, then the state that names their iteration, then what is derived from it."""
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
        self._run.save_weights(self._network, last.iteration)
        state = {"protocol": self._protocol.state(), "history": self._history}
        self._run.save_state(last.iteration, save_variables(self.model), state)
        self._run.keep_weights(self._protocol.weights_to_keep())
        write_csv(self._run.path / "history.csv", pd.DataFrame(self._history))
