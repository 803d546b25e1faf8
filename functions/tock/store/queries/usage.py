"""Reads what a project's runs consumed, day by day.

The query needs the composite index (shard, day): all new documents of a day would otherwise go to one end of an index.
"""

from collections.abc import Sequence
from datetime import datetime

from tock.core.unreadable import Unreadable
from tock.ports.store import UsagePage
from tock.store.documents.codec import USAGE_DAY
from tock.store.documents.paths import PROJECTS, USAGE, is_id
from tock.store.documents.reading import read_documents
from tock.store.documents.values import read_value
from tock.store.queries.query import Condition, Position, Query
from tock.store.queries.shards import query_shards
from tock.store.rpc import FirestoreRpc


async def usage(
    rpc: FirestoreRpc,
    *,
    project: str,
    since: datetime,
    until: datetime,
    limit: int,
    cursor: Position | None,
    shards: Sequence[int],
) -> UsagePage:
    """Return a page of the usage of these days after the cursor, the earliest days first."""
    if not is_id(project):
        return UsagePage(days=(), cursor=None)
    query = Query(USAGE, where=(Condition("day", ">=", since), Condition("day", "<", until)), order="day")
    parent = f"{rpc.documents}/{PROJECTS}/{project}"
    messages = await query_shards(rpc, parent, query, shards=shards, limit=limit, after=cursor)
    # What cannot be read is logged.
    found = read_documents(messages, codec=USAGE_DAY, documents=rpc.documents)
    full = len(messages) == limit
    last = Position(read_value(messages[-1].fields["day"]), messages[-1].name) if full else None
    return UsagePage(days=tuple(each.value for each in found if not isinstance(each, Unreadable)), cursor=last)
