import inspect
import subprocess
import sys
import warnings

import click
import pytest
from click.testing import CliRunner

from data_tools.cli.convert import main
from data_tools.conversion import convert
from data_tools.defects import DEFECTS
from data_tools.options import VALUE_DTYPES
from data_tools.tfrecords.dataset import open_dataset


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_convert_and_the_summary_of_what_was_done(larcv2_256, tmp_path):
    options = [
        "--sample",
        "train=20",
        "--sample",
        "testA=10@*_256.root",
        "--seed",
        7,
        "--shards",
        2,
        "--down-sample",
        2,
    ]
    more = ["--threshold", 5, "--image-producer", "data", "--particle-producer", "mctruth"]
    result = run(larcv2_256, "--output", tmp_path / "out", *options, *more)
    assert result.exit_code == 0, result.output
    data = open_dataset(tmp_path / "out")
    assert data.image_shape == (128, 128, 3)
    assert data.manifest.adc.threshold == 5
    assert data.manifest.split.seed == 7
    assert len(data.sample("testA").shards) == 2
    lines = [line.split() for line in result.stdout.splitlines()]
    assert ["events", "train", "testA"] in lines
    assert ["muon", "4", "2"] in lines
    assert "larcv2_256.root: 40 entries, 30 kept, 10 not asked for" in result.stdout
    assert f"fingerprint {data.fingerprint}" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--sample", "train=12"], "cannot be shared equally by 5 classes"),
        (["--sample", "train=400"], "needs 80 events of each class"),
        (["--sample", "train", "--image-producer", "wire"], "In the file: image2d_data"),
        (["--sample", "train", "--classes", "shower=11"], "two or more classes"),
    ],
)
def test_an_error_of_the_user_is_one_message_and_exit_code_1(larcv2_256, tmp_path, arguments, message):
    result = run(larcv2_256, "--output", tmp_path / "out", *arguments)
    assert result.exit_code == 1
    assert "Error: " in result.stderr
    assert message in result.stderr
    assert "Traceback" not in result.output


def test_a_missing_input(tmp_path):
    result = run(tmp_path / "no.root", "--output", tmp_path / "out", "--sample", "train")
    assert result.exit_code == 1
    assert "no.root: no such file" in result.stderr


def test_verify_says_what_is_broken(copy_of_small_data):
    result = CliRunner().invoke(main, ["--verify", str(copy_of_small_data)])
    assert result.exit_code == 0
    assert "every count and every hash is as the manifest says" in result.stdout
    (copy_of_small_data / "testA-00001-of-00003.tfrecord").unlink()
    result = CliRunner().invoke(main, ["--verify", str(copy_of_small_data)])
    assert result.exit_code == 1
    assert "testA-00001-of-00003.tfrecord: it is missing" in result.stdout


def test_policies_are_options(fixture_file, tmp_path):
    result = run(fixture_file("larcv2_nan.root"), "--output", tmp_path / "out", "--sample", "all")
    assert result.exit_code == 1
    assert result.stderr.endswith("NaN or infinite. To go on all the same: --on-bad-pixels skip or zero.\n")
    arguments = ["--output", tmp_path / "out", "--sample", "all", "--on-bad-pixels", "zero"]
    result = run(fixture_file("larcv2_nan.root"), *arguments)
    assert "4 with NaN or infinite pixels (these pixels are set to 0)" in result.stdout


def test_options_and_defaults_are_those_of_the_library():
    parameters = inspect.signature(convert).parameters
    options = {option.name: option for option in main.params if isinstance(option, click.Option)}
    assert set(parameters) - set(options) == {"inputs", "on"}
    given = main.make_context("lartpc-convert", []).params
    for name in set(parameters) & set(options) - {"samples", "output"}:
        assert given[name] == parameters[name].default
    assert tuple(options["value_dtype"].type.choices) == VALUE_DTYPES
    assert {name for name in options if name.startswith("on_")} == {f"on_{name.replace('-', '_')}" for name in DEFECTS}


def test_help_needs_no_numpy():
    code = (
        "import sys; from data_tools.cli.convert import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "print([name for name in ('numpy', 'uproot', 'tensorflow', 'pandas') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.splitlines()[-1] == "[]"
    assert "[default: 8, or more of 10,000 events each]" in " ".join(result.stdout.split())


def test_a_data_set_that_is_there_is_only_opened(larcv2_256, copy_of_small_data):
    options = ["--sample", "train=20", "--sample", "testA=10", "--sample", "testB", "--down-sample", 4, "--shards", 3]
    result = run(larcv2_256, "--output", copy_of_small_data, *options)
    assert result.exit_code == 0, result.output
    assert result.stdout.endswith(f"{copy_of_small_data} holds this data set already; nothing was converted.\n")
    result = run(larcv2_256, "--output", copy_of_small_data, *options[:-2])
    assert "Choose another --output." in result.stderr


def test_a_threshold_that_leaves_nothing_is_warned_of(larcv2_256, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        result = run(larcv2_256, "--output", tmp_path / "out", "--sample", "all", "--threshold", 1e5)
    assert result.exit_code == 0
    assert "Warning: --threshold 100000.0: not one of 40 events has a hit.\n" in result.stderr
