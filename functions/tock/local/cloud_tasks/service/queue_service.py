"""Implements the queue methods of google.cloud.tasks.v2.CloudTasks."""

from google.cloud import tasks_v2
from google.protobuf.empty_pb2 import Empty

from tock.local.cloud_tasks.delivery.dispatcher import Dispatcher
from tock.local.cloud_tasks.errors import InvalidFieldError, NotEmulatedError
from tock.local.cloud_tasks.names import location_name, parent_of, queue_name
from tock.local.cloud_tasks.queue import Queue, QueueState
from tock.local.cloud_tasks.service.pages import page_of
from tock.local.cloud_tasks.service.queue_messages import changed_queue, queue_message, read_queue
from tock.local.cloud_tasks.state.catalog import Catalog

#: The API's limit of queues in one page.
_MAX_A_PAGE = 9800


class QueueService:
    """Each method takes a request and returns its response, or raises a StatusError."""

    def __init__(self, *, catalog: Catalog, dispatcher: Dispatcher) -> None:
        self._catalog = catalog
        self._dispatcher = dispatcher

    def list_queues(self, request: tasks_v2.ListQueuesRequest) -> tasks_v2.ListQueuesResponse:
        """Return the queues of a location, in the order of their names; filters are not emulated."""
        parent = location_name(request.parent, field="parent")
        if request.filter:
            raise NotEmulatedError("the filter of ListQueues")
        here = [
            (name, delay_queue.queue)
            for name, delay_queue in self._catalog.delay_queues.items()
            if parent_of(name) == parent
        ]
        queues, token = page_of(here, size=request.page_size, most=_MAX_A_PAGE, token=request.page_token)
        return tasks_v2.ListQueuesResponse(queues=[queue_message(queue) for queue in queues], next_page_token=token)

    def get_queue(self, request: tasks_v2.GetQueueRequest) -> tasks_v2.Queue:
        """Return the queue."""
        return queue_message(self._queue(request.name))

    def create_queue(self, request: tasks_v2.CreateQueueRequest) -> tasks_v2.Queue:
        """Create a queue and return it; unlike in the real service, a deleted queue may be created again at once."""
        parent = location_name(request.parent, field="parent")
        queue = read_queue(request.queue)
        if parent_of(queue.name) != parent:
            raise InvalidFieldError("queue.name", problem=f"{queue.name} is not in {parent}.")
        self._catalog.add_queue(queue)
        return queue_message(queue)

    def update_queue(self, request: tasks_v2.UpdateQueueRequest) -> tasks_v2.Queue:
        """Change the queue, or create it if it does not exist, and return it."""
        name = queue_name(request.queue.name, field="queue.name")
        delay_queue = self._catalog.delay_queues.get(name)
        if delay_queue is None:
            self._catalog.add_queue(read_queue(request.queue))
        else:
            changed = changed_queue(delay_queue.queue, message=request.queue, mask=request.update_mask)
            self._change(changed, event="queue_updated")
        return queue_message(self._queue(name))

    def delete_queue(self, request: tasks_v2.DeleteQueueRequest) -> Empty:
        """Delete the queue and its tasks."""
        name = queue_name(request.name, field="name")
        self._catalog.remove_queue(name)
        self._dispatcher.wake(name)
        return Empty()

    def purge_queue(self, request: tasks_v2.PurgeQueueRequest) -> tasks_v2.Queue:
        """Delete all tasks of the queue, and return the queue."""
        return queue_message(self._catalog.purge_queue(queue_name(request.name, field="name")))

    def pause_queue(self, request: tasks_v2.PauseQueueRequest) -> tasks_v2.Queue:
        """Pause the queue and return it: it dispatches no more tasks, but attempts in progress go on."""
        paused = self._queue(request.name).model_copy(update={"state": QueueState.PAUSED})
        return self._change(paused, event="queue_paused")

    def resume_queue(self, request: tasks_v2.ResumeQueueRequest) -> tasks_v2.Queue:
        """Resume the queue and return it: it dispatches due tasks again."""
        running = self._queue(request.name).model_copy(update={"state": QueueState.RUNNING})
        return self._change(running, event="queue_resumed")

    def _change(self, queue: Queue, *, event: str) -> tasks_v2.Queue:
        self._catalog.change_queue(queue, event=event)
        self._dispatcher.wake(queue.name)
        return queue_message(queue)

    def _queue(self, name: str) -> Queue:
        return self._catalog.delay_queue(queue_name(name, field="name")).queue
