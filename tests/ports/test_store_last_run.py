"""What every store guarantees for the scheduled run of a trigger that started last."""

from typing import Any

import pytest

from ports.documents import MINUTE, NOW, a_run
from tock.core.run.last_run import LastRun
from tock.core.run.status import RunSource, RunStatus
from tock.ports.store import Create, Store

pytestmark = pytest.mark.anyio


def _run(identifier: str, **changes: Any) -> Any:
    return a_run(identifier, root=identifier, **changes)


async def test_the_run_that_started_last_is_found_whatever_its_fire_time(store: Store) -> None:
    early = _run("early", scheduled_for=NOW - MINUTE, started=NOW + 5 * MINUTE, status=RunStatus.FAILED, finished=NOW)
    late = _run("late", scheduled_for=NOW, started=NOW + MINUTE, status=RunStatus.RUNNING)
    coming = _run("coming", scheduled_for=NOW + 9 * MINUTE)
    other = a_run("other", trigger="evening", started=NOW + 8 * MINUTE)
    requested = [
        _run(source.value, source=source, started=NOW + 7 * MINUTE)
        for source in RunSource
        if source is not RunSource.SCHEDULE
    ]
    await store.commit([Create(run) for run in (early, late, coming, other, *requested)])

    assert await store.last_run("acme", "morning") == LastRun(
        run="early",
        status=RunStatus.FAILED,
        scheduled_for=NOW - MINUTE,
        started=NOW + 5 * MINUTE,
        finished=NOW,
    )


async def test_a_trigger_that_never_ran_has_none(store: Store) -> None:
    await store.commit([Create(_run("coming")), Create(_run("skipped", status=RunStatus.SKIPPED))])

    assert await store.last_run("acme", "morning") is None
    assert await store.last_run("acme", "nothing") is None
    assert await store.last_run("no/id", "morning") is None
