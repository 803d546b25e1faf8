"""What a trigger shows of its runs: which are claimed, when it last ran and how that ended, and until when it is on."""

from datetime import timedelta
from typing import Any

import pytest

from tock.core.run import transition
from tock.core.run.outcome import Succeeded
from tock.core.time.instant import instant_text
from tock.ports.store import Change
from web.rig import Rig, ok, problem

pytestmark = pytest.mark.anyio
TRIGGER = "/v1/projects/acme/triggers/morning"


async def once(rig: Rig) -> tuple[str, dict[str, Any]]:
    """A trigger that fires once, in a minute; its run is claimed by the creation."""
    at = instant_text(rig.services.clock.now().replace(microsecond=0) + timedelta(minutes=1))
    return at, await rig.make_trigger(schedule={"at": at})


async def test_a_trigger_is_on_until_its_last_fire_time_has_come(rig: Rig) -> None:
    at, made = await once(rig)

    assert (made["enabled"], made["paused"], made["next_run_at"]) == (True, None, at)
    assert [claim["fire_time"] for claim in made["claimed"]] == [at]
    assert made["last_run"] is None
    stored = await rig.services.store.trigger("acme", "morning")
    assert stored is not None
    assert (stored.value.enabled, stored.value.next_run_at) == (False, None)


async def test_the_last_run_is_the_one_that_started_with_its_status(rig: Rig) -> None:
    at, made = await once(rig)
    found = await rig.services.store.run("acme", made["claimed"][0]["run"])
    assert found is not None
    moment = {"now": found.value.scheduled_for, "timing": rig.services.timing}
    started = transition.start(found.value, owner="r", agent_revision=1, **moment)
    await rig.services.store.commit([Change(before=found, after=started)])

    running = ok(await rig.api.get(TRIGGER))["last_run"]
    found = await rig.services.store.run("acme", started.id)
    assert found is not None
    settled = transition.settle(started, Succeeded(result=1), jitter=0, **moment)
    await rig.services.store.commit([Change(before=found, after=settled)])
    ended = ok(await rig.api.get(TRIGGER))["last_run"]

    assert running == {"run": started.id, "status": "running", "scheduled_for": at, "started": at, "finished": None}
    assert ended == running | {"status": "succeeded", "finished": at}
    [listed] = ok(await rig.api.get("/v1/projects/acme/triggers"))["triggers"]
    assert listed["last_run"] == ended


async def test_the_choice_of_runs_to_cancel_is_checked(rig: Rig) -> None:
    await once(rig)

    disabled = problem(await rig.api.post(f"{TRIGGER}:disable", json={"cancel": "some"}), 400)
    deleted = problem(await rig.api.delete(TRIGGER, params={"cancel": "some"}), 400)

    for refused in (disabled, deleted):
        [error] = refused["errors"]
        assert error["field"] == "cancel"
        assert all(choice in str(error) for choice in ("pending", "all", "none"))
    assert ok(await rig.api.post(f"{TRIGGER}:disable", json={"cancel": "none"}))["enabled"] is False
    assert (await rig.api.delete(TRIGGER, params={"cancel": "all"})).status_code == 204
