"""The environment variables of an agent's process."""

import os
import sys

#: The prefix of Tock's own variables, some of which hold the secrets of every project.
_OWN = "TOCK_"


def agent_environment() -> dict[str, str]:
    """Return this process's environment without Tock's own variables, and with its `sys.path` as PYTHONPATH."""
    given = {name: value for name, value in os.environ.items() if not name.startswith(_OWN)}
    return {**given, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
