"""The program of the command agents, in a workspace: `program.py work` changes a file, `program.py check` reads it.

It starts a child that would outlive it.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from chaos.load.work_line import append_line, function_of

#: The file of the workspace, with a line `run attempt` for each attempt.
FILE = Path("work.txt")
#: The longest that it works, in seconds.
LONGEST = 3.0
#: The exit status of a check that does not find the work.
NOT_FOUND = 3


def main(verb: str) -> int:
    """Work for some seconds, log it, and say what came of it."""
    signal.signal(signal.SIGTERM, _stop)
    run, attempt, instance = os.environ["TOCK_RUN"], int(os.environ["TOCK_ATTEMPT"]), function_of(os.getpid())
    given = json.loads(sys.stdin.readline())
    subprocess.Popen(["sleep", "3600"])  # noqa: S607 - of the machine; nothing waits for it
    started = {"event": "start", "project": os.environ["TOCK_PROJECT"], "run": run, "attempt": attempt}
    key, outcome = append_line(started | {"agent": os.environ["TOCK_AGENT"]}, instance=instance), "stopped"
    try:
        if verb == "work":
            with FILE.open("a") as file:
                file.write(f"{run} {attempt}\n")
        _say({"event": "progress", "data": FILE.read_text() if FILE.exists() else None})
        time.sleep(random.Random(f"{run} {attempt}").uniform(0.5, LONGEST))
        outcome = "done"
    finally:
        append_line({"event": "end", "span": key, "outcome": outcome}, instance=instance)
    if verb == "check" and not FILE.exists():
        sys.stderr.write(f"There is no {FILE} in the workspace of the run: {given}\n")
        return NOT_FOUND
    _say({"result": {"attempt": attempt, "text": FILE.read_text()}})
    return 0


def _stop(*_: Any) -> None:
    sys.exit(128 + signal.SIGTERM)


def _say(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
