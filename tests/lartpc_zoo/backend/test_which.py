import ast
from pathlib import Path

import keras
import pytest

from lartpc_zoo.backend.which import backend_name, is_jax, is_tensorflow

ZOO = Path(__file__).parents[3] / "lartpc_zoo"


@pytest.mark.parametrize(
    ("name", "answers"), [("tensorflow", (True, False)), ("jax", (False, True)), ("torch", (0, 0))]
)
def test_which_backend_it_is(name, answers, monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: name)
    assert (backend_name(), is_tensorflow(), is_jax()) == (name, *answers)


def asks_for_the_backend(path):
    """Whether a module imports a backend of Keras, or asks Keras which it is."""
    for node in ast.walk(ast.parse(path.read_text())):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        if {name.split(".")[0] for name in names} & {"tensorflow", "jax", "torch"}:
            return True
        if isinstance(node, ast.Attribute) and node.attr == "backend" and ast.unparse(node) == "keras.backend.backend":
            return True
    return False


def test_nothing_else_asks():
    modules = [path for path in ZOO.rglob("*.py") if asks_for_the_backend(path)]
    assert modules
    elsewhere = {path.relative_to(ZOO).as_posix() for path in modules if path.parent != ZOO / "backend"}
    assert elsewhere == set()
