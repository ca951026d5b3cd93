"""What may import what: `import` is light, imports go one way, and TensorFlow stays in its one room."""

import ast
import configparser
import subprocess
import sys
import types
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("zoo_configs", "data_tools", "lartpc_zoo")

FLOORS = {
    "data_tools": ("", "detector", "readers", "tfrecords", "conversion", "inspection", "cli"),
    "lartpc_zoo": (
        "errors",
        "backend",
        "models",
        "metrics",
        "scoring",
        "plots",
        "evaluation",
        "training",
        "pretrained",
        "profiling",
        "reporting",
        "zoo",
        "cli",
        "__main__",
    ),
}
"""Rooms and modules of each package: each may import those before it. '': modules at the top that are not named."""

AT_THE_TOP_OF_THE_ZOO = {"__init__.py", "__init__.pyi", "__main__.py", "errors.py", "zoo.py", "py.typed"}
HEAVY = ("tensorflow", "keras", "jax", "pandas", "scipy", "matplotlib", "uproot")


def module_name(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_name(path): path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))}


def imported(tree):
    """Names of what a module imports, at its top or in functions; not what only a type checker does."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full in MODULES else node.module
        yield from imported(node)


IMPORTS = {name: set(imported(ast.parse(path.read_text()))) - {name} for name, path in MODULES.items()}


def room_of(name):
    """The floor of a module: its room, or itself where it has a place of its own."""
    package, _, rest = name.partition(".")
    room = rest.partition(".")[0]
    return room if room in FLOORS[package] else ""


def modules_that_import(library, package):
    return {name for name in MODULES if name.startswith(package) and library in top_levels(IMPORTS[name])}


def top_levels(names):
    return {name.partition(".")[0] for name in names}


def heavy_after(code):
    """What of HEAVY is imported when a new Python process has run some code."""
    code += f"\nimport sys\nprint('heavy', *(name for name in {HEAVY} if name in sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stderr == ""
    return result.stdout.splitlines()[-1].split()[1:]


@pytest.mark.parametrize("package", ["lartpc_zoo", "data_tools"])
def test_import_is_light(package):
    assert heavy_after(f"import {package}") == []


@pytest.mark.parametrize(
    ("module", "arguments"),
    [
        ("lartpc_zoo.cli.main", ["--help"]),
        ("lartpc_zoo.cli.main", ["train", "--help"]),
        ("lartpc_zoo.cli.main", ["list"]),
        ("lartpc_zoo.cli.main", ["list", "--pretrained"]),
        ("lartpc_zoo.cli.main", ["info", "resnet14b_wd4"]),
        ("lartpc_zoo.cli.main", ["card", "resnet14b_wd4"]),
        ("data_tools.cli.convert", ["--help"]),
    ],
)
def test_commands_that_answer_at_once_import_nothing_heavy(module, arguments):
    assert heavy_after(f"from {module} import main\nmain({arguments}, standalone_mode=False)") == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["train", "resnet14b_dw4", "--data", "DATA", "--output", "RUN"],
        ["train", "resnet14b_wd4", "--data", "DATA", "--output", "RUN", "--recipe", "zo"],
        ["train", "resnet14b_wd4", "--data", "DATA", "--output", "RUN", "--device", "gpu0"],
        ["evaluate", "resnet14b_dw4", "--data", "DATA"],
        ["classify", "FILE", "--network", "resnet14b_dw4"],
        ["classify", "FILE", "--network", "resnet14b_wd4", "--output", "scores.txt"],
        ["study", "dept", "--data", "DATA", "--output", "STUDY"],
        ["profile", "resnet14b_dw4"],
        ["report", "RUN", "--output", "REPORT"],
    ],
    ids=" ".join,
)
def test_typos_are_found_before_anything_heavy_is_imported(arguments):
    assert heavy_after(refused(arguments)) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["train", "resnet14b_wd4", "--data", "DATA", "--output", "RUN"],
        ["evaluate", "resnet14b_wd4", "--data", "DATA"],
        ["classify", "FILE", "--network", "resnet14b_wd4"],
        ["study", "depth", "--data", "DATA", "--output", "STUDY"],
    ],
    ids=" ".join,
)
def test_data_that_are_not_there_are_missed_before_the_backend_is_imported(arguments):
    assert set(heavy_after(refused(arguments))) <= {"pandas", "uproot"}


def refused(arguments):
    """A program that gives a command line and gets an error."""
    return f"""
from click import ClickException
from lartpc_zoo.cli.main import main
try:
    main({arguments}, standalone_mode=False)
except ClickException:
    pass
else:
    raise AssertionError("no error")
"""


@pytest.mark.parametrize("package", FLOORS)
def test_imports_go_down_the_floors(package):
    floors = FLOORS[package]
    found = [
        f"{name} imports {other}"
        for name in MODULES
        if name.startswith(f"{package}.")
        for other in IMPORTS[name]
        if other.startswith(f"{package}.") and floors.index(room_of(other)) > floors.index(room_of(name))
    ]
    assert found == []


def test_every_room_has_its_floor_and_nothing_is_loose_at_the_top():
    for package, floors in FLOORS.items():
        assert {path.parent.name for path in (ROOT / package).glob("*/__init__.py")} <= set(floors)
    assert {path.name for path in (ROOT / "lartpc_zoo").iterdir() if path.is_file()} == AT_THE_TOP_OF_THE_ZOO


def test_no_circle_of_files():
    circles, done = [], set()

    def visit(name, way):
        if name in way:
            circles.append(" > ".join([*way[way.index(name) :], name]))
        elif name not in done:
            for other in sorted(IMPORTS[name] & set(MODULES)):
                visit(other, [*way, name])
            done.add(name)

    for name in MODULES:
        visit(name, [])
    assert circles == []


def test_data_tools_and_configurations_never_import_the_zoo():
    assert modules_that_import("lartpc_zoo", "data_tools") == set()
    assert top_levels(IMPORTS["zoo_configs"]) & {"lartpc_zoo", "data_tools"} == set()


def test_only_command_lines_import_command_lines():
    found = {
        f"{name} imports {other}"
        for name in MODULES
        for other in IMPORTS[name]
        if ".cli" in other and ".cli" not in name and name != "lartpc_zoo.__main__"
    }
    assert found == set()


def test_backends_stay_in_their_room():
    for library in ("tensorflow", "jax"):
        assert all(name.startswith("lartpc_zoo.backend.") for name in modules_that_import(library, "lartpc_zoo"))
    asking = [name for name, path in MODULES.items() if "backend.backend()" in path.read_text()]
    assert all(name.startswith("lartpc_zoo.backend.") for name in asking)


@pytest.mark.parametrize("package", ["lartpc_zoo", "data_tools"])
def test_public_names_are_there(package):
    module = __import__(package)
    assert set(module.__all__) <= set(dir(module))
    for name in module.__all__ * 2:  # a module of the same name would take its place after the first use
        assert callable(getattr(module, name))
        assert not isinstance(getattr(module, name), types.ModuleType)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = module.nothing


def test_every_package_is_installed():
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    listed = setup["options"]["packages"].split()
    there = [name for name, path in MODULES.items() if path.name == "__init__.py"]
    assert sorted(listed) == sorted(there)
