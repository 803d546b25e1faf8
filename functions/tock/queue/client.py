"""The client of Cloud Tasks, or of its emulator."""

import grpc
from google.cloud.tasks_v2 import CloudTasksAsyncClient
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcAsyncIOTransport


def cloud_tasks_client(*, emulator: str = "") -> CloudTasksAsyncClient:
    """Return a client bound to the running event loop: of the emulator at this host:port, or of the cloud."""
    if not emulator:
        return CloudTasksAsyncClient()
    return CloudTasksAsyncClient(transport=CloudTasksGrpcAsyncIOTransport(channel=grpc.aio.insecure_channel(emulator)))
