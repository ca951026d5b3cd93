"""Which backend Keras runs on. Only this package asks; everything else of the zoo is the same on all of them.

Modules of this package import Keras and its backends where they use them: its records and tables are read by commands
that answer without.
"""


def backend_name() -> str:
    """The name of the backend, as KERAS_BACKEND has it: 'tensorflow', 'jax', ..."""
    import keras

    return str(keras.backend.backend())


def is_tensorflow() -> bool:
    """Whether Keras runs on TensorFlow."""
    return backend_name() == "tensorflow"


def is_jax() -> bool:
    """Whether Keras runs on JAX."""
    return backend_name() == "jax"
