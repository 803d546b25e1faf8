"""Facts about the machine that figures depend on, and the memory and processor time of processes."""

import os
import platform
import resource
import sys
from pathlib import Path
from typing import Any

_KIB = 1024


def facts() -> dict[str, Any]:
    """Return what a reader must know to compare figures."""
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "load_before": os.getloadavg()[0],
    }


def peak_memory() -> int:
    """Return the peak of this process's resident memory, in bytes.

    On Linux it is the kernel's high-water mark of this program alone: `ru_maxrss` of a child begins with its parent's.
    """
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * _KIB
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * _KIB


def resident_memory() -> int:
    """Return this process's resident memory in bytes, or its peak where the present one cannot be read."""
    pages = Path("/proc/self/statm")
    return int(pages.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if pages.exists() else peak_memory()


def processor_seconds(pid: int) -> float:
    """Return how many seconds of processor time a process has used, or 0 where that cannot be read."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return 0.0
    # The name in the second field may hold blanks; it ends with the last bracket.
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if not information.exists():
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in information.read_text().splitlines() if "model name" in line]
    return names[0] if names else platform.processor()
