import shutil
import warnings

import pandas as pd
import pytest
import uproot
from click.testing import CliRunner

import lartpc_zoo
from lartpc_zoo.cli.main import main
from lartpc_zoo.evaluation.opening import SharedSources


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_list_shows_names_and_costs():
    result = run("list", "resnet29*")
    assert result.exit_code == 0
    rows = [line.split() for line in result.stdout.splitlines()]
    (wide,) = (row for row in rows if row[1:2] == ["resnet29b_w4"])
    assert {"240.5", "236.9", "2,504", "283", "yes"} <= set(wide)
    assert "resnet14b " not in result.stdout
    assert "576 x 576 x 3" in result.stdout


def test_list_says_which_networks_grow_with_the_image():
    result = run("list", "vgg*", "--input-shape", "224,224,1")
    assert "224 x 224 x 1" in result.stdout
    assert "* vgg16a: 102.8 M of its parameters are in its first dense layer." in result.stdout
    assert "vgg16b:" not in result.stdout


def test_list_at_a_size_that_some_are_too_large_for():
    result = run("list", "*et", "--input-shape", "48,64,3")
    assert result.exit_code == 0
    assert "googlenet" in result.stdout
    assert "alexnet needs images of 57 x 57 or more." in result.stdout
    assert "of 32 or more" in run("list", "--input-shape", "16,64,3").stderr


def test_info_says_costs_tokens_provenance_and_layers():
    result = run("info", "resnet14b_wd4_s1", "--input-shape", "144,144,3")
    assert result.exit_code == 0
    for text in (
        "parameters       508,949",
        "receptive field  69 x 69 pixels",
        "smallest image   32 x 32 pixels; the same weights for images of any size",
        "_s1: the first convolution has stride 1; the pool after it stays",
        "found in the sources of the study:",
        "inferred:",
    ):
        assert text in result.stdout
    (row,) = (line.split() for line in result.stdout.splitlines() if "stage5_block1_projection_conv" in line)
    assert row[1:] == ["PointwiseConv2D", "9", "x", "9", "x", "512", "131,072", "10.62", "37"]


def test_info_of_a_network_with_a_first_dense_layer():
    result = run("info", "alexnet")
    assert "smallest image   57 x 57 pixels" in result.stdout
    assert "its first dense layer has 303,042,560 parameters, which grow with the image" in result.stdout


def test_info_draws_the_network(tmp_path):
    result = run("info", "googlenet_wd4_towers", "--input-shape", "64,64,3", "--plot", tmp_path / "network.png")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "network.png").read_bytes().startswith(b"\x89PNG")
    result = run("info", "googlenet", "--plot", tmp_path / "network.txt")
    assert result.exit_code == 1
    assert "expected a file that ends in .png or .pdf" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["info", "resnet15b"], "No network 'resnet15b'. Did you mean resnet50b, resnet14b"),
        (["info", "resnet14b", "--input-shape", "144"], "expected ROWS,COLS,PLANES"),
        (["evaluate", "/nowhere", "--data", "/nowhere"], "no such directory, so it is not that of a run"),
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


def test_the_card_and_weights_of_a_run(finished_run, larcv2_256, tmp_path):
    options = ("--demo", larcv2_256, "--licence", "MIT", "--limits", "made for tests", "--name", "mine")
    result = run("publish", finished_run.directory, "--output", tmp_path, *options)
    assert result.exit_code == 0
    path = tmp_path / "mine.card.yaml"
    assert f"lartpc_zoo.load_pretrained('{path}') loads it." in result.stdout
    alone = run("publish", finished_run.directory, "--output", tmp_path / "alone", *options, "--no-weights")
    assert alone.stdout.endswith("without weights.\n")
    shown = run("card", path)
    assert shown.exit_code == 0
    assert "limits    made for tests" in shown.stdout
    assert "No pretrained network 'theirs'" in run("card", "theirs").stderr


def test_a_pretrained_network_is_evaluated_and_its_weights_may_be_elsewhere(
    published, small_data, tmp_path, monkeypatch
):
    monkeypatch.setenv("LARTPC_ZOO_CACHE", str(tmp_path / "cache"))
    card = shutil.copy(published, tmp_path)
    command = ("evaluate", card, "--data", small_data.directory, "--output", tmp_path / "scores")
    assert "Say where they are" in run(*command).stderr
    result = run(*command, "--source", published.parent)
    assert result.exit_code == 0
    assert "testB, 10 events" in result.stdout


def test_archive_keeps_runs(finished_run, tmp_path):
    result = run("archive", finished_run.directory, "--output", tmp_path / "kept")
    assert result.exit_code == 0
    assert result.stdout.strip() == str(tmp_path / "kept" / finished_run.directory.name)
    assert "is there already" in run("archive", finished_run.directory, "--output", tmp_path / "kept").stderr


