"""The queue in Cloud Tasks, and tasks for any queue."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from google.cloud.tasks_v2 import CloudTasksAsyncClient

from ports.model_queue_delivery import TICK_PATH
from tock.local.cloud_tasks.clock import SystemClock
from tock.ports.queue import Task
from tock.queue.cloud_tasks import CloudTasksQueue
from waiting import TIMEOUT

ACCOUNT = "runner@example.iam.gserviceaccount.com"
AUDIENCE = "https://run.example.com"
TICK_AUDIENCE = "https://tick.example.com"
LOCATION = "europe-west3"
SECOND = timedelta(seconds=1)


def a_cloud_tasks_queue(
    client: CloudTasksAsyncClient,
    *,
    project: str,
    url: str,
    queues: Sequence[str] = ("runs",),
    timeout: timedelta = timedelta(seconds=TIMEOUT),
) -> CloudTasksQueue:
    return CloudTasksQueue(
        client,
        project=project,
        location=LOCATION,
        queues=queues,
        url=url,
        service_account=ACCOUNT,
        audience=AUDIENCE,
        tick_queue="ticks",
        tick_url=f"{url}{TICK_PATH}",
        tick_audience=TICK_AUDIENCE,
        timeout=timeout,
    )


def a_task(
    *,
    project: str = "acme",
    run: str = "run-1",
    attempt: int = 1,
    dispatch: int = 1,
    due_at: datetime | None = None,
    timeout: timedelta = timedelta(minutes=5),
) -> Task:
    return Task(project=project, run=run, attempt=attempt, dispatch=dispatch, due_at=due_at or now(), timeout=timeout)


def now() -> datetime:
    return SystemClock().now()
