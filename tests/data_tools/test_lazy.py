import subprocess
import sys
from pathlib import Path

import pytest

import data_tools
from data_tools import lazy

STUB = """
from json import dumps as dumps
from json import loads as loads
from no_such_module import broken as broken

__version__: str
"""


@pytest.fixture
def attached(tmp_path):
    (tmp_path / "__init__.pyi").write_text(STUB)
    return lazy.attach_stub("package", str(tmp_path / "__init__.py"))


def test_names_come_from_the_stub_when_they_are_asked_for(attached):
    get, names, public = attached
    assert public == ["dumps", "loads", "broken"]
    assert names() == ["broken", "dumps", "loads"]
    assert get("loads")("[1]") == [1]
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        get("broken")


def test_a_name_that_is_not_there(attached):
    get, _, _ = attached
    with pytest.raises(AttributeError, match="module 'package' has no attribute 'nothing'"):
        get("nothing")


def test_the_stub_of_data_tools_names_what_is_there():
    assert set(data_tools.__all__) == {"convert", "open_dataset", "load_effects", "Dataset", "BatchOptions", "Effects"}
    for name in data_tools.__all__:
        assert getattr(data_tools, name).__name__ == name


def test_an_editor_finds_stubs_and_types_in_the_package():
    package = Path(data_tools.__file__).parent
    assert {"__init__.pyi", "py.typed"} <= {path.name for path in package.iterdir()}


def test_import_of_data_tools_is_light():
    code = "import sys, data_tools; print([name for name in ('numpy', 'pandas', 'pydantic') if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
