"""Evidence of what came before: attempts, legs, and the run that a retry repeats."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import pytest

from app.execution.attempt.asked_evidence import ALL, MINUTE, SECOND, STARS, a_run, error_of
from app.rig import Rig
from app.scripted_executor import Behaviour
from app.single_trigger import one_due_run
from tock.app.start.answer import answer
from tock.app.start.retry import ConfigChoice, RetryOptions, retry
from tock.core.errors import StoreUnavailable
from tock.core.run.outcome import Continue, Failed, Succeeded, Usage, WaitFor, Waiting, Workspace
from tock.core.run.status import RunStatus
from tock.ports.executor import RunContext
from tock.ports.store import Store

pytestmark = pytest.mark.anyio
LEFT = Workspace(repository="r", branch="b", commit=None, changed=1)
WORKED = {
    "an event": Behaviour(Continue(), emits=[("read", 1)]),
    "usage": Behaviour(Continue(), uses=[Usage(1)]),
    "files": Behaviour(Continue(), leaves=LEFT),
    "a failed attempt": Behaviour(Failed(type="busy", message="later", retryable=True), emits=[("read", 1)]),
}


@pytest.mark.parametrize("case", WORKED)
async def test_work_of_an_earlier_attempt_or_leg_is_a_sign_too(rig: Rig, case: str) -> None:
    rig.executor.behaviour = lambda context: WORKED[case] if context.attempt == 1 else Behaviour(Succeeded(None))
    run = await one_due_run(rig, retry={"max_retries": 1, "delay": "5s"})

    await rig.recover()

    assert (await rig.run(run)).status is RunStatus.SUCCEEDED


async def test_what_an_earlier_leg_printed_is_no_sign(rig: Rig) -> None:
    def behaviour(context: RunContext) -> Behaviour:
        context.host.log("still here", level="info")
        return Behaviour(Continue() if context.attempt == 1 else Succeeded(None))

    rig.executor.behaviour = behaviour
    run = await one_due_run(rig)

    await rig.recover()

    assert error_of(await rig.run(run)) == (RunStatus.FAILED, "no_progress", False)


async def test_earlier_attempts_and_legs_of_the_run_count(rig: Rig) -> None:
    def behaviour(context: RunContext) -> Behaviour:
        legs: Sequence[Behaviour] = (
            Behaviour(
                Failed(type="busy", message="later", retryable=True), emits=[("read", 1)], uses=[Usage(9, model="m")]
            ),
            Behaviour(Continue(), emits=[("pull_request", 7)] + [("step", number) for number in range(1200)]),
            Behaviour(Succeeded({"stars": 1}, usage=Usage(1))),
        )
        return legs[context.attempt - 1]

    rig.executor.behaviour = behaviour
    run = await a_run(rig, by="trigger", evidence=ALL, retry={"max_retries": 1, "delay": "5s"})

    await rig.recover()

    assert (await rig.run(run)).status is RunStatus.SUCCEEDED


async def test_a_callback_must_show_it_too(rig: Rig) -> None:
    rig.executor.behaviour = lambda context: Behaviour(
        Waiting(WaitFor.CALLBACK) if context.answer is None else Succeeded(context.answer.value)
    )
    run = await a_run(rig, by="trigger", evidence={"output_schema": STARS})
    await rig.deliver()

    await answer(rig.services(), project="p", run=run.id, wait_for=WaitFor.CALLBACK, value={"stars": None}, by="x")
    await rig.recover()

    assert error_of(await rig.run(run)) == (RunStatus.FAILED, "no_evidence", False)


class SilentOnce:
    """A store that does not answer the first time that it is asked for events."""

    def __init__(self, store: Store) -> None:
        self.asked = 0
        self._store = store

    async def events(self, *args: Any, **given: Any) -> Any:
        self.asked += 1
        if self.asked == 1:
            raise StoreUnavailable("no answer")
        return await self._store.events(*args, **given)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


async def test_an_unreachable_store_is_asked_again_for_the_events_before(rig: Rig) -> None:
    rig.executor.behaviour = lambda context: Behaviour(
        Continue() if context.attempt == 1 else Succeeded("done"), emits=[("read", 1)] if context.attempt == 1 else 0
    )
    run = await a_run(rig, by="trigger", evidence={"events": ["read"]})
    await rig.deliver()
    silent = SilentOnce(rig.services().store)
    services = replace(rig.services(), store=cast("Store", silent))
    await rig.tick()
    await rig.deliver(services)
    await rig.advance(5 * SECOND)

    assert silent.asked == 2
    assert (await rig.run(run)).status is RunStatus.SUCCEEDED


@pytest.mark.parametrize("config", ConfigChoice)
async def test_a_retry_asks_for_what_its_run_was_asked_or_for_what_the_trigger_asks_now(
    rig: Rig, config: ConfigChoice
) -> None:
    rig.executor.behaviour = lambda _: Behaviour(Succeeded("done"), emits=[("read", None)])
    run = await a_run(rig, by="trigger", evidence={"events": ["pull_request"]}, progress_every="2m")
    await rig.recover()

    again = await retry(
        rig.services(), project="p", run=run.id, options=RetryOptions(config=config), key=None, by="ada"
    )

    source = await rig.run(run)
    assert (again.run.evidence, again.run.progress_every) == (source.evidence, 2 * MINUTE)
    assert source.evidence is not None
