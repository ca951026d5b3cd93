import subprocess
import sys
from pathlib import Path

import pytest

from data_tools.errors import NotADataset
from data_tools.tfrecords.dataset import open_dataset
from data_tools.tfrecords.verification import find_faults

_SCRIPT = Path(__file__).with_name("killed_conversion.py")
_KILLS = 20


def contents(directory):
    """{name: bytes} of everything in a data set."""
    return {path.relative_to(directory): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def test_killed_at_any_instant_it_goes_on_to_the_same_bytes(larcv2_256, tmp_path):
    subprocess.run([sys.executable, _SCRIPT, larcv2_256, tmp_path, "1", str(_KILLS)], check=True)
    whole = contents(tmp_path / "whole")
    assert find_faults(tmp_path / "whole") == []
    unfinished = half_written = 0
    for kill in range(_KILLS):
        assert contents(tmp_path / str(kill)) == whole
        left = tmp_path / f"{kill}-left"
        if not left.is_dir():
            continue
        if (left / "manifest.json").exists():
            # Killed after the manifest was there: then all that it lists must be there, too.
            open_dataset(left).verify()
        else:
            unfinished += 1
            half_written += any(left.rglob(".aside-*"))
            with pytest.raises(NotADataset):
                open_dataset(left)
    assert unfinished > _KILLS // 2
    assert half_written > 0
