import numpy as np
import pytest

from lartpc_zoo.backend import memory
from lartpc_zoo.backend.memory import LARGE_TENSORS, PROCESS, TENSORS, NoMemory, find_meter

MEGABYTES = 64


def fill():
    """Take memory and give it back."""
    np.ones(MEGABYTES * 1_000_000, np.uint8)


@pytest.fixture
def uncounted(monkeypatch):
    monkeypatch.setattr(memory, "_counts_tensors", lambda: False)


def test_the_peak_of_a_process_is_that_of_the_work_and_is_forgotten(uncounted):
    kind, meter = find_meter()
    assert kind == PROCESS
    before = meter(lambda: None)
    assert meter(fill) - before == pytest.approx(MEGABYTES, abs=8)
    assert meter(lambda: None) == pytest.approx(before, abs=8)


@pytest.mark.parametrize(("gpus", "kind"), [([], LARGE_TENSORS), (["a GPU"], TENSORS)])
def test_what_tensorflow_counts(gpus, kind, monkeypatch):
    monkeypatch.setattr(memory, "_counts_tensors", lambda: True)
    monkeypatch.setattr(memory, "gpu_kinds", lambda: gpus)
    assert find_meter()[0] == kind


def test_jax_does_not_forget_the_peak_of_a_gpu(monkeypatch):
    monkeypatch.setattr(memory, "is_tensorflow", lambda: False)
    monkeypatch.setattr(memory, "is_jax", lambda: True)
    monkeypatch.setattr(memory, "gpu_kinds", lambda: ["a GPU"])
    with pytest.raises(NoMemory, match="JAX does not forget the peak of a GPU"):
        find_meter()


def test_where_the_system_tells_nothing(uncounted, monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "_CLEAR", tmp_path / "nothing" / "clear_refs")
    with pytest.raises(NoMemory, match="only Linux tells the peak of a process"):
        find_meter()


def test_a_status_without_a_peak(uncounted, monkeypatch, tmp_path):
    (tmp_path / "status").write_text("Name:\tpython\n")
    monkeypatch.setattr(memory, "_STATUS", tmp_path / "status")
    with pytest.raises(NoMemory, match="only Linux"):
        find_meter()
