"""A Keras zoo of networks that tell particles apart in LArTPC wire-plane images."""

from typing import Any

from data_tools import lazy

_get, __dir__, __all__ = lazy.attach_stub(__name__, __file__)


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version  # takes as long as all the rest, and is rarely asked for

        return version("lartpc-zoo")
    return _get(name)
