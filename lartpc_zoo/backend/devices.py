"""Devices: which there are and of what kind; one, or several, to train on.

Several share batches: on TensorFlow by tf.distribute.MirroredStrategy, on JAX, where they may be those of several
processes, by keras.distribution.DataParallel.
"""

import contextlib
import functools
import re
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

from lartpc_zoo.backend.which import is_jax, is_tensorflow
from lartpc_zoo.errors import BadDevices, BadInput


class Devices:
    """Where a training runs.

    Attributes:
        names: of the devices, as in ('GPU:0', 'GPU:1').
    """

    def __init__(self, names: tuple[str, ...], strategy: Any = None) -> None:
        self.names = names
        self._strategy = strategy

    def scope(self) -> AbstractContextManager[Any]:
        """Context in which models and optimizers are made."""
        return self._strategy.scope() if self._strategy else contextlib.nullcontext()

    def whole(self, model: Any) -> Any:
        """The model, giving every process the outputs for whole batches, not for its own share alone."""
        import keras

        return keras.Model(model.input, _whole()(model.output)) if is_jax() and self._strategy else model


def find_devices(names: Sequence[str] | None = None, batch_size: int | None = None) -> Devices:
    """The devices to train on.

    Args:
        names: as in ('GPU:0', 'GPU:1'); without names all GPUs, else the CPU.
        batch_size: of the training, to be shared equally.

    Raises:
        BadDevices: one is not there or named twice, `batch_size` cannot be shared equally, or the backend takes no
            devices by name.
    """
    if not is_tensorflow():
        if names:
            raise BadDevices(f"Devices {list(names)}: only Keras on TensorFlow takes devices by name.")
        return _all_of_jax(batch_size) if is_jax() else Devices(("default",))
    there = _logical_devices()
    chosen = tuple(names or ())
    used = tuple(chosen or [name for name in there if name.startswith("GPU")] or ["CPU:0"])
    if missing := [name for name in used if name not in there]:
        raise BadDevices(f"No device {', '.join(missing)}; there are {', '.join(there)}.")
    _check_shares(batch_size, len(used), "Name as many as divide it.")
    if len(set(used)) < len(used):
        raise BadDevices(f"Devices {', '.join(used)}: each may be named once.")
    # Without a name or a second device Keras needs no strategy, and then has all of its own means of speed.
    return Devices(used, _strategy(used) if chosen or len(used) > 1 else None)


def one_replica() -> bool:
    """Whether the code runs on one device: outside a distribution strategy, or under one of a single replica."""
    if not is_tensorflow():
        return True
    import tensorflow as tf

    return bool(tf.distribute.get_strategy().num_replicas_in_sync == 1)


def one_processor(names: Sequence[str] | None = None) -> bool:
    """Whether it is one CPU that computes.

    Args:
        names: of the devices, as `Devices` has them; without names the default device.
    """
    if names and len(names) > 1:
        return False
    return names[0].startswith("CPU") if names and is_tensorflow() else not gpu_kinds()


def has_strategy() -> bool:
    """Whether the code runs in the scope of a distribution strategy."""
    if not is_tensorflow():
        return False
    import tensorflow as tf

    return bool(tf.distribute.has_strategy())


def gpu_kinds() -> list[str]:
    """The kind of every GPU (with JAX: of every accelerator) of the backend, as in 'NVIDIA H100 80GB HBM3'."""
    if is_jax():
        return [device.device_kind for device in _jax_devices() if device.platform != "cpu"]
    return [details.get("device_name", "GPU") for details in _tensorflow_gpus()]


def gpu_capabilities() -> list[tuple[int, int]]:
    """Compute capability (major, minor) of every NVIDIA GPU of the backend; (0, 0) where it is not known."""
    if is_jax():
        return [_capability(device) for device in _jax_devices() if device.platform == "gpu"]
    return [details.get("compute_capability", (0, 0)) for details in _tensorflow_gpus()]


def set_seed(seed: int, deterministic: bool = False) -> None:
    """Seed Python, NumPy and the backend.

    Args:
        seed: 0 to 2^32 - 1.
        deterministic: make TensorFlow's operations bit-for-bit reproducible, at some cost in speed.

    Raises:
        BadInput: there is no such seed.
    """
    if not 0 <= seed < 2**32:
        raise BadInput(f"Seed {seed}: expected 0 to {2**32 - 1}.")
    import keras

    keras.utils.set_random_seed(seed)
    if deterministic and is_tensorflow():
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()


def _check_shares(batch_size: int | None, devices: int, advice: str) -> None:
    if batch_size is not None and batch_size % devices:
        raise BadDevices(f"A batch of {batch_size} events cannot be shared equally by {devices} devices. {advice}")


def _all_of_jax(batch_size: int | None) -> Devices:
    """All devices of all processes."""
    import keras

    kinds = tuple(device.device_kind for device in _jax_devices(of_all_processes=True))
    _check_shares(batch_size, len(kinds), "Let JAX see as many as divide it, as with CUDA_VISIBLE_DEVICES=0,1.")
    several = len(kinds) > 1
    return Devices(kinds, keras.distribution.DataParallel(auto_shard_dataset=False) if several else None)


def _whole() -> Any:
    """A layer whose output every device has as a whole."""
    import keras

    class Whole(keras.layers.Layer):
        def call(self, inputs: Any) -> Any:
            mesh = keras.distribution.distribution().device_mesh
            layout = keras.distribution.TensorLayout([None] * len(inputs.shape), mesh)
            return keras.distribution.distribute_tensor(inputs, layout)

    return Whole(dtype="float32")


def _logical_devices() -> list[str]:
    """Names of TensorFlow's devices, as in 'GPU:0'."""
    import tensorflow as tf

    names = [device.name.removeprefix("/physical_device:") for device in tf.config.list_logical_devices()]
    return [name.removeprefix("/device:") for name in names]


@functools.cache
def _strategy(names: tuple[str, ...]) -> Any:
    """The one strategy of these devices: a second one in a process would count its collective operations from the same
    number as the first, and TensorFlow would take them for each other."""
    import tensorflow as tf

    return tf.distribute.MirroredStrategy(list(names)) if len(names) > 1 else tf.distribute.OneDeviceStrategy(names[0])


def _tensorflow_gpus() -> list[dict[str, Any]]:
    """What TensorFlow knows of each of its GPUs; of none on other backends."""
    if not is_tensorflow():
        return []
    import tensorflow as tf

    return [tf.config.experimental.get_device_details(gpu) for gpu in tf.config.list_physical_devices("GPU")]


def _jax_devices(of_all_processes: bool = False) -> list[Any]:
    import jax

    return list(jax.devices() if of_all_processes else jax.local_devices())


def _capability(device: Any) -> tuple[int, int]:
    """(major, minor) of an NVIDIA GPU in JAX; (0, 0) of others, which name theirs in another way."""
    found = re.fullmatch(r"(\d+)\.(\d+)", str(getattr(device, "compute_capability", "")))
    return (int(found[1]), int(found[2])) if found else (0, 0)
