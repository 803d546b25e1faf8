"""Keeps the process of a plain agent's attempt, as `python -m` of this module with PARENT and DESCRIPTOR."""

import sys

from tock.executors.kept_process.keeper import keep


def main(*, parent: int, descriptor: int) -> None:
    """Run the attempt that `parent` describes on the socket `descriptor`, and leave no process behind."""

    def start() -> None:
        from tock.executors.python.own_process.worker import work  # noqa: PLC0415 the keeper itself needs none of it

        work(descriptor=descriptor)

    keep(start, parent=parent, descriptors=[descriptor])


if __name__ == "__main__":
    main(parent=int(sys.argv[1]), descriptor=int(sys.argv[2]))
