"""What an agent sees and can do in a test's own process, and that it is stopped there."""

import asyncio
import queue
import threading
from datetime import timedelta
from typing import Any

import tock
import tock.testing
from tock.core.run.status import RunStatus
from waiting import TIMEOUT


def test_an_agent_gets_the_context_that_the_test_gives() -> None:
    seen: dict[str, Any] = {}

    async def agent(run: tock.RunContext) -> str:
        seen.update(
            trigger=run.trigger,
            attempt=run.attempt,
            state=run.state,
            session=await run.load_session(),
            previous=await run.previous(),
            zone=run.time_zone,
            model=run.model,
            ref=run.ref,
            key=run.idempotency_key("pay"),
            messages=[(each.kind, each.message) for each in await run.messages()],
        )
        await run.save_session([*seen["session"], "two"])
        return "done"

    previous = tock.testing.Previous(
        result={"seen": 3}, failure=tock.testing.PreviousFailure("TimeoutError", "too slow", retryable=True)
    )
    result = tock.testing.run(
        agent,
        trigger="nightly",
        attempt=3,
        state={"at": 5},
        session=["one"],
        previous=previous,
        messages=["be brief"],
        follow_ups=["and then sleep"],
        model="small",
        ref="main",
        time_zone="Europe/Berlin",
    )

    assert result.status is RunStatus.SUCCEEDED, result.error
    assert seen.pop("key")
    assert seen == {
        "trigger": "nightly",
        "attempt": 3,
        "state": {"at": 5},
        "session": ["one"],
        "previous": previous,
        "zone": "Europe/Berlin",
        "model": "small",
        "ref": "main",
        "messages": [("steer", "be brief"), ("follow_up", "and then sleep")],
    }
    assert result.session == ["one", "two"]
    assert result.run.source == "schedule"


def test_a_plain_agent_can_do_all_that_an_async_one_can() -> None:
    def able(run: tock.SyncRunContext) -> Any:
        first = [each.message for each in run.messages()]
        later = run.messages(timeout=timedelta(milliseconds=1))
        run.save_session([*run.load_session(), *first])
        return {"later": list(later), "failed": run.previous().failure is not None, "cancelled": run.cancelled}

    result = tock.testing.run(able, session=["one"], messages=["two"])

    assert result.result == {"later": [], "failed": False, "cancelled": False}
    assert result.session == ["one", "two"]


def test_a_timeout_stops_an_agent() -> None:
    stopped = threading.Event()

    async def waits(_run: tock.RunContext) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    def blocks(run: tock.SyncRunContext) -> None:
        while not run.cancelled:
            stopped.wait(0.01)

    for agent in (waits, blocks):
        result = tock.testing.run(agent, timeout="1s")
        assert (result.status, result.error and result.error.type) == (RunStatus.TIMED_OUT, "timed_out")
    assert stopped.is_set()


def test_a_plain_agent_that_does_not_end_at_its_timeout_can_do_nothing_more() -> None:
    ended, told = threading.Event(), queue.Queue[str]()

    def deaf(run: tock.SyncRunContext) -> None:
        ended.wait()
        try:
            run.emit("progress", "late")
            run.checkpoint("late")
        except Exception as exc:  # noqa: BLE001 - the test looks at its class
            told.put(type(exc).__name__)

    result = tock.testing.run(deaf, timeout="1s")
    ended.set()

    assert told.get(timeout=TIMEOUT) == "AttemptEnded"
    assert (result.status, result.emitted, result.checkpoints) == (RunStatus.TIMED_OUT, (), ())
