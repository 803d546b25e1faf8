"""The environment variables of an agent's process."""

import os
import sys

from tock.executors.kept_process.environment import inherited_environment


def agent_environment() -> dict[str, str]:
    """Return this process's environment without Tock's own variables, and with its `sys.path` as PYTHONPATH."""
    return {**inherited_environment(), "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
