"""A handle on a run: its result, its end, and what people do with it."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

import tock
from client.conftest import client_of
from tock import AsyncClient, AsyncRunHandle
from tock.core.run.outcome import WaitFor
from web.rig import Rig, created

pytestmark = pytest.mark.anyio


@pytest.fixture
async def client(rig: Rig) -> AsyncClient:
    for name in ("broken", "asking", "questioning", "talking", "gated"):
        agent = {"id": name, "kind": "python", "config": {"callable": f"web.sample_agents:{name}"}}
        created(await rig.api.post("/v1/projects/acme/agents", json=agent))
    return client_of(rig)


async def executed(rig: Rig, run: AsyncRunHandle) -> AsyncRunHandle:
    """Execute the run's current attempt, as its delivery does."""
    await rig.execute((await run.refresh()).model_dump(mode="json"))
    return run


async def test_the_result_comes_when_the_run_has_ended(client: AsyncClient, rig: Rig) -> None:
    run = await client.agents.run("digest", input={"message": "Hello"})
    waiting = asyncio.create_task(run.result())

    await rig.execute(run.resource.model_dump(mode="json"))

    assert await waiting == {"message": "Hello", "payload": {}, "model": None}
    assert (run.status, repr(run)) == ("succeeded", f"<AsyncRunHandle {run.id} succeeded>")


async def test_a_run_that_goes_on_is_a_timeout_that_has_the_run(client: AsyncClient) -> None:
    run = await client.agents.run("digest")

    for limit in (0, timedelta(milliseconds=1)):
        with pytest.raises(TimeoutError, match=rf"Run {run.id} is queued after 0(\.001)? s; it goes on") as raised:
            await run.result(timeout=limit)
        assert isinstance(raised.value, tock.RunStillActive)
        assert raised.value.run.id == run.id


async def test_a_failed_run_raises_with_the_agents_error(client: AsyncClient, rig: Rig) -> None:
    run = await executed(rig, await client.agents.run("broken"))

    with pytest.raises(tock.RunFailed, match=rf"^Run {run.id} ended as failed: \w+: broken never works\.$") as raised:
        await run.result()

    assert raised.value.run.error is not None
    assert raised.value.run.error.retryable is False
    assert (await run.wait()).status == "failed"


async def test_a_cancelled_run_raises_with_the_reason(client: AsyncClient) -> None:
    run = await client.agents.run("digest")

    cancelled = await run.cancel(reason="not needed")

    assert (cancelled.previous_status, run.status) == ("queued", "cancelled")
    with pytest.raises(tock.RunCancelled, match="not needed"):
        await run.result()


async def test_an_approval_an_answer_and_a_rejection_start_the_next_leg(client: AsyncClient, rig: Rig) -> None:
    asking = await executed(rig, await client.agents.run("asking"))
    refused = await executed(rig, await client.agents.run("asking"))
    questioning = await executed(rig, await client.agents.run("questioning"))

    approved = await asking.approve(note="fine")
    await refused.reject()
    await questioning.answer(7)

    assert approved.attempts[-1].wait is not None
    assert approved.attempts[-1].wait.wait_for is WaitFor.APPROVAL
    assert [await (await executed(rig, run)).result() for run in (asking, refused, questioning)] == [True, False, 7]
    with pytest.raises(tock.Conflict) as again:
        await asking.approve()
    assert again.value.code == "run_settled"


async def test_messages_are_signals_of_the_run(client: AsyncClient) -> None:
    run = await client.agents.run("gated")

    first = await run.steer("look there", idempotency_key="once")
    again = await run.steer("look there", idempotency_key="once")
    then = await run.follow_up("and then here")

    assert (first.kind, first.message, first.number) == ("steer", "look there", 1)
    assert again == first
    assert (then.kind, then.number) == ("follow_up", 2)


async def test_a_settled_run_is_repeated_and_resumed(client: AsyncClient, rig: Rig) -> None:
    run = await executed(rig, await client.agents.run("talking", input={"message": "one"}))

    resumed = await executed(rig, await run.resume("two"))
    repeated = await executed(rig, await (await client.runs.handle(run.id)).retry(model="large", config="snapshot"))

    assert await resumed.result() == ["one", "two"]
    assert (repeated.resource.retry_of, repeated.resource.input.model) == (run.id, "large")
    with pytest.raises(tock.Conflict, match="has no workspace"):
        await run.exec("build", ["--fast"], timeout="1m")


async def test_runs_are_listed_by_what_they_are(client: AsyncClient, rig: Rig) -> None:
    failed = await executed(rig, await client.agents.run("broken"))
    queued = await client.agents.run("digest")
    done = await executed(rig, await client.agents.run("digest"))

    async def ids(**query: Any) -> set[str]:
        return {run.id async for run in client.runs.list(**query)}

    assert await ids(status=["failed", "queued"]) == {failed.id, queued.id}
    assert await ids(status="succeeded", agent="digest") == {done.id}
    assert await ids(source="manual", since=queued.resource.scheduled_for, until=None) == {queued.id, done.id}
    assert await ids(until=queued.resource.scheduled_for - timedelta(hours=1)) == set()
    page = await client.runs.list_events(failed.id, since=1, limit=1)
    assert ([event.kind for event in page.events], page.status) == (["run.started"], "failed")


@pytest.mark.parametrize("act", ["approve", "reject", "cancel", "refresh"])
async def test_what_is_done_with_a_run_is_seen_by_its_handle(client: AsyncClient, rig: Rig, act: str) -> None:
    run = await executed(rig, await client.agents.run("asking"))
    before = run.resource
    verbs: dict[str, Callable[[], Any]] = {
        "approve": run.approve,
        "reject": run.reject,
        "cancel": run.cancel,
        "refresh": run.refresh,
    }

    await verbs[act]()

    assert run.resource is not before
    assert run.status == {"approve": "queued", "reject": "queued", "cancel": "cancelled", "refresh": "waiting"}[act]
