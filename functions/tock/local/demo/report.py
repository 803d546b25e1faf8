"""The demonstration's end: a table of its runs and the accounts, both from the stored records."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from google.cloud.firestore import AsyncClient
from rich.table import Table

from tock.core.accounts import Accounts, account
from tock.core.run import Run
from tock.core.timing import Timing
from tock.core.trigger import Trigger
from tock.local.demo.triggers import PROJECT
from tock.ports.store import RunFilter
from tock.store.firestore import FirestoreStore

PAGE = 100


@dataclass(frozen=True, slots=True)
class Records:
    """What Firestore holds of the demonstration."""

    triggers: tuple[Trigger, ...]
    runs: tuple[Run, ...]


async def read_records(client: AsyncClient) -> Records:
    """Return all triggers and runs of the demonstration's project, as stored."""
    store = FirestoreStore(client, shards=Timing().shards)
    triggers = await store.triggers(PROJECT, limit=PAGE, token=None)
    runs: list[Run] = []
    token: str | None = None
    while True:
        page = await store.runs(PROJECT, matching=RunFilter(), limit=PAGE, token=token)
        runs += page.items
        token = page.next_token
        if token is None:
            return Records(triggers=triggers.items, runs=tuple(runs))


def accounts_of(records: Records, *, until: datetime) -> dict[str, Accounts]:
    """Return each trigger's accounts from its creation until `until`, recomputed from schedule and records."""
    return {
        trigger.id: account(
            trigger,
            [run for run in records.runs if run.trigger == trigger.id],
            since=trigger.created.at,
            until=until,
        )
        for trigger in records.triggers
    }


def table_of(runs: Sequence[Run]) -> Table:
    """Return the runs as a table, by their nominal time."""
    table = Table(title="Runs, as stored")
    for heading in ("run", "of", "source", "scheduled", "started", "lateness", "attempts", "status"):
        table.add_column(heading, justify="right" if heading in {"lateness", "attempts"} else "left", no_wrap=True)
    for run in sorted(runs, key=lambda run: run.scheduled_for):
        table.add_row(
            run.id[:8],
            run.trigger or run.agent,
            run.source.value,
            f"{run.scheduled_for:%H:%M:%S}",
            "" if run.started is None else f"{run.started:%H:%M:%S.%f}"[:-3],
            "" if run.lateness is None else f"{run.lateness / timedelta(milliseconds=1):.0f} ms",
            str(len(run.attempts)),
            run.status.value,
        )
    return table
