"""One thing done to many runs, against the real API: which are meant, and what comes of each."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from client.conftest import (  # noqa: F401 - fixtures
    Hosted,
    _nothing_is_configured,
    cloud_tasks,
    empty,
    hosted,
    rig,
    services,
)
from tock import Client
from tock.cli.errors import CommandError
from tock.cli.input.where import Where
from tock.cli.runs.bulk import Action, Plan, Result, cancelling, failures, planned, results, retrying
from tock.core.run.status import RunStatus
from web.rig import BROKEN, created

pytestmark = pytest.mark.anyio
ANY = Where()


async def _do(hosted: Hosted, action: Callable[[Client], Action], where: Where = ANY) -> tuple[Plan, list[Result]]:  # noqa: F811
    def act() -> tuple[Plan, list[Result]]:
        with hosted.blocking() as client:
            chosen = action(client)
            plan = planned(client, where, chosen)
            return plan, list(results(plan.runs, chosen))

    return await asyncio.to_thread(act)


async def _failed(hosted: Hosted, count: int) -> list[dict[str, Any]]:  # noqa: F811
    created(await hosted.rig.api.post("/v1/projects/acme/agents", json=BROKEN))
    return [await hosted.rig.execute(await hosted.rig.start("agents/broken")) for _ in range(count)]


async def test_the_runs_that_are_not_over_are_cancelled(hosted: Hosted) -> None:  # noqa: F811
    begun = {(await hosted.rig.start())["id"] for _ in range(12)}
    over = await hosted.rig.execute(await hosted.rig.start())

    plan, done = await _do(hosted, lambda client: cancelling(client, reason="enough"))

    assert {run.id for run in plan.runs} == {each.run.id for each in done} == begun
    assert ({each.said for each in done}, failures(done)) == ({"cancelled"}, 0)
    assert over["id"] not in begun
    again, _ = await _do(hosted, lambda client: cancelling(client, reason=None))
    assert again.runs == ()


async def test_only_those_that_match_are_meant(hosted: Hosted) -> None:  # noqa: F811
    await hosted.rig.make_trigger("morning")
    await hosted.rig.start()
    of_trigger = await hosted.rig.start("triggers/morning")

    plan, _ = await _do(hosted, lambda client: cancelling(client, reason=None), Where(trigger="morning"))

    assert [run.id for run in plan.runs] == [of_trigger["id"]]


async def test_failed_runs_are_repeated_once_each(hosted: Hosted) -> None:  # noqa: F811
    failed = {run["id"] for run in await _failed(hosted, 3)}

    def act(client: Client) -> Action:
        return retrying(client, model=None, config=None)

    plan, done = await _do(hosted, act)
    again, repeated = await _do(hosted, act)

    assert {run.id for run in plan.runs} == failed
    assert all(each.said.startswith("repeated by run ") for each in done)
    assert (again.runs, repeated, {run.id for run, _ in again.left_alone}) == ((), [], failed)
    assert {reason for _, reason in again.left_alone} == {f"was {each.said}" for each in done}


async def test_a_run_that_cannot_be_repeated_stops_no_other(hosted: Hosted) -> None:  # noqa: F811
    await _failed(hosted, 1)
    await hosted.rig.execute(await hosted.rig.start())
    await hosted.rig.api.delete("/v1/projects/acme/agents/broken")
    where = Where(statuses=(RunStatus.SUCCEEDED, RunStatus.FAILED))

    _, done = await _do(hosted, lambda client: retrying(client, model=None, config=None), where)

    assert (len(done), failures(done)) == (2, 1)
    [failed] = [each for each in done if each.failed]
    assert "broken" in failed.said


async def test_what_can_be_done_to_no_such_run_is_refused(hosted: Hosted) -> None:  # noqa: F811
    for action, status in (
        (lambda client: cancelling(client, reason=None), RunStatus.FAILED),
        (lambda client: retrying(client, model=None, config=None), RunStatus.RUNNING),
    ):
        with pytest.raises(CommandError, match=f"a run that is {status} cannot be"):
            await _do(hosted, action, Where(statuses=(status,)))
