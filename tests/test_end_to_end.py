"""What a user runs, as he runs it: the example, from a ROOT file to Table 1."""

import subprocess
import sys
from pathlib import Path

import pytest

from lartpc_zoo.runs import open_run

EXAMPLE = Path(__file__).parents[1] / "examples" / "train_resnet.py"


def example(*arguments):
    command = [sys.executable, str(EXAMPLE), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_from_a_root_file_to_table_1(larcv2_256, tiny_recipe_file, tmp_path):
    options = ["--network", "plainresnet10b_wd16", "--recipe", tiny_recipe_file, "--output", tmp_path / "out"]
    result = example("--data", larcv2_256, *options, "--seed", 3)
    assert result.returncode == 0, result.stderr
    run = open_run(tmp_path / "out" / "plainresnet10b_wd16-tiny-seed3")
    assert run.table1_markdown() in result.stdout
    assert run.config["seed"] == 3
    assert sum(map(sum, run.results["confusion_matrix"])) == 10
    for step in ("Hashing inputs", "Reading events", "Writing shards", "Checking shards", "Training", "Scoring testB"):
        assert step in result.stderr
    # Once more: nothing is done again.
    again = example("--data", larcv2_256, *options, "--seed", 3)
    assert run.table1_markdown() in again.stdout
    assert "Training" not in again.stderr


def test_a_missing_file_is_one_message(tmp_path):
    result = example("--data", tmp_path / "no.root", "--output", tmp_path / "out")
    assert result.returncode == 1
    assert "no.root: no such file" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_example_without_arguments_reaches_60_percent(seed, tmp_path):
    result = example("--output", tmp_path, "--seed", seed)
    assert result.returncode == 0, result.stderr
    (run,) = (open_run(path) for path in tmp_path.iterdir() if path.name.endswith(f"seed{seed}"))
    assert run.table1.loc[0, "all"] >= 60
