import errno
import os
import subprocess
import sys

import pytest

from data_tools import locks
from data_tools.errors import DatasetBusy
from data_tools.locks import NoLock, locked

HOLD = """
import sys
from data_tools.errors import DatasetBusy
from data_tools.locks import locked
with locked(sys.argv[1], DatasetBusy("busy")):
    print("locked", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock of tmp_path/out until a line is written to it."""
    command = [sys.executable, "-c", HOLD, tmp_path / "out"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "locked\n"
        yield process
        process.kill()


def test_another_process_is_busy_until_it_ends(holder, tmp_path):
    with pytest.raises(DatasetBusy, match="busy"), locked(tmp_path / "out", DatasetBusy("busy")):
        pass
    holder.kill()
    holder.wait()
    with locked(tmp_path / "out", DatasetBusy("busy")):
        (tmp_path / "out" / "file").touch()
    assert (tmp_path / "out" / "file").exists()


def test_to_wait_for_a_process_that_leaves_nothing_behind(holder, tmp_path):
    holder.stdin.write("\n")
    holder.stdin.flush()
    with locked(tmp_path / "out", DatasetBusy("busy"), wait=True):
        assert (tmp_path / "out").is_dir()


def test_a_directory_that_stayed_empty_is_removed_again(tmp_path):
    with pytest.raises(ValueError, match="x"), locked(tmp_path / "new", DatasetBusy("busy")):
        raise ValueError("x")
    assert not (tmp_path / "new").exists()
    (tmp_path / "mine").mkdir()
    with locked(tmp_path / "mine", DatasetBusy("busy")):
        pass
    assert (tmp_path / "mine").is_dir()


def test_a_file_system_without_locks_is_said_and_any_other_fault_is_not_passed_over(tmp_path, monkeypatch):
    def fails(number):
        def flock(*arguments):
            raise OSError(number, os.strerror(number))

        return flock

    monkeypatch.setattr(locks.fcntl, "flock", fails(errno.ENOLCK))
    said = "a file system without locks: start one process only"
    with pytest.warns(NoLock, match=said), locked(tmp_path / "out", DatasetBusy("busy")):
        assert (tmp_path / "out").is_dir()
    monkeypatch.setattr(locks.fcntl, "flock", fails(errno.EIO))
    with pytest.raises(OSError, match="Input/output error"), locked(tmp_path / "out", DatasetBusy("busy")):
        pass
