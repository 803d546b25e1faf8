"""One thing done to many runs, against the real API: which are meant, and what comes of each."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import closing
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
from ports.documents import a_run
from tock import Client
from tock.cli.errors import CommandError
from tock.cli.input.where import Where
from tock.cli.runs.bulk import AT_ONCE, Action, Plan, Result, cancelling, planned, results, retrying
from tock.core.run.status import RunStatus
from tock.web.resources.runs.run import RunResource
from waiting import TIMEOUT
from web.rig import BROKEN, created

pytestmark = pytest.mark.anyio
ANY = Where()


async def _do(hosted: Hosted, action: Callable[[Client], Action], where: Where = ANY) -> tuple[Plan, list[Result]]:  # noqa: F811
    def act() -> tuple[Plan, list[Result]]:
        with hosted.blocking() as client:
            chosen = action(client)
            plan = planned(client, where, chosen)
            return plan, list(results(plan.runs, chosen, stopping=threading.Event()))

    return await asyncio.to_thread(act)


async def _failed(hosted: Hosted, count: int) -> list[dict[str, Any]]:  # noqa: F811
    created(await hosted.rig.api.post("/v1/projects/acme/agents", json=BROKEN))
    return [await hosted.rig.execute(await hosted.rig.start("agents/broken")) for _ in range(count)]


async def test_the_runs_that_are_not_over_are_cancelled(hosted: Hosted) -> None:  # noqa: F811
    begun = {(await hosted.rig.start())["id"] for _ in range(12)}
    over = await hosted.rig.execute(await hosted.rig.start())

    plan, done = await _do(hosted, lambda client: cancelling(client, reason="enough"))

    assert {run.id for run in plan.runs} == {each.run.id for each in done} == begun
    assert {(each.said, each.failed) for each in done} == {("cancelled", False)}
    assert over["id"] not in begun
    again, _ = await _do(hosted, lambda client: cancelling(client, reason=None))
    assert again.runs == ()


async def test_only_those_that_match_are_meant(hosted: Hosted) -> None:  # noqa: F811
    await hosted.rig.make_trigger("morning")
    about = await hosted.rig.start(subject="minutes")
    of_trigger = await hosted.rig.start("triggers/morning")

    plan, _ = await _do(hosted, lambda client: cancelling(client, reason=None), Where(trigger="morning"))
    other, _ = await _do(hosted, lambda client: cancelling(client, reason=None), Where(subject="minutes"))

    assert [run.id for run in plan.runs] == [of_trigger["id"]]
    assert [run.id for run in other.runs] == [about["id"]]


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

    assert len(done) == 2
    [failed] = [each for each in done if each.failed]
    assert "broken" in failed.said


async def test_what_can_be_done_to_no_such_run_is_refused(hosted: Hosted) -> None:  # noqa: F811
    for action, status in (
        (lambda client: cancelling(client, reason=None), RunStatus.FAILED),
        (lambda client: retrying(client, model=None, config=None), RunStatus.RUNNING),
    ):
        with pytest.raises(CommandError, match=f"a run that is {status} cannot be"):
            await _do(hosted, action, Where(statuses=(status,)))


@pytest.fixture
def runs() -> list[RunResource]:
    return [RunResource.of(a_run(f"r{number}")) for number in range(40)]


def _action(act: Callable[[RunResource], str]) -> Action:
    return Action("do", "Doing", "done", usual=(), possible=frozenset(), act=act)


async def test_once_it_is_stopped_no_further_run_is_begun(runs: list[RunResource]) -> None:
    stopping = threading.Event()

    def act(_: RunResource) -> str:
        stopping.set()
        return "done"

    done = list(results(runs, _action(act), stopping=stopping))

    assert 1 <= len(done) <= AT_ONCE


async def test_whoever_leaves_stops_it(runs: list[RunResource]) -> None:
    stopping = threading.Event()
    begun: list[str] = []

    def act(run: RunResource) -> str:
        begun.append(run.id)
        # All but one end once it is stopped.
        assert run.id == "r0" or stopping.wait(TIMEOUT)
        return "done"

    with (
        pytest.raises(ZeroDivisionError),
        closing(results(runs, _action(act), stopping=stopping)) as found,
    ):
        raise ZeroDivisionError(next(found).said)

    assert len(begun) <= AT_ONCE + 1
