"""Keeps the process of a command: `python -m tock.executors.command.keeper PARENT DESCRIPTOR`."""

import json
import os
import signal
import sys

from tock.executors.kept_process.keeper import keep

#: The exit code of a program that cannot be started, as shells have it.
_NOT_STARTED = 127
#: What Python ignores, and programs expect to have their usual effect.
_IGNORED = (signal.SIGPIPE, signal.SIGXFSZ)


def main(*, parent: int, descriptor: int) -> None:
    """Run the program that the file behind the descriptor describes, and leave no process behind.

    The file holds `{"argv": […], "environment": {…}}`. SIGTERM goes to the program's process group, because a
    shell does not pass it on to what it runs.
    """

    def start() -> None:
        with os.fdopen(descriptor, encoding="utf-8") as file:
            given = json.load(file)
        for number in _IGNORED:
            signal.signal(number, signal.SIG_DFL)
        argv = given["argv"]
        try:
            os.execve(argv[0], argv, given["environment"])  # noqa: S606 - the deployment's own command, and no shell
        except (OSError, ValueError) as exc:
            sys.stderr.write(f"{argv[0]} cannot be started: {exc}\n")
            sys.stderr.flush()
            os._exit(_NOT_STARTED)

    # The keeper holds only stdout and stderr, which end with it: a program that closes its stdin is noticed at once.
    keep(start, parent=parent, descriptors=[descriptor, sys.stdin.fileno()], stop=os.killpg)


if __name__ == "__main__":
    main(parent=int(sys.argv[1]), descriptor=int(sys.argv[2]))
