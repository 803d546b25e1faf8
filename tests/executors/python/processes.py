"""Whether a process still runs, read from /proc."""

from pathlib import Path

from waiting import result_of


def state(process: int) -> str | None:
    """The letter of /proc/PID/stat, such as R, S or Z; None when there is no such process."""
    try:
        text = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return None
    return text.rpartition(")")[2].split()[0]


def children(parent: int) -> set[int]:
    """The processes that a process has started and that are not reaped."""
    rows = [path.read_text(encoding="utf-8") for path in Path(f"/proc/{parent}/task").glob("*/children")]
    return {int(child) for row in rows for child in row.split()}


def runs(process: int) -> bool:
    """Whether the process is alive; an orphan that waits for the machine's init to reap it is not."""
    return state(process) not in {None, "Z", "X"}


def ends(process: int) -> bool:
    """Wait until the process has ended. Raises TimeoutError if it never does."""
    return result_of(lambda: not runs(process))
