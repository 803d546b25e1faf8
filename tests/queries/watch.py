"""Watches every query that the processes of the tests send, and notes those that no declared index serves.

Queries of functions that run in child processes are not seen; other tests call the same use cases here.
"""

from collections.abc import Callable
from typing import Any

import grpc
import pytest

from queries.indexes import Index, declared, needed

#: Collections that the tests themselves query without an order, to look at what is stored.
_OF_THE_TESTS = {"locks", "runs"}


class QueryWatch(grpc.aio.UnaryStreamClientInterceptor):  # type: ignore[misc]  # grpc is typed in part only
    """Keeps the indexes that queries needed, and the problems of queries."""

    def __init__(self) -> None:
        self.used: set[Index] = set()
        self.problems: list[str] = []

    async def intercept_unary_stream(
        self, continuation: Callable[..., Any], details: grpc.aio.ClientCallDetails, request: Any
    ) -> Any:
        query = _query_of(type(request).pb(request) if hasattr(type(request), "pb") else request)
        if query is not None:
            self._look(query)
        return await continuation(details, request)

    def _look(self, query: Any) -> None:
        if not query.order_by and query.from_[0].collection_id in _OF_THE_TESTS:
            return
        try:
            wanted = needed(query)
        except ValueError as exc:
            self.problems.append(str(exc))
            return
        self.used |= wanted
        self.problems += [f"infra/ declares no index {index}" for index in sorted(wanted - declared(), key=str)]


#: The watch of all channels of this process.
WATCH = QueryWatch()


def watch_all_channels(patch: pytest.MonkeyPatch) -> None:
    """Add the watch to every channel to an emulator that is opened from now on."""
    opened = grpc.aio.insecure_channel

    def watched(*args: Any, interceptors: Any = (), **given: Any) -> Any:
        return opened(*args, interceptors=[*(interceptors or ()), WATCH], **given)

    patch.setattr(grpc.aio, "insecure_channel", watched)


def _query_of(request: Any) -> Any | None:
    """Return the query of a RunQuery or RunAggregationQuery request, or None."""
    match type(request).__name__:
        case "RunQueryRequest":
            return request.structured_query
        case "RunAggregationQueryRequest":
            return request.structured_aggregation_query.structured_query
    return None
