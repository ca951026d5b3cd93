"""Scores of events: logits from a model, and their losses and accuracy."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from scipy.special import log_softmax

from lartpc_zoo.backend.interruption import EndWhenAsked
from lartpc_zoo.backend.precision import exact_products


def logits_of(
    model: keras.Model, batches: Any, events: int, advance: Callable[[int], object] = lambda n: None
) -> np.ndarray:
    """What a model says of events.

    Padded batches of equal size give the same result on any number of replicas.

    Args:
        model: to logits.
        batches: (what the model takes, ...).
        events: how many there are; what the last batch is filled up with is cut off.
        advance: is told the numbers of events done.

    Returns:
        Logits (events, classes) float32.
    """

    class Progress(keras.callbacks.Callback):
        def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
            size = len(logs["outputs"])
            advance(min(size, events - batch * size))  # the last batch may be filled up

    with exact_products():
        logits = model.predict(batches, verbose=0, callbacks=[Progress(), EndWhenAsked()])
    if len(logits) < events:
        raise ValueError(f"{len(logits)} events were scored, expected {events}.")
    return np.asarray(logits[:events], np.float32)


def cross_entropy(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Cross-entropy of every event, (events,) float64, from logits (events, classes) and labels (events,)."""
    return -log_softmax(logits.astype(np.float64), axis=1)[np.arange(len(labels)), labels]


def accuracy(logits: np.ndarray, labels: np.ndarray) -> float:
    """Fraction of the events whose highest logit is that of their class."""
    return float(np.mean(logits.argmax(axis=1) == labels))
