"""Code blocks of README and docs that are not commands, run as they stand there."""

import re
from pathlib import Path

import numpy as np

from data_tools.defects import DEFECTS

_ROOT = Path(__file__).parents[1]
_README = (_ROOT / "README.md").read_text()


def block_with(text, page="README.md"):
    """The one Python block of a page that contains `text`."""
    blocks = re.findall(r"```python\n(.*?)```", (_ROOT / page).read_text(), re.DOTALL)
    (found,) = (block for block in blocks if text in block)
    return found


def test_the_ten_line_reader_in_plain_tf_io(small_data, tmp_path, monkeypatch):
    (tmp_path / "DATA").symlink_to(small_data.directory)
    monkeypatch.chdir(tmp_path)
    code = block_with("parse_single_example")
    assert len([line for line in code.splitlines() if line.strip()]) <= 12
    read = []
    code = code.rstrip() + "\n    read.append((image.numpy(), int(label)))\n"
    exec(code, {"read": read})
    expected = [(event.image(), label) for event, label in small_data.iterate("train")]
    assert len(read) == 20
    for (image, label), (true_image, true_label) in zip(read, expected):
        assert np.array_equal(image, true_image)
        assert label == true_label


def test_the_parts(small_data, finished_run, tmp_path, monkeypatch):
    (tmp_path / "DATA").symlink_to(small_data.directory)
    (tmp_path / "RUN").symlink_to(finished_run.directory)
    monkeypatch.chdir(tmp_path)
    names = {}
    exec("import data_tools, lartpc_zoo\n" + block_with("data.tf_dataset("), names)
    assert names["images"].shape == (20, *small_data.image_shape)
    assert names["model"].output_shape == (None, 5)


def test_hits(small_data, tmp_path, monkeypatch):
    (tmp_path / "DATA").symlink_to(small_data.directory)
    monkeypatch.chdir(tmp_path)
    names = {}
    exec("import data_tools, lartpc_zoo\n" + block_with("data.hits("), names)
    assert names["images"].shape == (20, *small_data.image_shape)
    assert len(names["hits"]) == 20


def test_submanifold_networks_are_scored_and_fitted(small_data, tmp_path, monkeypatch):
    (tmp_path / "DATA").symlink_to(small_data.directory)
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(block_with("lartpc_zoo.executed(", "docs/submanifold.md"), names)
    assert names["logits"].shape == (10, 5)
    assert names["ran"].execution == "sites"
    assert (tmp_path / "trained.weights.h5").is_file()


def test_every_defect_and_policy_is_in_the_table():
    for defect in DEFECTS.values():
        policies = "; ".join(f"`{policy}`: {means}" for policy, means in defect.policies.items())
        assert f"| `{defect.name}` | {defect.found} | {policies} |" in _README
