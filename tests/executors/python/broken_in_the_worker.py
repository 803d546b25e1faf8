"""A module that can be imported by the function, and not by the agent's process."""

import sys
from typing import Any

if "tock.executors.python.own_process.worker" in sys.modules and "pytest" not in sys.modules:
    raise RuntimeError("not in a worker")


def agent(_run: Any) -> None:
    """Never run."""
