"""Registers the gRPC methods with their messages, and turns a StatusError into a gRPC status."""

from collections.abc import Awaitable, Callable
from typing import Any

import grpc
from google.cloud import tasks_v2
from google.protobuf.empty_pb2 import Empty

from tock.local.cloud_tasks.errors import StatusError
from tock.local.cloud_tasks.service.queue_service import QueueService
from tock.local.cloud_tasks.service.task_service import TaskService

_SERVICE = "google.cloud.tasks.v2.CloudTasks"


def handlers(*, queues: QueueService, tasks: TaskService) -> grpc.GenericRpcHandler:
    """Return the service's handler for a grpc.aio server; a method that is not listed answers UNIMPLEMENTED."""
    return grpc.method_handlers_generic_handler(
        _SERVICE,
        {
            "ListQueues": _unary(queues.list_queues, takes=tasks_v2.ListQueuesRequest),
            "GetQueue": _unary(queues.get_queue, takes=tasks_v2.GetQueueRequest),
            "CreateQueue": _unary(queues.create_queue, takes=tasks_v2.CreateQueueRequest),
            "UpdateQueue": _unary(queues.update_queue, takes=tasks_v2.UpdateQueueRequest),
            "DeleteQueue": _unary(queues.delete_queue, takes=tasks_v2.DeleteQueueRequest),
            "PurgeQueue": _unary(queues.purge_queue, takes=tasks_v2.PurgeQueueRequest),
            "PauseQueue": _unary(queues.pause_queue, takes=tasks_v2.PauseQueueRequest),
            "ResumeQueue": _unary(queues.resume_queue, takes=tasks_v2.ResumeQueueRequest),
            "ListTasks": _unary(tasks.list_tasks, takes=tasks_v2.ListTasksRequest),
            "GetTask": _unary(tasks.get_task, takes=tasks_v2.GetTaskRequest),
            "CreateTask": _unary(tasks.create_task, takes=tasks_v2.CreateTaskRequest),
            "DeleteTask": _unary(tasks.delete_task, takes=tasks_v2.DeleteTaskRequest),
            "RunTask": _unary(tasks.run_task, takes=tasks_v2.RunTaskRequest),
        },
    )


def _unary(method: Callable[[Any], Any], *, takes: Any) -> grpc.RpcMethodHandler:
    return grpc.unary_unary_rpc_method_handler(
        _answering(method), request_deserializer=takes.deserialize, response_serializer=_serialized
    )


def _answering(method: Callable[[Any], Any]) -> Callable[[Any, Any], Awaitable[Any]]:
    async def answer(request: Any, context: Any) -> Any:
        try:
            return method(request)
        except StatusError as error:
            await context.abort(error.code, str(error))

    return answer


def _serialized(message: Any) -> bytes:
    serialized: bytes = message.SerializeToString() if isinstance(message, Empty) else type(message).serialize(message)
    return serialized
