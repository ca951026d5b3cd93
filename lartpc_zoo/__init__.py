"""A Keras zoo of networks that tell particles apart in LArTPC wire-plane images."""

_PUBLIC = {
    "list_models": "lartpc_zoo.models.registry",
    "create_model": "lartpc_zoo.models.registry",
    "network_info": "lartpc_zoo.models.registry",
    "InputSpec": "lartpc_zoo.models.inputs",
    "NetworkSpec": "lartpc_zoo.models.spec",
    "parse": "lartpc_zoo.models.spec",
    "load_recipe": "lartpc_zoo.training.recipe",
    "train": "lartpc_zoo.procedure",
    "evaluate": "lartpc_zoo.procedure",
    "open_run": "lartpc_zoo.runs",
}
__all__ = list(_PUBLIC)


def __getattr__(name):
    """Import on first use: Keras and TensorFlow take seconds, and `import lartpc_zoo` should not."""
    if name not in _PUBLIC:
        raise AttributeError(f"module 'lartpc_zoo' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_PUBLIC[name]), name)


def __dir__():
    return sorted(set(globals()) | set(_PUBLIC))
