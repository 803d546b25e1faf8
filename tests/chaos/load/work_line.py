"""One line of the work log. It imports nothing of Tock, so that the program of a command starts quickly."""

import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

#: The environment variable with the directory of the logs.
DIRECTORY = "CHAOS_WORK_LOGS"


def append_line(event: Mapping[str, Any], *, instance: int) -> str:
    """Append the event to the log of this process by one write, and return the line's id.

    `instance` is the process group of the function that the agent works for.
    """
    now = time.monotonic()
    key = f"{os.getpid()}-{now!r}"
    line = {**event, "id": key, "pid": os.getpid(), "instance": instance, "monotonic": now}
    file = os.open(Path(os.environ[DIRECTORY]) / f"{os.getpid()}.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(file, json.dumps(line).encode() + b"\n")
    finally:
        os.close(file)
    return key


def function_of(process: int) -> int:
    """Return the process group of the function that the process of an agent works for; a keeper stands between them."""
    return os.getpgid(_parent(_parent(process)))


def _parent(process: int) -> int:
    text = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    return int(text.rpartition(")")[2].split()[1])
