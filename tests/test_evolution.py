"""What an earlier version wrote opens, resumes, is pooled and is reported on by one whose records have a field more."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import data_tools
from data_tools.conversion import convert
from lartpc_zoo.training.train import train

ROOT = Path(__file__).parents[1]
PACKAGES = ("data_tools", "lartpc_zoo", "zoo_configs")
BEFORE = Path(__file__).parent / "data" / "written_before"
FIELD = "    added_later: int = 7\n"


def test_a_data_set_and_a_training_of_an_earlier_version_go_on(larcv2_256, tmp_path):
    shutil.copytree(BEFORE, tmp_path / "before")
    data = data_tools.open_dataset(tmp_path / "before" / "data")
    assert convert(larcv2_256, data.directory, ["train=20", "testA=10", "testB"], down_sample=4, shards=2).samples
    output, recipe = tmp_path / "before" / "interrupted", tmp_path / "before" / "tiny.yaml"
    run = train("plainresnet10b_wd32", data, output, recipe, seed=1)
    assert run.results.iterations == 18
    assert run.history["testA_accuracy"].tolist()[:3] == [0.2, 0.3, 0.4]
    assert [scoring.sample for scoring in run.scorings] == ["testB"]


def test_a_field_more_in_every_record_changes_nothing(tmp_path):
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("*.h5", "__pycache__"))
    changed = add_a_field([path for package in PACKAGES for path in (tmp_path / package).rglob("*.py")])
    assert len(changed) > 8
    shutil.copytree(BEFORE, tmp_path / "before")
    before = tmp_path / "before"
    arguments = [tmp_path, before / "data", before / "interrupted", before / "tiny.yaml", ROOT / "results" / "144"]
    result = subprocess.run(
        [sys.executable, Path(__file__).with_name("with_added_fields.py"), *arguments],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert "all opened, resumed, pooled and reported" in result.stdout


def add_a_field(paths):
    """Add FIELD to every class that is a record; returns the changed files."""
    trees = {path: ast.parse(path.read_text()) for path in paths}
    classes = [(path, node) for path, tree in trees.items() for node in tree.body if isinstance(node, ast.ClassDef)]
    records = {"Record"}
    while True:
        found = {node.name for _, node in classes if {base.id for base in node.bases if hasattr(base, "id")} & records}
        if found <= records:
            break
        records |= found
    after = {}
    for path, node in classes:
        bases = {base.id for base in node.bases if hasattr(base, "id")}
        if bases & records:
            own = [
                one.end_lineno
                for one in node.body
                if isinstance(one, ast.AnnAssign) and "ClassVar" not in ast.unparse(one)
            ]
            if own:  # what a record inherits has the field already
                after.setdefault(path, []).append(own[-1])
    for path, lines in after.items():
        text = path.read_text().splitlines(keepends=True)
        for line in sorted(lines, reverse=True):
            text.insert(line, FIELD)
        path.write_text("".join(text))
    return set(after)
