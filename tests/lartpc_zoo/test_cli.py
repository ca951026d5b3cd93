import shutil

import pytest
from click.testing import CliRunner

from lartpc_zoo.cli import main


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_list_shows_names_and_sizes():
    result = run("list", "resnet29*")
    assert result.exit_code == 0
    rows = [line.split() for line in result.stdout.splitlines()]
    assert any(row[1:2] == ["resnet29b_w4"] and "240.5" in row for row in rows)
    assert "resnet14b" not in result.stdout


def test_info_says_what_is_found_and_what_is_inferred():
    result = run("info", "resnet14b_wd4", "--input-shape", "144,144,3")
    assert result.exit_code == 0
    assert "parameters     508,949" in result.stdout
    assert "found in the study's sources:" in result.stdout
    assert "inferred:" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["info", "resnet15b"], "No network 'resnet15b'. Did you mean resnet50b, resnet14b"),
        (["info", "resnet14b", "--input-shape", "144"], "expected ROWS,COLS,PLANES"),
        (["evaluate", "/nowhere", "--data", "/nowhere"], "not the directory of a run"),
    ],
)
def test_an_error_of_the_user_is_one_message_and_exit_code_1(arguments, message):
    result = run(*arguments)
    assert result.exit_code == 1
    assert message in result.stderr
    assert "Traceback" not in result.output


def test_train_without_a_data_set(tmp_path):
    result = run("train", "resnet14b", "--data", tmp_path, "--output", tmp_path / "run")
    assert result.exit_code == 1
    assert "no manifest.json" in result.stderr
    assert not (tmp_path / "run").exists()


def test_evaluate_prints_table_1(finished_run, small_data, tmp_path):
    run_copy = shutil.copytree(finished_run.directory, tmp_path / "run")
    result = run("evaluate", run_copy, "--data", small_data.directory, "--sample", "testA")
    assert result.exit_code == 0, result.output
    assert "| Network | e- | gamma | mu- | pi | p | all |" in result.stdout


def test_inspect_a_file_and_a_data_set(larcv2_256, small_data):
    result = run("inspect", larcv2_256)
    assert result.exit_code == 0, result.output
    assert "40 events, 256 x 256 x 3, pixel 0.5 x 0.5 cm" in result.stdout
    result = run("inspect", small_data.directory, "--sample", "testA")
    assert result.exit_code == 0, result.output
    assert small_data.fingerprint in result.stdout
    assert "testA: 10 events, 64 x 64 x 3, pixel 2 x 2 cm" in result.stdout


def test_display_draws_one_thing(larcv2_256, tmp_path):
    result = run("display", larcv2_256, "--event", 3, "--output", tmp_path / "event.png")
    assert result.exit_code == 0, result.output
    assert result.stdout.strip() == str(tmp_path / "event.png")
    for options in ((), ("--event", 3, "--species")):
        assert "Expected one of --event N" in run("display", larcv2_256, *options).stderr