def test_help_lists_all_commands_in_the_order_of_their_use():
    lines = run("--help").stdout.splitlines()
    listed = [line.split()[0] for line in lines if line.startswith("  ") and line.split()[0] in main.commands]
    assert listed == list(main.commands)
    assert listed.index("inspect") < listed.index("train") < listed.index("report") < listed.index("publish")
    for name in main.commands:
        assert run(name, "--help").exit_code == 0


@pytest.mark.parametrize("ending", ["csv", "csv.gz", "parquet", "root"])
def test_classify_shows_scores_and_writes_them(ending, published, larcv2_256, tmp_path):
    output = tmp_path / f"scores.{ending}"
    with warnings.catch_warnings():
        warnings.simplefilter("always", SharedSources)
        result = run("classify", larcv2_256, "--network", published, "--output", output)
    assert result.exit_code == 0, result.output
    assert "Warning: " in result.stderr
    assert "larcv2_256.root" in result.stdout
    assert "score_electron" in result.stdout
    assert f"40 events: {output}" in result.stdout
    with pytest.warns(SharedSources):
        expected = lartpc_zoo.classify(larcv2_256, published)
    assert written(output)["entry"].tolist() == expected["entry"].tolist()
    assert written(output)["prediction"].tolist() == expected["prediction"].tolist()
    again = run("classify", larcv2_256, "--network", published, "--output", output)
    assert (again.exit_code, "exists. Choose another output" in again.stderr) == (1, True)


def written(path):
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    if path.suffix == ".root":
        return pd.DataFrame(uproot.open(path)["predictions"].arrays(library="np"))
    return pd.read_csv(path)


def test_classify_scores_several_files_or_a_data_set(published, small_data, larcv2_copy, larcv2_256):
    result = run("classify", larcv2_256, larcv2_copy, "--network", published)
    assert result.exit_code == 1
    assert "copy.root" in result.stderr
    result = run("classify", small_data.directory, "--network", published)
    assert result.exit_code == 0, result.output
    assert len(result.stdout.splitlines()) == 12


def test_score_writes_a_file_per_input_and_names_those_that_failed(
    published, larcv2_256, larcv2_copy, fixture_file, tmp_path
):
    output = tmp_path / "scores"
    arguments = ["score", larcv2_256, larcv2_copy, "--network", published, "--output", output, "--format", "parquet"]
    larcv2_copy.write_bytes(b"")
    result = run(*arguments)
    assert result.exit_code == 1
    assert f"40 events of 2 inputs scored: {output}" in result.stdout
    assert "no scores: " in result.stdout and "copy.root: an empty file" in result.stdout
    assert "Error: 1 of 2 inputs have no scores." in result.stderr
    assert written(output / "larcv2_256.parquet")["entry"].tolist() == list(range(40))
    shutil.copy(fixture_file("larcv2_images_only_5.root"), larcv2_copy)
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    assert "45 events of 2 inputs scored" in result.stdout
    assert "1 input had its scores already" in result.stdout


def test_score_refuses_images_of_another_kind_and_pads_them_where_asked(published, fixture_file, tmp_path):
    file = fixture_file("larcv2_row_order.root")
    arguments = ["score", file, "--network", published, "--output", tmp_path / "scores"]
    result = run(*arguments)
    assert result.exit_code == 1
    assert "To pad them, or to cut the window around the activity: --fit." in result.stderr
    result = run(*arguments, "--fit")
    assert result.exit_code == 0, result.output
    assert "images of 1 input padded or cut to 256 x 256" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "resnet14b_dw4"], "'dw4' is no token of a name"),
        (["train", "resnet14b_wd4", "--recipe", "zo"], "Did you mean zoo"),
        (["train", "resnet14b_wd4", "--device", "gpu0"], "Device 'gpu0': expected a name as in GPU:0"),
        (["study", "dept"], "Did you mean depth"),
        (["study", "depth", "--device", "GPU:"], "Device 'GPU:'"),
    ],
)
def test_names_are_looked_up_before_the_data(arguments, message, tmp_path):
    result = run(*arguments, "--data", tmp_path / "no", "--output", tmp_path / "out")
    assert result.exit_code == 1
    assert message in result.stderr


def test_a_variant_with_swapped_letters_is_recognised():
    assert "resnet14b_wd4" in run("info", "resnet14b_dw4").stderr


def test_a_sample_that_is_not_there(published, small_data):
    result = run("evaluate", published, "--data", small_data.directory, "--sample", "testC")
    assert result.exit_code == 1
    assert "Did you mean test" in result.stderr
    assert "Did you mean" in run("evaluate", "resnet14b_wd5", "--data", small_data.directory).stderr
