"""What a user runs, as he runs it: the examples."""

import subprocess
import sys
from pathlib import Path

import keras
import pytest

import lartpc_zoo
from lartpc_zoo.pretrained.defaults import RECOMMENDED
from lartpc_zoo.training.run import open_run

EXAMPLES = Path(__file__).parents[1] / "examples"


def example(*arguments, script="train_resnet.py"):
    command = [sys.executable, str(EXAMPLES / script), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_from_a_root_file_to_table_1(larcv2_256, tiny_recipe_file, tmp_path):
    options = ["--network", "plainresnet10b_wd16", "--recipe", tiny_recipe_file, "--output", tmp_path / "out"]
    result = example("--data", larcv2_256, *options, "--seed", 3)
    assert result.returncode == 0, result.stderr
    run = open_run(tmp_path / "out" / "plainresnet10b_wd16-tiny-seed3")
    assert run.table1_markdown() in result.stdout
    assert run.config.seed == 3
    assert sum(map(sum, run.results.confusion_matrix)) == 10
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
def test_the_example_without_arguments_reaches_70_percent(seed, tmp_path):
    result = example("--output", tmp_path, "--seed", seed)
    assert result.returncode == 0, result.stderr
    (run,) = (open_run(path) for path in tmp_path.iterdir() if path.name.endswith(f"seed{seed}"))
    assert run.table1.loc[0, "all"] >= 70


def test_classify_prints_the_scores_of_every_event():
    result = example(script="classify.py")
    assert result.returncode == 0, result.stderr
    first = lartpc_zoo.card(RECOMMENDED).demo
    header, row, *_ = result.stdout.splitlines()
    printed = dict(zip(header.split(), row.split()))
    assert [int(printed[column]) for column in ("run", "subrun", "event")] == list(first.events[0])
    scores = [float(text) for column, text in printed.items() if column.startswith("score_")]
    assert scores == pytest.approx(first.scores[0], abs=2e-3)


def accuracies(result):
    """The two percentages that fine_tune.py prints: of the fine-tuned network, and of one from random weights."""
    assert result.returncode == 0, result.stderr
    return [float(line.split(": ")[1].split(" %")[0]) for line in result.stdout.splitlines() if " % of " in line]


def test_fine_tuning_trains_a_network_of_two_classes(tmp_path):
    result = example("--events", 20, "--test-events", 20, "--output", tmp_path, script="fine_tune.py")
    assert len(accuracies(result)) == 2
    (saved,) = tmp_path.glob("*.keras")
    assert keras.saving.load_model(saved).output_shape == (None, 2)


@pytest.mark.slow
def test_fine_tuned_showers_and_tracks_are_told_apart_better_than_from_random_weights(tmp_path):
    tuned, scratch = accuracies(example("--output", tmp_path, script="fine_tune.py"))
    assert tuned > 90
    assert tuned > scratch + 5
