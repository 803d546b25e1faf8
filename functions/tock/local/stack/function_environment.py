"""The environment variables of the local stack's processes, and of its functions besides."""

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import tock
from tock.bootstrap.settings import Settings, WrongSettings
from tock.core.time.instant import instant_text
from tock.local.errors import WrongEnvironment

#: The functions, by the names of their entry points in main.py.
FUNCTIONS = ("tick", "run", "trigger", "retry", "api")
#: The Google Cloud project that the emulators' data belongs to.
GOOGLE_PROJECT = "tock-local"
LOCATION = "local"
QUEUE = "runs"
TICK_QUEUE = "ticks"
#: The names of this machine, where people run the agents that they develop.
THIS_MACHINE = ("localhost", "127.0.0.1", "[::1]")
#: Every process writes UTF-8 at once, whatever the terminal of `tock dev` can show.
_OUTPUT = {"PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1", "PYTHONIOENCODING": "utf-8"}


def process_environment(path: Sequence[Path]) -> dict[str, str]:
    """Return the variables of every process, which imports the same `tock` as this one, and from the folders `path`."""
    folders = (Path(tock.__file__).parents[1], *path)
    python_path = os.pathsep.join(filter(None, [*map(str, folders), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": python_path, **_OUTPUT}


def function_environment(
    *,
    firestore: str,
    cloud_tasks: str,
    urls: Mapping[str, str],
    service_account: str,
    certificates: Path,
    started: datetime | None = None,
    clock: Path | None = None,
) -> dict[str, str]:
    """Return the variables of every function; `firestore` and `cloud_tasks` are the emulators' host:port.

    `started` is when the stack started, by its clock: its first tick comes later.
    `clock` is the file of a clock that can be moved; by default the functions have the machine's.
    """
    return {
        **({} if clock is None else {"TOCK_CLOCK": str(clock)}),
        **({} if started is None else {"TOCK_STARTED": instant_text(started)}),
        "GOOGLE_CLOUD_PROJECT": GOOGLE_PROJECT,
        "FIRESTORE_EMULATOR_HOST": firestore,
        "CLOUD_TASKS_EMULATOR_HOST": cloud_tasks,
        "TOCK_LOCATION": LOCATION,
        "TOCK_QUEUES": QUEUE,
        "TOCK_TICK_QUEUE": TICK_QUEUE,
        "TOCK_API_URL": urls.get("api", ""),
        "TOCK_RUN_URL": urls["run"],
        "TOCK_TICK_URL": urls["tick"],
        "TOCK_SERVICE_ACCOUNT": service_account,
        "TOCK_TICK_AUDIENCE": urls["tick"],
        "TOCK_RUN_AUDIENCE": urls["run"],
        "TOCK_CERTIFICATES": str(certificates),
        # After this time gunicorn kills a busy worker. 0 means never, because a run may take half an hour.
        "CLOUD_RUN_TIMEOUT_SECONDS": "0",
        "WORKERS": "1",
    }


def source_folders(path: Sequence[Path]) -> dict[str, str]:
    """Return the variable with the folders of agents' modules: `path` and those on PYTHONPATH; none without a path."""
    further = [folder for folder in os.environ.get("PYTHONPATH", "").split(os.pathsep) if folder]
    return {"TOCK_SOURCE_FOLDERS": os.pathsep.join([*map(str, path), *further])} if path else {}


def require_valid(environment: Mapping[str, str]) -> None:
    """Raise WrongEnvironment if a function would not start with these variables."""
    try:
        Settings.of_environment(environment)
    except WrongSettings as exc:
        raise WrongEnvironment(str(exc)) from exc
