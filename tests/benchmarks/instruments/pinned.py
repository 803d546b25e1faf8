"""Gives one process tree a processor core of its own, and reads what memory the tree has."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_KIB = 1024


@contextmanager
def leaving_a_core() -> Iterator[int | None]:
    """Keep this process, and what it starts inside the block, off one core, and yield that core.

    Yields None where there is only one core, or where cores cannot be chosen: then everybody shares.
    """
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    if len(cores) < 2:
        yield None
        return
    os.sched_setaffinity(0, cores[1:])
    try:
        yield cores[0]
    finally:
        os.sched_setaffinity(0, cores)


def pin(root: int, *, core: int) -> None:
    """Move every thread of the process and of its descendants to the core; later ones follow."""
    for process in tree(root):
        for thread in _numbers(Path(f"/proc/{process}/task")):
            os.sched_setaffinity(thread, [core])


def tree(root: int) -> list[int]:
    """Return the process and its descendants."""
    found = [root]
    for process in found:
        for thread in _numbers(Path(f"/proc/{process}/task")):
            found += map(int, Path(f"/proc/{process}/task/{thread}/children").read_text().split())
    return found


def memory(processes: Sequence[int]) -> int:
    """Return the bytes of the processes' resident memory; what they share with one another counts once.

    The largest counts whole, of every other one only what is its own.
    """
    maps = [_rollup(process) for process in processes]
    largest = max(maps, key=lambda each: each["Rss"])
    return largest["Rss"] + sum(each["Private_Clean"] + each["Private_Dirty"] for each in maps if each is not largest)


def _rollup(process: int) -> dict[str, int]:
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]
    return {name.rstrip(":"): int(size) * _KIB for name, size, *_ in (line.split() for line in lines)}


def _numbers(folder: Path) -> list[int]:
    return [int(entry.name) for entry in folder.iterdir()]
