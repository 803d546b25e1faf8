"""Health tells anybody when the last tick succeeded and what is waiting, and nothing else."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tock.app.tick.tick import tick
from tock.core.health.scheduler_state import SchedulerState, TickCounters
from tock.web.api.app import create_app
from web.rig import Rig, client_of, ok

pytestmark = pytest.mark.anyio


async def test_before_the_first_tick_it_is_late(empty: Rig) -> None:
    answer = await empty.api.get("/v1/health")

    assert answer.status_code == 503
    assert answer.json() == {
        "status": "late",
        "last_tick": None,
        "last_success": None,
        "age_seconds": None,
        "consecutive_failures": 0,
        "counters": None,
        "backlog": {"triggers": 0, "runs": 0},
        "first_tick_at": None,
    }


@pytest.mark.parametrize(("age", "status"), [(30, "starting"), (130, "late")])
async def test_a_local_stack_that_has_just_started_is_not_late_yet(empty: Rig, age: int, status: str) -> None:
    now = empty.services.clock.now()
    deployment = replace(empty.deployment, started=now - timedelta(seconds=age))
    before = SchedulerState(last_tick=now - timedelta(days=1), last_success=now - timedelta(days=1))
    await empty.services.store.record_tick(before)

    answer = await client_of(create_app(deployment)).get("/v1/health")

    assert (answer.status_code, answer.json()["status"]) == (503, status)
    first = answer.json()["first_tick_at"]
    if status == "starting":
        assert timedelta() < datetime.fromisoformat(first) - now <= timedelta(minutes=1)
        assert first.endswith(":00Z")
    else:
        assert first is None


async def test_after_a_tick_it_is_ok_and_shows_its_counters(rig: Rig) -> None:
    counters = await tick(rig.services)
    nameless = client_of(rig.api._transport.app, key=None)  # type: ignore[attr-defined] # the app of this client

    shown = ok(await nameless.get("/v1/health"))

    assert (shown["status"], shown["counters"]) == ("ok", counters.model_dump())
    assert shown["last_tick"] == shown["last_success"]
    assert 0 <= shown["age_seconds"] < 60


@pytest.mark.parametrize(("age", "status"), [(170, 200), (190, 503)])
async def test_three_minutes_without_a_success_are_late(empty: Rig, age: int, status: int) -> None:
    now = empty.services.clock.now()
    state = SchedulerState(
        last_tick=now,
        last_success=now - timedelta(seconds=age),
        consecutive_failures=3,
        counters=TickCounters(claimed=7),
    )
    await empty.services.store.record_tick(state)

    answer = await empty.api.get("/v1/health")

    assert (answer.status_code, answer.json()["consecutive_failures"]) == (status, 3)
    assert answer.json()["counters"]["claimed"] == 7
