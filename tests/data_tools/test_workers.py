import subprocess
import sys
import textwrap

import psutil
import pytest

from data_tools import workers
from data_tools.conversion import convert, spool
from data_tools.errors import BadOption, CorruptFile

SAMPLES = ["train=20", "testA=10", "testB"]


@pytest.fixture
def small_parts(monkeypatch):
    """Six parts of larcv2_256."""
    monkeypatch.setattr(spool, "ENTRIES_PER_PART", 7)


def contents(directory):
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def test_the_number_of_processes_changes_nothing(larcv2_256, tmp_path, small_parts):
    alone = convert(larcv2_256, tmp_path / "alone", SAMPLES)
    three = convert(larcv2_256, tmp_path / "three", SAMPLES, workers=3)
    assert contents(alone.directory) == contents(three.directory)


def test_an_error_in_a_worker_is_the_users_error(larcv2_copy, basket_of_entry, tmp_path, small_parts):
    position, size = basket_of_entry(30)
    content = bytearray(larcv2_copy.read_bytes())
    content[position + size // 2] ^= 0xFF
    larcv2_copy.write_bytes(content)
    with pytest.raises(CorruptFile, match=r"copy\.root, entry 30 cannot be read"):
        convert(larcv2_copy, tmp_path / "out", SAMPLES, workers=2)
    assert not (tmp_path / "out" / "manifest.json").exists()


def test_no_workers_at_all(larcv2_256, tmp_path):
    with pytest.raises(BadOption, match="workers=0: expected 1 or more"):
        convert(larcv2_256, tmp_path / "out", SAMPLES, workers=0)


def test_no_dask_scheduler_there(larcv2_256, tmp_path, monkeypatch):
    pytest.importorskip("distributed", reason="the extra 'dask' is not installed")
    monkeypatch.setattr(workers, "_DASK_ANSWERS_WITHIN", 1)
    with pytest.raises(BadOption, match='dask="tcp://127.0.0.1:1": no scheduler answers there'):
        convert(larcv2_256, tmp_path / "out", SAMPLES, dask="tcp://127.0.0.1:1")


def test_a_dask_cluster_of_processes_gives_the_same_bytes(larcv2_256, tmp_path, small_parts):
    pytest.importorskip("distributed", reason="the extra 'dask' is not installed")
    alone = convert(larcv2_256, tmp_path / "alone", SAMPLES)
    # In a process of its own, because a cluster leaves threads and sockets behind.
    script = """
        import sys
        from distributed import LocalCluster
        from data_tools.conversion import spool
        from data_tools.conversion import convert

        if __name__ == "__main__":
            spool.ENTRIES_PER_PART = 7
            with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
                convert(sys.argv[1], sys.argv[2], ["train=20", "testA=10", "testB"], dask=cluster.scheduler_address)
                assert len(cluster.scheduler_info["workers"]) == 2
    """
    (tmp_path / "script.py").write_text(textwrap.dedent(script))
    subprocess.run([sys.executable, tmp_path / "script.py", larcv2_256, tmp_path / "dask"], check=True)
    assert contents(tmp_path / "dask") == contents(alone.directory)


_SLEEPING = """
import os, sys, time
from data_tools import workers

class Item:
    span = (0, 1)

def work(item):
    print(os.getpid(), flush=True)
    time.sleep(60)

if __name__ == "__main__":
    workers.run(work, [Item(), Item()], lambda n: None, workers=2)
"""


def test_workers_end_with_a_parent_that_is_killed(tmp_path):
    (tmp_path / "sleeping.py").write_text(_SLEEPING)
    parent = subprocess.Popen([sys.executable, tmp_path / "sleeping.py"], stdout=subprocess.PIPE, text=True)
    with parent:
        working = [psutil.Process(int(parent.stdout.readline())) for _ in range(2)]
        parent.kill()
    _, alive = psutil.wait_procs(working, timeout=10)
    assert not alive
