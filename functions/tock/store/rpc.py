"""The RPCs of one Firestore database, each with its deadline and its repetitions, on plain protobuf messages.

The client's own documents and batches cost a tick most of its time (see `values`), so this goes to the generated client
beneath it; no other file reaches below `AsyncClient`.
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

#: How long a Commit may take, repetitions included, and one try of a read: well within a lease, so that whoever holds
#: one can try again. A read may take twice as long with its repetitions.
PATIENCE = timedelta(seconds=10)
#: The most bytes of one Commit: Firestore takes 10 MiB, its emulator one gRPC message of 4 MiB.
LARGEST_COMMIT = 4 * 1024 * 1024 - 1024

_REPEATED_COMMITS = if_exception_type(Aborted, ResourceExhausted, ServiceUnavailable)
_REPEATED_READS = if_exception_type(Aborted, InternalServerError, ResourceExhausted, ServiceUnavailable)

_CommitRequest = types.CommitRequest.pb()
_BatchGetDocumentsRequest = types.BatchGetDocumentsRequest.pb()
_RunQueryRequest = types.RunQueryRequest.pb()
_RunAggregationQueryRequest = types.RunAggregationQueryRequest.pb()


class FirestoreRpc:
    """One database behind a client; nothing is opened before the first call."""

    def __init__(self, client: AsyncClient, *, patience: timedelta = PATIENCE) -> None:
        self._client = client
        self._seconds = patience.total_seconds()

    @property
    def documents(self) -> str:
        """The name that all document names start with, without a slash at its end."""
        return f"{self._database}/documents"

    async def commit(self, writes: Sequence[Any]) -> Any:
        """Return the `CommitResponse` message of these `Write` messages, in one RPC.

        Raises CommitConflict, InvalidArgument or StoreUnavailable, as the port says.
        """
        request = _CommitRequest(database=self._database, writes=writes)
        if (size := request.ByteSize()) > LARGEST_COMMIT:
            remedy = f"{size} bytes in one Commit: at most {LARGEST_COMMIT} are accepted"
            raise InvalidArgument(field="writes", value=size, remedy=remedy)
        retry = AsyncRetry(_REPEATED_COMMITS, initial=0.1, maximum=2.0, timeout=self._seconds)
        try:
            response = await self._rpcs.commit(
                request=types.CommitRequest.wrap(request),
                metadata=self._metadata,
                retry=retry,
                timeout=self._seconds,
            )
        except GoogleAPIError as exc:
            raise commit_error(exc) from exc
        return types.CommitResponse.pb(response)

    async def document(self, name: str) -> Any | None:
        """Return the `Document` message of this name, or None."""
        request = types.BatchGetDocumentsRequest.wrap(
            _BatchGetDocumentsRequest(database=self._database, documents=[name])
        )
        answers = await self._read(self._rpcs.batch_get_documents, request)
        return next((answer.found for answer in answers if answer.HasField("found")), None)

    async def query(self, parent: str, query: Any) -> list[Any]:
        """Return the `Document` messages that a `StructuredQuery` message finds below the parent's name."""
        request = types.RunQueryRequest.wrap(_RunQueryRequest(parent=parent, structured_query=query))
        answers = await self._read(self._rpcs.run_query, request)
        return [answer.document for answer in answers if answer.HasField("document")]

    async def count(self, parent: str, query: Any) -> int:
        """Return how many documents a `StructuredQuery` message finds below the parent's name."""
        request = _RunAggregationQueryRequest(parent=parent)
        request.structured_aggregation_query.structured_query.CopyFrom(query)
        counted = request.structured_aggregation_query.aggregations.add(alias="count")
        counted.count.SetInParent()
        answers = await self._read(self._rpcs.run_aggregation_query, types.RunAggregationQueryRequest.wrap(request))
        return sum(int(answer.result.aggregate_fields["count"].integer_value) for answer in answers)

    async def _read(self, rpc: Callable[..., Awaitable[AsyncIterable[Any]]], request: Any) -> list[Any]:
        # The generated client repeats only the start of a stream; this repeats the whole of it.
        async def answers() -> list[Any]:
            stream = await rpc(request=request, metadata=self._metadata, retry=None, timeout=self._seconds)
            return [type(answer).pb(answer) async for answer in stream]

        repeated = AsyncRetry(_REPEATED_READS, initial=0.1, maximum=2.0, timeout=2 * self._seconds)(answers)
        try:
            read: list[Any] = await repeated()
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
