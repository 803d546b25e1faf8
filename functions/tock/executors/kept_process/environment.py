"""The environment variables that an agent's process may have."""

import os
import sys

#: The prefix of Tock's own variables, some of which hold the secrets of every project.
_OWN = "TOCK_"


def inherited_environment() -> dict[str, str]:
    """Return this process's environment without Tock's own variables."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_OWN)}


def keeper_environment() -> dict[str, str]:
    """Return the same with this process's `sys.path` as PYTHONPATH, so that the keeper finds Tock."""
    return {**inherited_environment(), "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
