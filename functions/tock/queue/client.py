"""Creates the client of Cloud Tasks or of its emulator."""

from typing import Any

import grpc
from google.cloud.tasks_v2 import CloudTasksAsyncClient
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcAsyncIOTransport


def cloud_tasks_client(*, emulator: str = "") -> CloudTasksAsyncClient:
    """Return a client bound to the running event loop: of the emulator at this host:port, or of Google Cloud."""
    if emulator:
        transport = CloudTasksGrpcAsyncIOTransport(channel=grpc.aio.insecure_channel(emulator))
        client = CloudTasksAsyncClient(transport=transport)
    else:
        client = CloudTasksAsyncClient()
    # Price: the client's interceptor, which logs calls for debugging, starts an asyncio task per call and takes a fifth
    # of the call's time.
    channel: Any = client.transport.grpc_channel  # type: ignore[attr-defined]  # every gRPC transport has one
    channel._unary_unary_interceptors.clear()  # noqa: SLF001 - no option turns the interceptor off
    return client
