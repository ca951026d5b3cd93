"""Devices: one, or several with tf.distribute.MirroredStrategy. The only part of training that knows TensorFlow."""

import contextlib
import functools

import keras

from lartpc_zoo.errors import BadDevices, BadInput


class Devices:
    """Where a training runs: device `names` and `scope()`, in which models are made."""

    def __init__(self, names, strategy=None):
        self.names = names
        self._strategy = strategy

    def scope(self):
        """Context in which models and optimizers are made."""
        return self._strategy.scope() if self._strategy else contextlib.nullcontext()


def find_devices(names=None, batch_size=None):
    """Devices by names as in ('GPU:0', 'GPU:1'); without names all GPUs, else the CPU.

    Raises BadDevices when one is not there or `batch_size` cannot be shared equally.
    """
    if keras.backend.backend() != "tensorflow":
        if names:
            raise BadDevices(f"Devices {list(names)}: only Keras on TensorFlow takes devices by name.")
        return Devices(_default_devices())
    import tensorflow as tf

    there = [device.name.removeprefix("/physical_device:") for device in tf.config.list_logical_devices()]
    there = [name.removeprefix("/device:") for name in there]
    chosen = tuple(names or ())
    names = tuple(chosen or [name for name in there if name.startswith("GPU")] or ["CPU:0"])
    if missing := [name for name in names if name not in there]:
        raise BadDevices(f"No device {', '.join(missing)}; there are {', '.join(there)}.")
    if batch_size is not None and batch_size % len(names):
        raise BadDevices(f"A batch of {batch_size} events cannot be shared equally by {len(names)} devices.")
    if len(set(names)) < len(names):
        raise BadDevices(f"Devices {', '.join(names)}: each may be named once.")
    # Without a name or a second device Keras needs no strategy, and then has all of its own means of speed.
    return Devices(names, _strategy(names) if chosen or len(names) > 1 else None)


def _default_devices():
    """What the other backends compute on: JAX on the first of its devices."""
    if keras.backend.backend() != "jax":
        return ("default",)
    import jax

    return (jax.local_devices()[0].device_kind,)


@functools.cache
def _strategy(names):
    """The one strategy of these devices: a second one in a process would count its collective operations from the same
    number as the first, and TensorFlow would take them for each other."""
    import tensorflow as tf

    return tf.distribute.MirroredStrategy(list(names)) if len(names) > 1 else tf.distribute.OneDeviceStrategy(names[0])


def compile_updates(optimizer, variables):
    """Let XLA make one loop over memory of the many small operations that update a variable.

    TensorFlow on one device without a strategy only; elsewhere nothing changes: JAX does so by itself, and replicas
    have to meet between the operations. optimizer: a Keras optimizer that is built for `variables`.
    """
    if keras.backend.backend() != "tensorflow":
        return
    import tensorflow as tf

    if tf.distribute.has_strategy():
        return
    plain = optimizer.apply
    update = tf.function(lambda gradients: plain(gradients, variables), jit_compile=True)

    def apply(gradients, trainable_variables=None):
        same = trainable_variables is None or list(map(id, trainable_variables)) == list(map(id, variables))
        return update(list(gradients)) if same else plain(gradients, trainable_variables)

    optimizer.apply = apply


def set_seed(seed, deterministic=False):
    """Seed Python, NumPy and the backend; `deterministic` makes TensorFlow's operations so, at some cost in speed."""
    if not 0 <= seed < 2**32:
        raise BadInput(f"Seed {seed}: expected 0 to {2**32 - 1}.")
    keras.utils.set_random_seed(seed)
    if deterministic and keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()
