"""Counts the billed operations in RPCs: documents read, written and deleted, and tasks created.

Firestore bills one read for a query or lookup that finds nothing (Firestore, "Pricing"), and nothing for a write that
it refuses.
"""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc

Continuation = Callable[[grpc.aio.ClientCallDetails, Any], Awaitable[Any]]


class OperationCounter:
    """Counts the operations of the RPCs that pass its `interceptors`: `reads`, `writes`, `deletes` and `tasks`.

    Counted separately are `agent_reads`, which a warm instance does not make, `empty_reads` of queries that find
    nothing, `count_reads` of queries that only count, and `state_writes` of the scheduler state. A tick makes the last
    three however many triggers are due.
    """

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    @property
    def interceptors(self) -> list[grpc.aio.ClientInterceptor]:
        """The interceptors of a channel: grpc.aio wants one object for each kind of RPC."""
        return [_Calls(self), _Streams(self)]

    def add(self, kind: str, count: int) -> None:
        """Add this many operations of a kind."""
        self._counts[kind] += count

    def take(self) -> Counter[str]:
        """Return the counts since the last call, and start again at zero."""
        counts, self._counts = self._counts, Counter()
        return counts


class _Calls(grpc.aio.UnaryUnaryClientInterceptor):  # type: ignore[misc]  # grpc is typed in part only
    """Counts the writes of accepted Commits, the documents that are read by name, and CreateTask calls."""

    def __init__(self, counter: OperationCounter) -> None:
        self._counter = counter

    async def intercept_unary_unary(
        self, continuation: Continuation, details: grpc.aio.ClientCallDetails, request: Any
    ) -> Any:
        call = await continuation(details, request)
        match _method(details):
            case "Commit" if await call.code() is grpc.StatusCode.OK:
                for write in _message(request).writes:
                    own = "state_" if write.update.name.endswith("/documents/system/scheduler") else ""
                    self._counter.add("deletes" if write.delete else f"{own}writes", 1)
            case "GetDocument" if await call.code() in {grpc.StatusCode.OK, grpc.StatusCode.NOT_FOUND}:
                self._counter.add("agent_reads" if "/agents/" in _message(request).name else "reads", 1)
            case "CreateTask":
                self._counter.add("tasks", 1)
        return call


class _Streams(grpc.aio.UnaryStreamClientInterceptor):  # type: ignore[misc]  # as above
    """Counts the documents that queries return, and lookups of those that were not found by name."""

    def __init__(self, counter: OperationCounter) -> None:
        self._counter = counter

    async def intercept_unary_stream(
        self, continuation: Continuation, details: grpc.aio.ClientCallDetails, request: Any
    ) -> Any:
        call = await continuation(details, request)
        return self._counted(call, method=_method(details), request=_message(request))

    async def _counted(self, answers: Any, *, method: str, request: Any) -> AsyncIterator[Any]:
        found = 0
        async for answer in answers:
            if method == "BatchGetDocuments":
                found += _message(answer).WhichOneof("result") is not None
            elif method == "RunQuery":
                found += _message(answer).HasField("document")
            yield answer
        if method == "BatchGetDocuments" and "/agents/" in request.documents[0]:
            kind = "agent_reads"
        elif method == "RunAggregationQuery":
            kind = "count_reads"
        else:
            kind = "empty_reads" if method == "RunQuery" and not found else "reads"
        self._counter.add(kind, max(1, found))


def _method(details: grpc.aio.ClientCallDetails) -> str:
    text = details.method.decode() if isinstance(details.method, bytes) else str(details.method)
    return text.rpartition("/")[2]


def _message(wrapped: Any) -> Any:
    return type(wrapped).pb(wrapped) if hasattr(type(wrapped), "pb") else wrapped
