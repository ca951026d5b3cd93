"""Public names of a package, imported on first use: TensorFlow takes seconds, `import data_tools` should not.

The names stand once, in the package's stub __init__.pyi: editors and type checkers complete them from there, and at run
time they are imported when they are asked for (PEP 562).
"""

import ast
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

Attached = tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]
"""A package's __getattr__, __dir__ and __all__."""


def attach_stub(package: str, file: str) -> Attached:
    """__getattr__, __dir__ and __all__ of a package from the stub beside its __init__.py.

    Args:
        package: its `__name__`.
        file: its `__file__`. The stub has lines `from MODULE import NAME as NAME`.

    Example:
        >>> __getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
    """
    stub = ast.parse(Path(file).with_suffix(".pyi").read_text(encoding="utf-8"))
    imports = [node for node in stub.body if isinstance(node, ast.ImportFrom)]
    return attach(package, {alias.name: str(node.module) for node in imports for alias in node.names})


def attach(package: str, modules: Mapping[str, str]) -> Attached:
    """__getattr__, __dir__ and __all__ of a package from {public name: module that defines it}."""

    def get(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(modules[name]), name)

    return get, lambda: sorted(modules), list(modules)
