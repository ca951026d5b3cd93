"""Batch normalisation: one layer, the variables of keras.layers.BatchNormalization, the fastest right kernel.

On TensorFlow with one replica it is the fused kernel, with several the statistics are synchronised; on other backends
it is plain Keras. Moving statistics lag behind weights that change fast, so that single evaluations collapse;
`StatisticsEstimator` replaces them by the mean over a fixed set of batches.
"""

import keras
from keras import ops

from lartpc_zoo.backend.interruption import EndWhenAsked
from lartpc_zoo.backend.precision import exact_products

_TENSORFLOW = keras.backend.backend() == "tensorflow"
_IMAGE_RANK = 4


@keras.saving.register_keras_serializable("lartpc_zoo")
class Normalization(keras.layers.BatchNormalization):
    """Batch normalisation over the last axis of (batch, rows, cols, channels)."""

    def __init__(self, momentum=0.9, epsilon=1e-5, **kwargs):
        super().__init__(**{**kwargs, "momentum": momentum, "epsilon": epsilon, "synchronized": _TENSORFLOW})
        self._estimated_over = None

    def begin_estimate(self, batches):
        """From now on every call normalises with its batch and adds its statistics / `batches` to the moving ones."""
        self._estimated_over = batches
        for statistic in (self.moving_mean, self.moving_variance):
            statistic.assign(ops.zeros(statistic.shape))

    def end_estimate(self):
        """Back to normal: moving statistics are used in inference and follow in training."""
        self._estimated_over = None

    def call(self, inputs, training=None):
        training = bool(training) and self.trainable
        if not training and not self._estimated_over:
            return self._normalise(inputs, self.moving_mean, self.moving_variance)[0]
        outputs, mean, variance = self._normalise(inputs)
        if self._estimated_over:
            share = 1.0 / self._estimated_over
            self.moving_mean.assign(self.moving_mean + share * mean)
            self.moving_variance.assign(self.moving_variance + share * variance)
        else:
            keep = self.momentum
            self.moving_mean.assign(keep * self.moving_mean + (1.0 - keep) * mean)
            self.moving_variance.assign(keep * self.moving_variance + (1.0 - keep) * variance)
        return outputs

    def get_config(self):
        config = super().get_config()
        config.pop("synchronized", None)  # follows from the backend
        return config

    def _normalise(self, inputs, mean=None, variance=None):
        """Outputs in the dtype of the inputs, and the float32 statistics used."""
        if _TENSORFLOW and inputs.shape.rank == _IMAGE_RANK:
            from lartpc_zoo.backend import kernels

            if mean is not None or kernels.one_replica():
                return kernels.normalise(
                    inputs,
                    *(ops.convert_to_tensor(weight) for weight in (self.gamma, self.beta)),
                    self.epsilon,
                    *(None if given is None else ops.convert_to_tensor(given) for given in (mean, variance)),
                )
        exact = ops.cast(inputs, "float32")
        if mean is None:
            mean, variance = ops.moments(exact, axes=list(range(len(inputs.shape) - 1)), synchronized=self.synchronized)
        outputs = ops.batch_normalization(
            exact, mean=mean, variance=variance, axis=-1, offset=self.beta, scale=self.gamma, epsilon=self.epsilon
        )
        return ops.cast(outputs, inputs.dtype), mean, variance


class StatisticsEstimator:
    """Re-estimates the moving statistics of all normalisations of a model, over the same batches every time."""

    def __init__(self, model, steps):
        """steps: how many batches `estimate` will be given."""
        self._layers = [layer for layer in model.layers if isinstance(layer, Normalization)]
        # A model of its own: its compiled function is traced while the layers are estimating, and only then used.
        self._runner = keras.Model(model.input, model.output)
        self._steps = steps

    def estimate(self, batches):
        """Run over `steps` batches (images, or tuples that begin with them) and keep their mean statistics."""
        if not self._layers:
            return
        for layer in self._layers:
            layer.begin_estimate(self._steps)
        try:
            with exact_products():
                self._runner.predict(batches, steps=self._steps, verbose=0, callbacks=[EndWhenAsked()])
        finally:
            for layer in self._layers:
                layer.end_estimate()
