"""The runs that the timeline of an interval shows, as they are read from the store."""

from datetime import timedelta
from typing import Any

import pytest

from core.builders import NOON, a_run, at
from tock.app.services import Services
from tock.core.run.run import MissedRange, Run
from tock.core.run.status import RunStatus
from tock.ports.store import Create
from tock.web.console.pages.overview.records import runs_of
from tock.web.console.pages.overview.timeline.interval import Interval

pytestmark = pytest.mark.anyio
AFTERNOON = Interval(NOON, NOON + timedelta(hours=6), "6h", fixed=True)


def a_stored_run(identifier: str, clock: str, status: RunStatus, **changes: Any) -> Run:
    return a_run(id=identifier, scheduled_for=at(clock), status=status, **changes)


def missed(identifier: str, first: str, last: str) -> Run:
    found = MissedRange(first=at(first), last=at(last), count=3)
    return a_stored_run(identifier, first, RunStatus.MISSED, missed=found, reason="window_passed")


async def test_an_interval_has_its_own_runs_and_those_that_reach_into_it(services: Services) -> None:
    stored = [
        a_stored_run("before", "11:59", RunStatus.SUCCEEDED),
        a_stored_run("first", "12:00", RunStatus.SUCCEEDED),
        a_stored_run("last", "17:59", RunStatus.FAILED),
        a_stored_run("after", "18:00", RunStatus.QUEUED),
        a_stored_run("still-running", "07:00", RunStatus.RUNNING),
        missed("reaches-in", "08:00", "13:00"),
        missed("over", "08:00", "10:00"),
    ]
    await services.store.commit([Create(run) for run in stored])

    found = await runs_of(services, project="library", interval=AFTERNOON)

    assert [run.id for run in found.runs] == ["last", "first", "reaches-in", "still-running"]
    assert found.complete_from is None


async def test_of_too_many_runs_the_latest_are_read_and_it_is_known_from_when_on(services: Services) -> None:
    runs = [a_stored_run(f"run-{number}", f"12:0{number}", RunStatus.SUCCEEDED) for number in range(5)]
    await services.store.commit([Create(run) for run in runs])

    found = await runs_of(services, project="library", interval=AFTERNOON, most=2)

    assert [run.id for run in found.runs] == ["run-4", "run-3"]
    assert found.complete_from == at("12:03")
