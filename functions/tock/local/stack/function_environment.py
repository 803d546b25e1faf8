"""What the functions find in their environment on this machine."""

from collections.abc import Mapping
from pathlib import Path

#: The functions, as the source file names them.
FUNCTIONS = ("tick", "run", "trigger", "retry", "api")
#: The Google Cloud project of the emulators' data.
GOOGLE_PROJECT = "tock-local"
LOCATION = "local"
QUEUE = "runs"
TICK_QUEUE = "ticks"


def function_environment(
    *, firestore: str, cloud_tasks: str, urls: Mapping[str, str], service_account: str, certificates: Path
) -> dict[str, str]:
    """The variables that every function gets; `firestore` and `cloud_tasks` are host:port of the emulators."""
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
        # A limit: gunicorn kills a worker that is busy for longer; 0 is no limit, since a run may take half an hour.
        "CLOUD_RUN_TIMEOUT_SECONDS": "0",
        "WORKERS": "1",
    }
