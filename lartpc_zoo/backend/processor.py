"""The processor of this machine, as far as its system tells."""

import os
import platform
import re
from pathlib import Path

_CPU_INFO = Path("/proc/cpuinfo")


def processor_kind() -> str:
    """The kind of processor, as in 'AMD EPYC 9554'; the architecture where the system tells no more."""
    return _cpu_info("model name") or platform.processor() or platform.machine()


def processor_flags() -> set[str]:
    """Instruction sets of the processor by their names in Linux; none where the system does not tell."""
    return set(_cpu_info("flags").split())


def usable_processors() -> int | None:
    """Processors that this process may use, which on a shared machine are not all; None where it is not known."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def _cpu_info(field: str) -> str:
    """A field of the first processor in /proc/cpuinfo, '' where there is none."""
    text = _CPU_INFO.read_text(encoding="utf-8", errors="replace") if _CPU_INFO.is_file() else ""
    found = re.search(rf"^{field}[ \t]*:(.*)$", text, re.MULTILINE)
    return found[1].strip() if found else ""
