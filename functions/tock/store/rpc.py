"""The RPCs of one Firestore database on plain protobuf messages, each with its deadline and its retries.

Price: the client's own documents and batches would take most of a tick's time (see `values`), so this file calls the
generated client beneath `AsyncClient`; no other file does.
"""

from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Sequence
from datetime import timedelta
from functools import cached_property
from typing import Any

import grpc
from google.api_core.exceptions import (
    Aborted,
    DataLoss,
    GoogleAPIError,
    InternalServerError,
    NotFound,
    ResourceExhausted,
    ServiceUnavailable,
    from_grpc_error,
)
from google.api_core.gapic_v1.routing_header import to_grpc_metadata
from google.api_core.retry import if_exception_type
from google.cloud.firestore_v1 import AsyncClient, types

from tock.core.errors import InvalidArgument
from tock.google_rpc import call_unary, with_retries
from tock.store.errors import commit_error, read_error

#: How long a Commit may take with its retries, and how long each try of a read: well within a lease, so that a runner
#: can call again before its lease expires. A read with its retries may take twice as long.
TIMEOUT = timedelta(seconds=10)
#: The most bytes of one Commit: Firestore takes 10 MiB, its emulator only gRPC messages of up to 4 MiB.
LARGEST_COMMIT = 4 * 1024 * 1024 - 1024

_RETRIED_COMMIT_ERRORS = if_exception_type(Aborted, ResourceExhausted, ServiceUnavailable)
_RETRIED_READ_ERRORS = if_exception_type(Aborted, InternalServerError, ResourceExhausted, ServiceUnavailable)

_CommitRequest = types.CommitRequest.pb()
_GetDocumentRequest = types.GetDocumentRequest.pb()
_BatchGetDocumentsRequest = types.BatchGetDocumentsRequest.pb()
_RunQueryRequest = types.RunQueryRequest.pb()
_RunAggregationQueryRequest = types.RunAggregationQueryRequest.pb()


class FirestoreRpc:
    """Calls one database through a client; no connection is opened before the first call."""

    def __init__(self, client: AsyncClient, *, timeout: timedelta = TIMEOUT) -> None:
        self._client = client
        self._timeout = timeout.total_seconds()
        self._database = str(client._database_string)  # noqa: SLF001 - see the module's docstring
        self._metadata: Any = client._rpc_metadata  # noqa: SLF001 - as above
        self._routed_by_database = (*self._metadata, to_grpc_metadata({"database": self._database}))

    @property
    def database(self) -> str:
        """The full name of the database."""
        return self._database

    @property
    def documents(self) -> str:
        """The prefix of all document names, without a slash at its end."""
        return f"{self._database}/documents"

    async def commit(self, writes: Sequence[Any]) -> Any:
        """Send these `Write` messages in one RPC and return the `CommitResponse` message.

        Raises CommitConflict, InvalidArgument or StoreUnavailable, as the port says.
        """
        request = _CommitRequest(database=self._database, writes=writes)
        if (size := request.ByteSize()) > LARGEST_COMMIT:
            remedy = f"{size} bytes in one Commit: at most {LARGEST_COMMIT} are accepted"
            raise InvalidArgument(field="writes", value=size, remedy=remedy)
        try:
            response = await call_unary(
                self._transport.commit,
                types.CommitRequest.wrap(request),
                metadata=self._routed_by_database,
                retried=_RETRIED_COMMIT_ERRORS,
                seconds=self._timeout,
                seconds_per_try=self._timeout,
            )
        except GoogleAPIError as exc:
            raise commit_error(exc) from exc
        return types.CommitResponse.pb(response)

    async def document(self, name: str) -> Any | None:
        """Return the `Document` message of this name, or None."""
        try:
            found = await call_unary(
                self._transport.get_document,
                types.GetDocumentRequest.wrap(_GetDocumentRequest(name=name)),
                metadata=(*self._metadata, to_grpc_metadata({"name": name})),
                retried=_RETRIED_READ_ERRORS,
                seconds=2 * self._timeout,
                seconds_per_try=self._timeout,
            )
        except NotFound:
            return await self._looked_up(name)
        except GoogleAPIError as exc:
            raise read_error(exc) from exc
        return types.Document.pb(found)

    async def _looked_up(self, name: str) -> Any | None:
        # A document that is not found may be one in a database that is not found; this RPC tells the two apart.
        request = types.BatchGetDocumentsRequest.wrap(
            _BatchGetDocumentsRequest(database=self._database, documents=[name])
        )
        responses = await self._read(self._rpcs.batch_get_documents, request)
        return next((response.found for response in responses if response.HasField("found")), None)

    async def query(self, parent: str, query: Any) -> list[Any]:
        """Return the `Document` messages that a `StructuredQuery` message finds below the parent's name."""
        request = types.RunQueryRequest.wrap(_RunQueryRequest(parent=parent, structured_query=query))
        responses = await self._read(self._rpcs.run_query, request)
        return [response.document for response in responses if response.HasField("document")]

    async def count(self, parent: str, query: Any, *, most: int | None = None) -> int:
        """Return how many documents a `StructuredQuery` message finds below the parent's name, counting to `most`."""
        request = _RunAggregationQueryRequest(parent=parent)
        request.structured_aggregation_query.structured_query.CopyFrom(query)
        counted = request.structured_aggregation_query.aggregations.add(alias="count")
        counted.count.SetInParent()
        if most is not None:
            counted.count.up_to.value = most
        responses = await self._read(self._rpcs.run_aggregation_query, types.RunAggregationQueryRequest.wrap(request))
        return sum(int(response.result.aggregate_fields["count"].integer_value) for response in responses)

    async def listen(self, requests: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """Send these `ListenRequest` messages, and yield the `ListenResponse` messages until the stream ends.

        Raises GoogleAPIError: the stream broke, or could not be opened.
        """
        call = self._transport.listen(requests, metadata=self._routed_by_database)
        try:
            async for response in call:
                if response is None:
                    # The emulator sometimes mixes two messages up; gRPC gives None for what cannot be parsed.
                    raise DataLoss("a message of the stream cannot be parsed")
                yield types.ListenResponse.pb(response)
        except grpc.aio.AioRpcError as exc:
            raise from_grpc_error(exc) from exc
        finally:
            call.cancel()

    async def _read(self, rpc: Callable[..., Awaitable[AsyncIterable[Any]]], request: Any) -> list[Any]:
        # The generated client retries only the start of a stream; this retries the whole read.
        async def responses() -> list[Any]:
            stream = await rpc(request=request, metadata=self._metadata, retry=None, timeout=self._timeout)
            return [type(response).pb(response) async for response in stream]

        try:
            return await with_retries(responses, retried=_RETRIED_READ_ERRORS, seconds=2 * self._timeout)
        except GoogleAPIError as exc:
            raise read_error(exc) from exc

    @cached_property
    def _transport(self) -> Any:
        # Price: a method of the generated client takes as long again as the transport's beneath it. The transport's
        # interceptor, which logs calls for debugging, starts an asyncio task per call.
        transport = self._rpcs.transport
        interceptors = transport.grpc_channel._unary_unary_interceptors  # noqa: SLF001 - no option turns it off
        interceptors[:] = [each for each in interceptors if each is not transport._interceptor]  # noqa: SLF001 - as above
        return transport

    @property
    def _rpcs(self) -> Any:
        return self._client._firestore_api  # noqa: SLF001 - the generated client; see the module's docstring
