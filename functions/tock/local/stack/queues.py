"""Creates queues on the Cloud Tasks emulator; in the cloud, Terraform creates them."""

import grpc
from google.api_core.exceptions import AlreadyExists, GoogleAPICallError
from google.cloud.tasks_v2 import CloudTasksAsyncClient, Queue
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcAsyncIOTransport

from tock.local.errors import StartFailed


async def create_queue(host: str, *, project: str, location: str, queue: str) -> None:
    """Create the queue on the Cloud Tasks emulator at host:port, unless it exists.

    Raises:
        StartFailed: the emulator refused it.
    """
    parent = f"projects/{project}/locations/{location}"
    async with grpc.aio.insecure_channel(host) as channel:
        client = CloudTasksAsyncClient(transport=CloudTasksGrpcAsyncIOTransport(channel=channel))
        try:
            await client.create_queue(parent=parent, queue=Queue(name=f"{parent}/queues/{queue}"))
        except AlreadyExists:
            return
        except GoogleAPICallError as exc:
            reason = f"refused to create the queue {queue}: {exc.message}"
            raise StartFailed("cloud_tasks", reason=reason, output=()) from exc
