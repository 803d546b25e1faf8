"""Lists the runs of a project: by the time that an index holds, by another value, or by a prefix of their ids."""

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tock.core.errors import InvalidArgument
from tock.core.run.order import RunOrder
from tock.core.run.run import Run
from tock.core.unreadable import Unreadable
from tock.ports.store import Page, RunFilter, Total, Versioned
from tock.store.documents.codec import RUN
from tock.store.documents.paths import PROJECTS, RUNS, is_id
from tock.store.documents.reading import path_of_message, read_document
from tock.store.documents.values import read_value
from tock.store.queries.listing import Listing
from tock.store.queries.page_token import page_token, read_number_token
from tock.store.queries.query import Condition, Query
from tock.store.queries.shards import count_shards, query_shards
from tock.store.rpc import FirestoreRpc

_BY_TIME = Listing(RUN, RUNS, newest="scheduled_for")
_BY_ID = Listing(RUN, RUNS)
#: The fields that the orders without an index need.
_FIELDS = ("scheduled_for", "started", "finished", "usage")


async def page_of_runs(
    rpc: FirestoreRpc,
    *,
    project: str,
    matching: RunFilter,
    order: RunOrder,
    limit: int,
    token: str | None,
    shards: Sequence[int],
    most_sorted: int,
) -> Page[Run]:
    """Return a page of the runs that match; see the port."""
    parent = f"{rpc.documents}/{PROJECTS}/{project}"
    if (prefix := matching.id_prefix) is not None:
        if not is_id(prefix):
            return Page(items=(), next_token=None)
        names = _names(parent, prefix)
        return await _BY_ID.page(rpc, project=project, limit=limit, token=token, where=names)
    where = _conditions(matching)
    queried = _queried(matching, shards)
    if order is RunOrder.SCHEDULED_FOR:
        return await _BY_TIME.page(rpc, project=project, limit=limit, token=token, where=where, shards=queried)
    if not is_id(project):
        return Page(items=(), next_token=None)
    query = Query(RUNS, where=where, order="scheduled_for", descending=True, fields=_FIELDS)
    listing = f"{parent} {query} {order}"
    after = None if token is None else read_number_token(token, listing=listing)
    if after is None and await _more_than(most_sorted, rpc, parent, query, shards=queried):
        raise _too_many(order, most=most_sorted)
    ranks = await _ranks(rpc, parent, query, order=order, shards=queried, most=most_sorted)
    following = [rank for rank in ranks if after is None or rank < after]
    messages = await asyncio.gather(*(rpc.document(f"{parent}/{RUNS}/{run}") for _, run in following[:limit]))
    read = [read_document(each, codec=RUN, documents=rpc.documents) for each in messages if each is not None]
    return Page(
        items=tuple(found.value for found in read if isinstance(found, Versioned)),
        unreadable=tuple(found for found in read if isinstance(found, Unreadable)),
        next_token=page_token(*following[limit - 1], listing=listing) if len(following) > limit else None,
        total=Total(len(ranks)),
    )


async def count_of_runs(
    rpc: FirestoreRpc, *, project: str, matching: RunFilter, most: int, shards: Sequence[int]
) -> int:
    """Return how many runs match, counting to `most`; see the port."""
    if (prefix := matching.id_prefix) is not None:
        if not is_id(prefix):
            return 0
        names = _names(f"{rpc.documents}/{PROJECTS}/{project}", prefix)
        return await _BY_ID.count(rpc, project=project, most=most, where=names)
    queried = _queried(matching, shards)
    return await _BY_TIME.count(rpc, project=project, most=most, where=_conditions(matching), shards=queried)


def _names(parent: str, prefix: str) -> tuple[Condition, ...]:
    """Return the conditions of the runs whose id begins with the prefix: no id has a character after `~`."""
    bounds = ((">=", prefix), ("<", f"{prefix}~"))
    return tuple(Condition("__name__", operator, f"{parent}/{RUNS}/{bound}") for operator, bound in bounds)


