"""The environment variables of the functions in the local stack."""

from collections.abc import Mapping
from pathlib import Path

#: The functions, by the names of their entry points in main.py.
FUNCTIONS = ("tick", "run", "trigger", "retry", "api")
#: The Google Cloud project that the emulators' data belongs to.
GOOGLE_PROJECT = "tock-local"
LOCATION = "local"
QUEUE = "runs"
TICK_QUEUE = "ticks"


def function_environment(
    *, firestore: str, cloud_tasks: str, urls: Mapping[str, str], service_account: str, certificates: Path
) -> dict[str, str]:
    """Return the variables of every function; `firestore` and `cloud_tasks` are the emulators' host:port."""
    return {
        "GOOGLE_CLOUD_PROJECT": GOOGLE_PROJECT,
        "FIRESTORE_EMULATOR_HOST": firestore,
        "CLOUD_TASKS_EMULATOR_HOST": cloud_tasks,
        "TOCK_LOCATION": LOCATION,
        "TOCK_QUEUES": QUEUE,
        "TOCK_TICK_QUEUE": TICK_QUEUE,
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
