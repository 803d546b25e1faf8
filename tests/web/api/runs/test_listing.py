"""Runs are listed over HTTP: by filter, in order, and with the total."""

from typing import Any

import pytest

from web.rig import Rig, ok

pytestmark = pytest.mark.anyio
RUNS = "/v1/projects/acme/runs"


async def test_runs_are_found_by_each_filter(rig: Rig) -> None:
    await rig.make_trigger()
    done = await rig.execute(await rig.start("triggers/morning"))
    retried = (await rig.api.post(f"{RUNS}/{done['id']}:retry")).json()
    alone = await rig.start(subject="the minutes")

    async def found(**filters: str) -> list[str]:
        return [run["id"] for run in ok(await rig.api.get(RUNS, params=filters))["runs"]]

    assert await found() == [alone["id"], retried["id"], done["id"]]
    assert await found(status="succeeded") == [done["id"]]
    assert await found(trigger="morning") == [retried["id"], done["id"]]
    assert await found(trigger="morning", status="queued") == [retried["id"]]
    both = await found(status=["succeeded", "queued"])
    assert sorted(both) == sorted({*await found(status="succeeded"), *await found(status="queued")})
    assert await found(status=["succeeded", "succeeded", "failed"]) == [done["id"]]
    assert await found(agent="digest", source="retry") == [retried["id"]]
    assert await found(agent="other") == []
    assert await found(subject="trigger:morning") == [retried["id"], done["id"]]
    assert await found(subject="trigger:morning", status="queued") == [retried["id"]]
    assert await found(subject=" the minutes ") == [alone["id"]]
    assert await found(since=alone["scheduled_for"]) == [alone["id"]]
    assert await found(until=retried["scheduled_for"]) == [done["id"]]
    assert await found(since=retried["scheduled_for"].replace("Z", "+00:00"), source="manual") == [alone["id"]]


async def test_runs_are_sorted_and_found_by_the_beginning_of_their_id(rig: Rig) -> None:
    await rig.make_trigger()
    runs = [await rig.execute(await rig.start("triggers/morning")) for _ in range(2)]
    waiting = await rig.start()

    async def found(**query: str) -> list[str]:
        return [run["id"] for run in ok(await rig.api.get(RUNS, params=query))["runs"]]

    by_duration = sorted(runs, key=lambda run: (run["duration_seconds"], run["id"]), reverse=True)
    assert await found(sort="duration") == [run["id"] for run in by_duration]
    assert await found(sort="started", trigger="morning") == [run["id"] for run in reversed(runs)]
    assert set(await found(sort="cost")) == {waiting["id"], *(run["id"] for run in runs)}
    assert await found(sort="scheduled_for") == await found()
    first = ok(await rig.api.get(RUNS, params={"sort": "started", "page_size": "1"}))
    assert await found(sort="started", page_token=first["next_page_token"]) == [runs[0]["id"]]
    assert await found(id_prefix=waiting["id"][:20]) == [waiting["id"]]
    assert await found(id_prefix=waiting["id"]) == [waiting["id"]]
    assert await found(id_prefix="nothing") == []


async def test_whoever_asks_for_the_total_gets_it_on_each_page(rig: Rig) -> None:
    runs = [await rig.start() for _ in range(3)]
    await rig.execute(runs[0])

    async def asked(**query: str) -> dict[str, Any]:
        return ok(await rig.api.get(RUNS, params=query))

    first = await asked(total="true", page_size="2")
    second = await asked(total="true", page_size="2", page_token=first["next_page_token"])

    assert first["total"] == second["total"] == {"count": 3, "exact": True}
    assert (len(first["runs"]), len(second["runs"])) == (2, 1)
    assert (await asked(total="true", status="succeeded", page_size="1"))["total"] == {"count": 1, "exact": True}
    assert (await asked(total="true", sort="started"))["total"] == {"count": 1, "exact": True}
    assert (await asked(total="true", id_prefix=runs[0]["id"]))["total"] == {"count": 1, "exact": True}
    assert (await asked())["total"] is None
    assert (await asked(sort="started", total="false"))["total"] is None