def _queried(matching: RunFilter, shards: Sequence[int]) -> Sequence[int] | None:
    """Return the shards to read by: a trigger's runs have an index of their own, so their number is no reason to."""
    return None if matching.only_trigger else shards


async def _more_than(most: int, rpc: FirestoreRpc, parent: str, query: Query, *, shards: Sequence[int] | None) -> bool:
    """Return whether the query finds more runs than these. Price: a read for each thousand, instead of one for each."""
    counted = replace(query, fields=())
    if shards is None:
        return await rpc.count(parent, counted.message(), most=most + 1) > most
    return await count_shards(rpc, parent, counted, shards=shards, most=most + 1) > most


async def _ranks(
    rpc: FirestoreRpc, parent: str, query: Query, *, order: RunOrder, shards: Sequence[int] | None, most: int
) -> list[tuple[float, str]]:
    """Return what orders each run that the query finds, and its id, in the order of the listing.

    Price: a read for each run, of a few fields, again for each page. Raises InvalidArgument if there are more than
    `most` by now.
    """
    if shards is None:
        messages: Sequence[Any] = await rpc.query(parent, query.message(limit=most + 1))
    else:
        messages = await query_shards(rpc, parent, query, shards=shards, limit=most + 1)
    if len(messages) > most:
        raise _too_many(order, most=most)
    found = []
    for message in messages:
        rank = _RANKS[order](message.fields)
        if rank is not None:
            found.append((rank, path_of_message(message, documents=rpc.documents).rsplit("/", 1)[-1]))
    return sorted(found, reverse=True)


def _too_many(order: RunOrder, *, most: int) -> InvalidArgument:
    remedy = (
        f"more than {most:,} runs match, too many to put in the order of {order}: "
        "name fewer, with since and until, an agent, a trigger, a source, a subject or a status"
    )
    return InvalidArgument(field="sort", value=order.value, remedy=remedy)


def _conditions(matching: RunFilter) -> tuple[Condition, ...]:
    """Return a filter's conditions: an equality for each field that it sets, and a range of `scheduled_for`."""
    equalities = (
        ("agent", matching.agent),
        ("trigger", matching.trigger),
        ("source", matching.source),
        ("subject", matching.subject),
    )
    bounds = ((">=", matching.since), ("<", matching.until))
    # Sorted: a page token is valid for the listing with the same conditions.
    statuses = sorted(status.value for status in matching.statuses)
    return (
        *((Condition("status", "in", statuses),) if statuses else ()),
        *(Condition(field, "==", value) for field, value in equalities if value is not None),
        *(Condition("scheduled_for", operator, bound) for operator, bound in bounds if bound is not None),
    )


def _started(fields: Any) -> float | None:
    started = _instant(fields, "started")
    return None if started is None else started.timestamp()


def _duration(fields: Any) -> float | None:
    started, finished = _instant(fields, "started"), _instant(fields, "finished")
    return None if started is None or finished is None else (finished - started) / timedelta(seconds=1)


def _cost(fields: Any) -> float | None:
    if "usage" not in fields or "cost" not in (usage := fields["usage"].map_value.fields):
        return None
    cost = usage["cost"]
    is_number = cost.WhichOneof("value_type") == "double_value" and math.isfinite(cost.double_value)
    return float(cost.double_value) if is_number else None


def _instant(fields: Any, name: str) -> datetime | None:
    if name not in fields or fields[name].WhichOneof("value_type") != "timestamp_value":
        return None
    instant: datetime = read_value(fields[name])
    return instant


#: What orders a run, of the fields of its document.
_RANKS: Mapping[RunOrder, Callable[[Any], float | None]] = {
    RunOrder.STARTED: _started,
    RunOrder.DURATION: _duration,
    RunOrder.COST: _cost,
}
