"""Implements the task methods of google.cloud.tasks.v2.CloudTasks."""

from datetime import datetime

from google.cloud import tasks_v2
from google.protobuf.empty_pb2 import Empty

from tock.local.cloud_tasks.delivery.dispatcher import Dispatcher
from tock.local.cloud_tasks.errors import NoIdentityError
from tock.local.cloud_tasks.names import queue_name, task_name
from tock.local.cloud_tasks.service.pages import page_of
from tock.local.cloud_tasks.service.task_messages import read_name, read_task, task_message
from tock.local.cloud_tasks.state.catalog import Catalog
from tock.local.cloud_tasks.task import Task

#: The API's limit of tasks in one page.
_MAX_A_PAGE = 1000


class TaskService:
    """Each method takes a request and returns its response, or raises a StatusError."""

    def __init__(self, *, catalog: Catalog, dispatcher: Dispatcher, can_sign: bool) -> None:
        self._catalog = catalog
        self._dispatcher = dispatcher
        self._can_sign = can_sign

    def list_tasks(self, request: tasks_v2.ListTasksRequest) -> tasks_v2.ListTasksResponse:
        """Return the tasks of a queue, in the order of their creation."""
        delay_queue = self._catalog.delay_queue(queue_name(request.parent, field="parent"))
        tasks, token = page_of(
            [(f"{task.serial:020}", task) for task in delay_queue.tasks.values()],
            size=request.page_size,
            most=_MAX_A_PAGE,
            token=request.page_token,
        )
        return tasks_v2.ListTasksResponse(
            tasks=[task_message(task, view=request.response_view) for task in tasks], next_page_token=token
        )

    def get_task(self, request: tasks_v2.GetTaskRequest) -> tasks_v2.Task:
        """Return the task."""
        return task_message(self._task(request.name), view=request.response_view)

    def create_task(self, request: tasks_v2.CreateTaskRequest) -> tasks_v2.Task:
        """Create a task and return it; its first attempt may have started already."""
        queue = queue_name(request.parent, field="parent")
        name = read_name(request.task, queue=queue)

        def build(serial: int, now: datetime) -> Task:
            task = read_task(request.task, name=name, serial=serial, now=now)
            if task.target.oidc and not self._can_sign:
                raise NoIdentityError(name)
            return task

        task = self._catalog.add_task(queue=queue, name=name, build=build)
        self._dispatcher.wake(queue)
        return task_message(task, view=request.response_view)

    def delete_task(self, request: tasks_v2.DeleteTaskRequest) -> Empty:
        """Delete the task; an attempt in progress goes on, but is not retried."""
        self._catalog.remove_task(self._task(request.name), event="task_deleted")
        return Empty()

    def run_task(self, request: tasks_v2.RunTaskRequest) -> tasks_v2.Task:
        """Start an attempt at once, regardless of the queue's state, limits and timetable; return the task."""
        return task_message(self._dispatcher.force(self._task(request.name)), view=request.response_view)

    def _task(self, name: str) -> Task:
        return self._catalog.task(task_name(name, field="name"))
