"""Creates queues on the Cloud Tasks emulator; in the cloud, Terraform creates them."""

import contextlib

import grpc
from google.api_core.exceptions import AlreadyExists
from google.cloud.tasks_v2 import CloudTasksAsyncClient, Queue
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcAsyncIOTransport


async def create_queue(host: str, *, project: str, location: str, queue: str) -> None:
    """Create the queue on the Cloud Tasks emulator at host:port, unless it exists.

    Raises:
        google.api_core.exceptions.GoogleAPICallError: the emulator refused it.
    """
    parent = f"projects/{project}/locations/{location}"
    async with grpc.aio.insecure_channel(host) as channel:
        client = CloudTasksAsyncClient(transport=CloudTasksGrpcAsyncIOTransport(channel=channel))
        with contextlib.suppress(AlreadyExists):
            await client.create_queue(parent=parent, queue=Queue(name=f"{parent}/queues/{queue}"))
