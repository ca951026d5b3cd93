"""README's commands from the public five-particle sample to a trained network, on small files of the same layout."""

import re
import shlex
import shutil
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

import data_tools.cli.convert
import lartpc_zoo.cli.main
import zoo_configs
from data_tools.tfrecords.dataset import open_dataset
from lartpc_zoo.training.run import open_run

_README = Path(__file__).parents[1] / "README.md"
_COMMANDS = {"lartpc-convert": data_tools.cli.convert.main, "lartpc-zoo": lartpc_zoo.cli.main.main}
# The stand-ins have 40 events each, so the samples are smaller, and the protocol is done in a few iterations.
_FEWER = {"35000": "20", "10000": "10", "30000": "25"}
_SHORTER = {"evaluation_interval": 2, "window_epochs": 2, "minimum_epochs": 2, "maximum_epochs": 4}


def readme_commands():
    """The commands of README's block about train_50k.root, each as a list of words."""
    (block,) = re.findall(r"```bash\n(lartpc-convert train_50k\.root.*?)```", _README.read_text(), re.DOTALL)
    return [shlex.split(line) for line in block.replace("\\\n", " ").strip().splitlines()]


@pytest.mark.filterwarnings("ignore::data_tools.conversion.RepeatedEvents")
def test_readme_from_the_public_files_to_a_trained_network(fixture_file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(fixture_file("larcv2_256.root"), "train_50k.root")
    shutil.copy(fixture_file("larcv2_accum.root"), "test_40k.root")
    recipe = zoo_configs.load("recipes/deeplearnphysics.yaml")
    recipe["protocol"].update(_SHORTER)
    recipe["statistics_events"] = 20
    Path("shorter.yaml").write_text(yaml.safe_dump(recipe))
    commands = readme_commands()
    assert [words[0] for words in commands] == ["lartpc-convert", "lartpc-zoo"]
    for name, *words in commands:
        words = [re.sub(r"(?<==)\d+", lambda number: _FEWER[number[0]], word) for word in words]
        words = ["shorter.yaml" if word == "deeplearnphysics" else word for word in words]
        result = CliRunner().invoke(_COMMANDS[name], words)
        assert result.exit_code == 0, result.output
        if name == "lartpc-convert":
            assert re.search(r"\d with images of other events before their own \(the last of each plane", result.output)
    data, run = open_dataset("DLP"), open_run("RUN")
    assert {sample: data.size(sample) for sample in data.samples} == {"train": 20, "testA": 10, "testB": 25}
    assert {Path(source.path).name for source in data.sources} == {"train_50k.root", "test_40k.root"}
    assert len(run.predictions) == 25


def test_the_recipe_converts_as_readme_does():
    convert, _ = readme_commands()
    samples = [word for word, before in zip(convert[1:], convert) if before == "--sample"]
    assert samples == zoo_configs.load("recipes/deeplearnphysics.yaml")["convert"]["samples"]
