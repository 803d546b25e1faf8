"""Queries over many shards: Firestore takes 30 alternatives in one query, so more shards take several, merged here."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from heapq import merge
from itertools import islice
from math import prod
from typing import Any

from tock.store.queries.query import Condition, Position, Query
from tock.store.rpc import FirestoreRpc

#: The most alternatives of one query: the product of how many values each `in` has (Firestore, "Query limitations").
MAX_ALTERNATIVES = 30


async def query_shards(
    rpc: FirestoreRpc,
    parent: str,
    query: Query,
    *,
    shards: Sequence[int],
    limit: int,
    after: Position | None = None,
) -> Sequence[Any]:
    """Return the `Document` messages that the query, ordered by a time, finds in these shards: at most `limit`.

    Each of several queries asks for `limit` documents, since all of them may be in its shards.
    """
    queries = _by_shards(query, shards)
    pages = await asyncio.gather(*(rpc.query(parent, each.message(limit=limit, after=after)) for each in queries))
    if len(pages) == 1:
        return pages[0]
    order = query.order or ""
    return list(islice(merge(*pages, key=lambda message: _place(message, order), reverse=query.descending), limit))


async def count_shards(
    rpc: FirestoreRpc, parent: str, query: Query, *, shards: Sequence[int], most: int | None = None
) -> int:
    """Return how many documents the query finds in these shards; at least `most` are counted as `most`."""
    queries = _by_shards(query, shards)
    counts = await asyncio.gather(*(rpc.count(parent, each.message(), most=most) for each in queries))
    return sum(counts) if most is None else min(sum(counts), most)


def _by_shards(query: Query, shards: Sequence[int]) -> list[Query]:
    """Return the query once for as many shards as one query can ask for."""
    size = MAX_ALTERNATIVES // prod(len(condition.value) for condition in query.where if condition.operator == "in")
    return [
        replace(query, where=(Condition("shard", "in", list(shards[first : first + size])), *query.where))
        for first in range(0, len(shards), size)
    ]


def _place(message: Any, order: str) -> tuple[int, int, list[str]]:
    """Return what Firestore orders by: the time, then the name, segment by segment."""
    time = message.fields[order].timestamp_value
    return time.seconds, time.nanos, message.name.split("/")
