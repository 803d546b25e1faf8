"""Builds the demo's report: a table of its runs, and the counts and faults of its proofs."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from google.cloud.firestore import AsyncClient
from rich.table import Table

from tock.core.proof.occurrence import OccurrenceStatus
from tock.core.run.run import Run
from tock.core.timing import Timing
from tock.local.stack.session import PROJECT
from tock.ports.store import RunFilter
from tock.store.firestore import FirestoreStore

PAGE = 100
#: The statuses of occurrences that the last line counts.
SHOWN = (
    OccurrenceStatus.FIRED,
    OccurrenceStatus.IN_FLIGHT,
    OccurrenceStatus.SKIPPED,
    OccurrenceStatus.MISSED,
    OccurrenceStatus.LOST,
)


async def read_runs(client: AsyncClient) -> tuple[Run, ...]:
    """Return all stored runs of the demo's project."""
    store = FirestoreStore(client, shards=Timing().shards)
    runs: list[Run] = []
    token: str | None = None
    while True:
        page = await store.runs(PROJECT, matching=RunFilter(), limit=PAGE, token=token)
        runs += page.items
        token = page.next_token
        if token is None:
            return tuple(runs)


def counts_of(proofs: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Return how many occurrences were expected, and how many have each status, over all proofs of the API."""
    counts = Counter[str]()
    for proof in proofs:
        counts.update(proof["counts"])
    return {
        "expected": sum(proof["expected"] for proof in proofs),
        **{status.value: counts[status.value] for status in SHOWN},
        "doubled": sum(len(proof["faults"]["doubled"]) for proof in proofs),
    }


def faults_of(proofs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a line for each fault of the proofs, and for each trigger and status of occurrences that did not fire."""
    faults = [
        f"{proof['trigger']} at {finding['fire_time']}: {finding['problem']} ({kind})"
        for proof in proofs
        for kind, findings in proof["faults"].items()
        for finding in findings
    ]
    unfired = [
        f"{count} occurrences of {proof['trigger']} are {status.replace('_', ' ')}"
        for proof in proofs
        for status, count in proof["counts"].items()
        if count and status != OccurrenceStatus.FIRED
    ]
    return faults + unfired


def table_of(runs: Sequence[Run]) -> Table:
    """Return the runs as a table, ordered by the time they were scheduled for."""
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
