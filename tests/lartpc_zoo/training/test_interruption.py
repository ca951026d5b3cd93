import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lartpc_zoo.training.run_directory import RunDirectory

_SCRIPT = Path(__file__).with_name("killed_training.py")
_SAME = ("config.yaml", "history.csv", "window.csv", "table1.csv", "predictions_testB.csv.gz")


def contents(run):
    """Everything of a finished run that must not depend on how often it was killed: {name: bytes or results}."""
    results = json.loads((run / "results.json").read_text())
    weights = {path.name: path.read_bytes() for path in (run / "weights").iterdir()}
    assert RunDirectory(run).scorings()[-1].complete
    return {**{name: (run / name).read_bytes() for name in _SAME}, **weights, "results": results}


@pytest.mark.parametrize("network", ["plainresnet10b_wd16_fc8", "plainresnet10b_wd16_fc8_sub"])
@pytest.mark.parametrize(
    ("runs", "kills"), [(1, 3), pytest.param(5, 4, marks=pytest.mark.slow)], ids=["3 kills", "20 kills"]
)
def test_killed_at_any_moment_it_ends_with_the_same_bits(runs, kills, network, small_data, tmp_path):
    command = [sys.executable, _SCRIPT, network, small_data.directory, tmp_path, "1", str(runs), str(kills)]
    subprocess.run(command, check=True)
    whole = contents(tmp_path / "whole")
    assert len([name for name in whole if name.endswith(".h5")]) == 1
    for run in range(runs):
        assert contents(tmp_path / str(run)) == whole
        assert not (tmp_path / str(run) / "state").exists()
        assert not list((tmp_path / str(run)).rglob(".aside-*"))
    killed = re.findall(r"killed, (\d+) weights, (\d+) half-written", (tmp_path / "kills.txt").read_text())
    assert len(killed) > runs  # more than one each
    # The windows around the minimum and around one that comes next, and weights that are not yet on record: of 16.
    assert max(int(weights) for weights, _ in killed) <= 12
    if runs > 1:
        assert sum(int(halves) for _, halves in killed) > 0
