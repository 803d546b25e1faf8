"""Whether a process is running, read from /proc."""

from pathlib import Path

from waiting import result_of


def state(process: int) -> str | None:
    """Return the state in /proc/PID/stat, such as R, S or Z, or None if there is no such process."""
    try:
        text = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return None
    return text.rpartition(")")[2].split()[0]


def children(parent: int) -> set[int]:
    """Return the children of a process that are not reaped."""
    rows = [path.read_text(encoding="utf-8") for path in Path(f"/proc/{parent}/task").glob("*/children")]
    return {int(child) for row in rows for child in row.split()}


def runs(process: int) -> bool:
    """Whether the process is alive; an orphan that init has yet to reap is not."""
    return state(process) not in {None, "Z", "X"}


def ends(process: int) -> bool:
    """Wait until the process has ended. Raises TimeoutError if it never does."""
    return result_of(lambda: not runs(process))
