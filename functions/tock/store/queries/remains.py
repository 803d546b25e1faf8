"""Finds which kinds of documents are stored for a project, whether the project exists or not."""

from tock.store.documents.paths import AGENTS, API_KEYS, PROJECTS, REVISIONS, RUNS, TRIGGERS, USAGE, is_id
from tock.store.queries.query import Query
from tock.store.rpc import FirestoreRpc

#: The collections that are looked at, each with what its documents are. Revisions stand below triggers, which may be
#: gone. Ordered by name, a query needs no index and finds documents whatever their fields hold.
_KINDS = {
    Query(AGENTS): "agent",
    Query(TRIGGERS): "trigger",
    Query(REVISIONS, everywhere=True): "revision",
    Query(RUNS): "run",
    Query(API_KEYS): "API key",
    Query(USAGE): "usage",
}


async def remains(rpc: FirestoreRpc, *, project: str) -> frozenset[str]:
    """Return the kinds of documents that are stored below the project."""
    if not is_id(project):
        return frozenset()
    parent = f"{rpc.documents}/{PROJECTS}/{project}"
    return frozenset([kind for query, kind in _KINDS.items() if await rpc.query(parent, query.message(limit=1))])
