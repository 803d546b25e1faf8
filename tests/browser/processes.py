"""The processes of a running stack, for tests of what happens when one of them fails."""

from pathlib import Path

from end_to_end.running_stack import RunningStack


def process_of(stack: RunningStack, word: bytes) -> int:
    """Return the process of the stack that has this word in its command, such as that of the function `api`."""
    children = {
        int(entry.name): (entry / "cmdline").read_bytes().split(b"\0")
        for entry in Path("/proc").iterdir()
        if entry.name.isdecimal() and _parent(entry) == stack.process.pid
    }
    return next(pid for pid, command in children.items() if word in command)


def _parent(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0
