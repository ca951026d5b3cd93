"""Batch normalisation: one layer, the variables of keras.layers.BatchNormalization, the fastest right kernel.

On TensorFlow with one replica it is the fused kernel, with several the statistics are synchronised; on other backends
it is plain Keras. Moving statistics lag behind weights that change fast, so that single evaluations collapse;
`PreciseStatistics` replaces them by the means over a fixed set of batches: precise batch normalisation (Wu and Johnson
2021, arXiv:2105.07576).
"""

from collections.abc import Iterable
from typing import Any

import keras
from keras import ops

from lartpc_zoo.backend.devices import one_replica
from lartpc_zoo.backend.interruption import EndWhenAsked
from lartpc_zoo.backend.precision import exact_products
from lartpc_zoo.backend.which import is_tensorflow

_IMAGE_RANK = 4
_LESS_THAN_ONE_PIXEL = 1e-12
"""As a fraction of all pixels of a batch that fits into memory."""


@keras.saving.register_keras_serializable("lartpc_zoo")
class Normalization(keras.layers.BatchNormalization):
    """Batch normalisation over the last axis of (batch, rows, cols, channels).

    Models that were saved whole hold the name of this class.
    """

    def __init__(self, momentum: float = 0.9, epsilon: float = 1e-5, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "momentum": momentum, "epsilon": epsilon, "synchronized": is_tensorflow()})

    def call(self, inputs: Any, training: bool | None = None, active: Any = None) -> Any:
        if not (training and self.trainable):
            return self._normalized(inputs, active, self.moving_mean, self.moving_variance)[0]
        outputs, mean, variance = self.by_batch(inputs, active)
        keep = self.momentum
        self.moving_mean.assign(keep * self.moving_mean + (1.0 - keep) * mean)
        self.moving_variance.assign(keep * self.moving_variance + (1.0 - keep) * variance)
        return outputs

    def by_batch(self, inputs: Any, active: Any = None) -> tuple[Any, Any, Any]:
        """Outputs with the statistics of the batch (of all replicas), and these: mean and variance, (channels,).

        active: (batch, rows, cols, 1) float32, 1 for the pixels that the statistics are of and 0 for others; None for
        all. Statistics of no pixel are 0.
        """
        return self._normalized(inputs, active)

    def collecting(self, batches: int) -> keras.Layer:
        """The layer that takes its place to collect precise statistics over so many batches."""
        return _Collecting(self, batches)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        config.pop("synchronized", None)  # follows from the backend
        return config

    def _normalized(
        self, inputs: Any, active: Any = None, mean: Any = None, variance: Any = None
    ) -> tuple[Any, Any, Any]:
        """Outputs in the dtype of the inputs, and the float32 statistics used: without given ones, the batch's."""
        own = mean is None
        fused = is_tensorflow() and inputs.shape.rank == _IMAGE_RANK
        if fused and (not own or (active is None and one_replica())):
            from lartpc_zoo.backend.kernels import batch_normalization

            gamma, beta = ops.convert_to_tensor(self.gamma), ops.convert_to_tensor(self.beta)
            given = [None if value is None else ops.convert_to_tensor(value) for value in (mean, variance)]
            return batch_normalization(inputs, gamma, beta, self.epsilon, *given)
        exact = ops.cast(inputs, "float32")
        if own:
            mean, variance = self._moments_of(exact, active)
        outputs = ops.batch_normalization(
            exact, mean=mean, variance=variance, axis=-1, offset=self.beta, scale=self.gamma, epsilon=self.epsilon
        )
        return ops.cast(outputs, inputs.dtype), mean, variance

    def _moments_of(self, x: Any, active: Any) -> tuple[Any, Any]:
        """Mean and variance of every channel over all pixels, or over the active ones."""
        axes = list(range(len(x.shape) - 1))
        if active is None:
            return ops.moments(x, axes, synchronized=self.synchronized)

        def total(values: Any) -> Any:
            """The sum, or a fixed fraction of it: the mean over all pixels of all replicas."""
            return ops.sum(values, axes) if one_replica() else ops.moments(values, axes, synchronized=True)[0]

        number = ops.maximum(total(active), _LESS_THAN_ONE_PIXEL)
        mean = total(x * active) / number
        return mean, total(ops.square(x - mean) * active) / number


class PreciseStatistics:
    """Replaces the moving statistics of all normalisations of a model by precise ones, over the same batches each time.

    Args:
        model: a functional model, whose layers are used and whose statistics are replaced.
        steps: how many batches `estimate` will be given.
    """

    def __init__(self, model: keras.Model, steps: int) -> None:
        own = (getattr(layer, "layer", layer) for layer in model.layers)  # a layer on sites has that of its network
        self._layers = [layer for layer in own if isinstance(layer, Normalization)]
        self._steps = steps

        def layer_of(layer: keras.Layer) -> keras.Layer:
            return layer.collecting(steps) if hasattr(layer, "collecting") else layer

        self._collecting = keras.models.clone_model(model, clone_function=layer_of) if self._layers else None

    def estimate(self, batches: Iterable[Any]) -> None:
        """Run over `steps` batches and keep the means of their statistics.

        Every layer normalises with the statistics of the batch itself, so that those of the layers after it are of what
        they will be given.

        Args:
            batches: of what the model takes, or tuples that begin with it.
        """
        if self._collecting is None:
            return
        for layer in self._layers:
            for statistic in (layer.moving_mean, layer.moving_variance):
                statistic.assign(ops.zeros(statistic.shape))
        with exact_products():
            self._collecting.predict(batches, steps=self._steps, verbose=0, callbacks=[EndWhenAsked()])


class _Collecting(keras.layers.Layer):
    """Normalises with the batch as a Normalization does in training, and adds 1 / `batches` of its statistics to the
    moving ones."""

    def __init__(self, layer: Normalization, batches: int) -> None:
        super().__init__(name=layer.name, dtype=layer.dtype_policy)
        self._layer = layer
        self._share = 1.0 / batches

    def call(self, inputs: Any, active: Any = None) -> Any:
        outputs, mean, variance = self._layer.by_batch(inputs, active)
        for moving, statistic in ((self._layer.moving_mean, mean), (self._layer.moving_variance, variance)):
            moving.assign(moving + self._share * statistic)
        return outputs
