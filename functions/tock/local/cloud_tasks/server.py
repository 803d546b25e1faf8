"""Starts and stops the Cloud Tasks emulator."""

from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

import grpc

from tock.local.cloud_tasks.clock import Clock, SystemClock
from tock.local.cloud_tasks.delivery.dispatcher import Dispatcher
from tock.local.cloud_tasks.delivery.http_sender import HttpSender
from tock.local.cloud_tasks.service.methods import handlers
from tock.local.cloud_tasks.service.queue_service import QueueService
from tock.local.cloud_tasks.service.task_service import TaskService
from tock.local.cloud_tasks.state.catalog import Catalog
from tock.local.cloud_tasks.state.storage import Storage
from tock.local.identity.token_issuer import TokenIssuer

#: How long calls in progress may take to finish when the server stops, in seconds.
_GRACE = 0.5
#: Disables port sharing: a second emulator on the same port would silently receive some of the calls.
_OPTIONS = (("grpc.so_reuseport", 0),)


class PortTakenError(RuntimeError):
    """Another process listens on the port."""

    def __init__(self, address: str) -> None:
        super().__init__(f"{address} cannot be listened on: another process does. Choose another port: --port.")


class CloudTasksEmulator:
    """A Cloud Tasks service that runs while the context is entered.

    It stores everything in the file `data`, or in memory without one. When the context is left, attempts in progress
    are aborted; with a file, they are made again after the next start.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        data: Path | None = None,
        token_issuer: TokenIssuer | None = None,
        tombstone: timedelta = timedelta(hours=1),
        clock: Clock | None = None,
    ) -> None:
        #: The host:port to listen on; once the context is entered, port 0 is replaced by the port that was chosen.
        self.address = f"{host}:{port}"
        self._host = host
        self._data = data
        self._token_issuer = token_issuer
        self._tombstone = tombstone
        self._clock = clock or SystemClock()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Start. Raises DamagedDataError, UnreadableDataError, PortTakenError."""
        async with AsyncExitStack() as stack:
            storage = Storage(self._data)
            stack.callback(storage.close)
            catalog = Catalog(storage=storage, clock=self._clock, tombstone=self._tombstone)
            sender = await stack.enter_async_context(HttpSender(token_issuer=self._token_issuer, clock=self._clock))
            dispatcher = Dispatcher(catalog=catalog, sender=sender, clock=self._clock)
            server = grpc.aio.server(options=_OPTIONS)
            queues = QueueService(catalog=catalog, dispatcher=dispatcher)
            tasks = TaskService(catalog=catalog, dispatcher=dispatcher, can_sign=self._token_issuer is not None)
            server.add_generic_rpc_handlers((handlers(queues=queues, tasks=tasks),))
            self.address = f"{self._host}:{_listen(server, self.address)}"
            await stack.enter_async_context(dispatcher)
            await server.start()
            stack.push_async_callback(server.stop, _GRACE)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()


def _listen(server: grpc.aio.Server, address: str) -> int:
    """Return the port, chosen if it was 0. Raises PortTakenError."""
    try:
        port: int = server.add_insecure_port(address)
    except RuntimeError as exc:
        raise PortTakenError(address) from exc
    return port
