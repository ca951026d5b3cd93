"""What may import what: `import` is light, data flows one way, and TensorFlow stays in its few places."""

import ast
import subprocess
import sys
import types
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TENSORFLOW_IN_THE_ZOO = {"kernels.py", "training/strategies.py"}


def imported(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module.split(".")[0]


@pytest.mark.parametrize("package", ["lartpc_zoo", "data_tools"])
def test_import_is_light(package):
    code = f"import sys, {package}; print([m for m in ('tensorflow', 'keras', 'pandas', 'uproot') if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_data_tools_never_imports_the_zoo():
    modules = sorted((ROOT / "data_tools").rglob("*.py"))
    assert modules
    assert [path for path in modules if "lartpc_zoo" in imported(path)] == []


def test_tensorflow_stays_in_its_places():
    modules = sorted((ROOT / "lartpc_zoo").rglob("*.py"))
    found = {path.relative_to(ROOT / "lartpc_zoo").as_posix() for path in modules if "tensorflow" in imported(path)}
    assert found == TENSORFLOW_IN_THE_ZOO


@pytest.mark.parametrize("package", ["lartpc_zoo", "data_tools"])
def test_public_names_are_there(package):
    module = __import__(package)
    assert set(module.__all__) <= set(dir(module))
    for name in module.__all__ * 2:  # a module of the same name would take its place after the first use
        assert callable(getattr(module, name))
        assert not isinstance(getattr(module, name), types.ModuleType)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = module.nothing
