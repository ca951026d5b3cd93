"""Public names of a package, imported on first use: TensorFlow takes seconds, `import data_tools` should not."""

from importlib import import_module


def attach(package, modules):
    """The package's __getattr__, __dir__ and __all__ from {public name: module that defines it} (PEP 562)."""

    def get(name):
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(modules[name]), name)

    return get, lambda: sorted(modules), list(modules)
