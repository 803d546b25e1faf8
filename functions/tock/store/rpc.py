"""The RPCs of one Firestore database on plain protobuf messages, each with its deadline and its retries.

Price: the client's own documents and batches would take most of a tick's time (see `values`), so this file calls the
generated client beneath `AsyncClient`; no other file does.
"""

from collections.abc import AsyncIterable, Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

from google.api_core.exceptions import (
    Aborted,
    GoogleAPIError,
    InternalServerError,
    ResourceExhausted,
    ServiceUnavailable,
)
from google.api_core.retry import AsyncRetry, if_exception_type
from google.cloud.firestore_v1 import AsyncClient, types

from tock.core.errors import InvalidArgument
from tock.store.errors import commit_error, read_error

#: How long a Commit may take with its retries, and how long each try of a read: well within a lease, so that a runner
#: can call again before its lease expires. A read with its retries may take twice as long.
TIMEOUT = timedelta(seconds=10)
#: The most bytes of one Commit: Firestore takes 10 MiB, its emulator only gRPC messages of up to 4 MiB.
LARGEST_COMMIT = 4 * 1024 * 1024 - 1024

_RETRIED_COMMIT_ERRORS = if_exception_type(Aborted, ResourceExhausted, ServiceUnavailable)
_RETRIED_READ_ERRORS = if_exception_type(Aborted, InternalServerError, ResourceExhausted, ServiceUnavailable)

_CommitRequest = types.CommitRequest.pb()
_BatchGetDocumentsRequest = types.BatchGetDocumentsRequest.pb()
_RunQueryRequest = types.RunQueryRequest.pb()
_RunAggregationQueryRequest = types.RunAggregationQueryRequest.pb()


class FirestoreRpc:
    """Calls one database through a client; no connection is opened before the first call."""

    def __init__(self, client: AsyncClient, *, timeout: timedelta = TIMEOUT) -> None:
        self._client = client
        self._timeout = timeout.total_seconds()

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
        retry = AsyncRetry(_RETRIED_COMMIT_ERRORS, initial=0.1, maximum=2.0, timeout=self._timeout)
        try:
            response = await self._rpcs.commit(
                request=types.CommitRequest.wrap(request),
                metadata=self._metadata,
                retry=retry,
                timeout=self._timeout,
            )
        except GoogleAPIError as exc:
            raise commit_error(exc) from exc
        return types.CommitResponse.pb(response)

    async def document(self, name: str) -> Any | None:
        """Return the `Document` message of this name, or None."""
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

    async def count(self, parent: str, query: Any) -> int:
        """Return how many documents a `StructuredQuery` message finds below the parent's name."""
        request = _RunAggregationQueryRequest(parent=parent)
        request.structured_aggregation_query.structured_query.CopyFrom(query)
        counted = request.structured_aggregation_query.aggregations.add(alias="count")
        counted.count.SetInParent()
        responses = await self._read(self._rpcs.run_aggregation_query, types.RunAggregationQueryRequest.wrap(request))
        return sum(int(response.result.aggregate_fields["count"].integer_value) for response in responses)

    async def _read(self, rpc: Callable[..., Awaitable[AsyncIterable[Any]]], request: Any) -> list[Any]:
        # The generated client retries only the start of a stream; this retries the whole read.
        async def responses() -> list[Any]:
            stream = await rpc(request=request, metadata=self._metadata, retry=None, timeout=self._timeout)
            return [type(response).pb(response) async for response in stream]

        with_retries = AsyncRetry(_RETRIED_READ_ERRORS, initial=0.1, maximum=2.0, timeout=2 * self._timeout)(responses)
        try:
            read: list[Any] = await with_retries()
        except GoogleAPIError as exc:
            raise read_error(exc) from exc
        return read

    @property
    def _rpcs(self) -> Any:
        return self._client._firestore_api  # noqa: SLF001 - the generated client; see the module's docstring

    @property
    def _database(self) -> str:
        return str(self._client._database_string)  # noqa: SLF001 - as above

    @property
    def _metadata(self) -> Any:
        return self._client._rpc_metadata  # noqa: SLF001 - as above
