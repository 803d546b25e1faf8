"""How far the runs are, counted in Firestore without the proxy."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from google.cloud.firestore import AsyncClient
from google.cloud.firestore_v1.async_aggregation import AsyncAggregationQuery
from google.cloud.firestore_v1.base_query import FieldFilter

from tock.core.run.status import RunStatus
from tock.ports.store import Store

_OPEN = tuple(status.value for status in RunStatus if not status.terminal)


@dataclass(frozen=True, slots=True)
class Progress:
    """How many runs there are, how many are open, running and overdue, and how many triggers are due."""

    runs: int
    open: int
    running: int
    overdue: int
    due: int

    @property
    def settled(self) -> int:
        """How many runs have ended."""
        return self.runs - self.open


async def look(client: AsyncClient, store: Store, *, now: datetime) -> Progress:
    """Return the progress. The counts are taken one after the other."""
    backlog = await store.backlog(until=now)
    return Progress(
        runs=await _count(client),
        open=await _count(client, statuses=_OPEN),
        running=await _count(client, statuses=(RunStatus.RUNNING.value,)),
        overdue=backlog["runs"],
        due=backlog["triggers"],
    )


async def _count(client: AsyncClient, *, statuses: Sequence[str] = ()) -> int:
    query = client.collection_group("runs")
    if statuses:
        query = query.where(filter=FieldFilter("status", "in", list(statuses)))
    [[counted]] = await AsyncAggregationQuery(query).count().get()
    return int(counted.value)
