import os
import platform

import pytest

from lartpc_zoo.backend import processor
from lartpc_zoo.backend.processor import processor_flags, processor_kind, usable_processors

CPU_INFO = "processor\t: 0\nmodel name\t: A Processor 1\nflags\t\t: fpu amx_bf16\nbugs\t\t:\n\nmodel name\t: another\n"


@pytest.fixture
def cpu_info(monkeypatch, tmp_path):
    path = tmp_path / "cpuinfo"
    monkeypatch.setattr(processor, "_CPU_INFO", path)
    return path


def test_what_linux_tells(cpu_info):
    cpu_info.write_text(CPU_INFO)
    assert processor_kind() == "A Processor 1"
    assert processor_flags() == {"fpu", "amx_bf16"}


@pytest.mark.parametrize("text", ["", "CPU part\t: 0xd40\nbugs\t\t:\n", None])
def test_where_it_does_not_tell(text, cpu_info, monkeypatch):
    if text is not None:
        cpu_info.write_text(text)
    monkeypatch.setattr(platform, "processor", lambda: "")
    assert processor_kind() == platform.machine()
    assert processor_flags() == set()


def test_usable_processors_are_those_of_the_process(monkeypatch):
    assert usable_processors() == len(os.sched_getaffinity(0))
    monkeypatch.delattr(os, "sched_getaffinity")
    assert usable_processors() == os.cpu_count()
