"""Interruption of what Keras runs batch by batch."""

from typing import Any

import keras

from data_tools import interruption


class EndWhenAsked(keras.callbacks.Callback):
    """Raises KeyboardInterrupt after a batch, in training as in inference, where the command was asked to end."""

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        interruption.check()

    def on_predict_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        interruption.check()
