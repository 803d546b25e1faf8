"""SIGTERM: a process hands its runs back, another one continues them, and it starts no more."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import anyio
import pytest

from app.rig import Rig, delivery_of, receipt_of
from app.scripted_executor import Behaviour
from app.single_trigger import one_due_run
from tock.app.execution.cancel import cancel
from tock.app.execution.execute import Receipt
from tock.app.services import Services
from tock.core.run.outcome import Outcome
from tock.core.run.status import AttemptStatus, RunStatus
from tock.core.timing import Timing
from tock.ports.executor import Ability, RunContext

pytestmark = pytest.mark.anyio
NOTICE = Timing().shutdown_notice


async def test_its_run_is_stopped_and_goes_on_elsewhere(rig: Rig) -> None:
    rig.executor.behaviour = lambda context: Behaviour(until_released=context.attempt == 1)
    run = await one_due_run(rig)
    ending = rig.services()
    [delivery] = await rig.deliver(ending)

    ending.shutdown.set()
    await rig.quiet()
    handed_back = await rig.run(run)
    await rig.advance(NOTICE)
    await rig.deliver()
    after = await rig.run(run)

    assert receipt_of(delivery) is Receipt.SETTLED
    assert (handed_back.status, handed_back.attempt) == (RunStatus.QUEUED, 2)
    assert handed_back.attempts[0].ended is not None
    # An agent that does not let itself be stopped works on until its process is gone.
    assert handed_back.due_at == handed_back.attempts[0].ended + NOTICE
    [attempt] = handed_back.attempts
    assert attempt.error is not None
    assert (attempt.status, attempt.error.type) == (AttemptStatus.LOST, "handed_back")
    assert [start.stopped for start in rig.executor.of(run.id)] == [True, False]
    # Neither the agent nor its runner failed.
    assert (after.status, after.failures, after.lost) == (RunStatus.SUCCEEDED, 0, 0)


async def test_a_run_that_is_to_be_cancelled_does_not_go_on(rig: Rig) -> None:
    rig.executor.behaviour = lambda _: Behaviour(until_released=True)
    run = await one_due_run(rig)
    ending = rig.services()
    await rig.deliver(ending)
    await cancel(rig.services(), project="p", run=run.id, reason="enough", by="ada")

    ending.shutdown.set()
    await rig.quiet()

    after = await rig.run(run)
    assert (after.status, after.reason) == (RunStatus.CANCELLED, "enough")


async def test_it_begins_no_other_run(rig: Rig) -> None:
    run = await one_due_run(rig)
    ending = rig.services()
    ending.shutdown.set()

    receipt = await rig.execute(delivery_of(run), services=ending)

    assert receipt is Receipt.SHUTTING_DOWN
    assert receipt.deliver_again
    assert (await rig.run(run)).status is RunStatus.QUEUED


async def test_no_agent_begins_when_the_end_is_announced_amid_its_claim(rig: Rig) -> None:
    run = await one_due_run(rig)
    ending = _ending_at_change(1, rig)

    await rig.deliver(ending)

    handed_back = await rig.run(run)
    assert rig.executor.of(run.id) == []
    assert (handed_back.status, handed_back.attempt) == (RunStatus.QUEUED, 2)
    await rig.advance(NOTICE)
    await rig.deliver()
    assert (await rig.run(run)).status is RunStatus.SUCCEEDED


async def test_an_agent_that_ends_just_then_has_its_own_outcome(rig: Rig) -> None:
    run = await one_due_run(rig)
    ending = _ending_at_change(2, rig)

    await rig.deliver(ending)

    after = await rig.run(run)
    assert ending.shutdown.is_set()
    assert (after.status, [attempt.error for attempt in after.attempts]) == (RunStatus.SUCCEEDED, [None])


async def test_an_executor_that_breaks_at_being_stopped_uses_up_no_retry(rig: Rig) -> None:
    run = await one_due_run(rig)
    ending = replace(rig.services(), executors={"scripted": BreaksAtItsEnd()})
    await rig.deliver(ending)

    ending.shutdown.set()
    await rig.quiet()

    after = await rig.run(run)
    assert (after.status, after.failures) == (RunStatus.QUEUED, 0)
    assert after.attempts[0].status is AttemptStatus.LOST


class BreaksAtItsEnd:
    """An executor whose connection cannot even be closed."""

    kind = "scripted"

    def abilities(self, _config: Mapping[str, Any]) -> frozenset[Ability]:
        return frozenset(Ability)

    def check(self, config: Mapping[str, Any], *, project: str) -> None:
        """Accept any configuration."""

    async def execute(self, _config: Mapping[str, Any], _context: RunContext) -> Outcome:
        try:
            await anyio.sleep_forever()
        except BaseException as exc:
            raise OSError("the connection is gone") from exc


def _ending_at_change(which: int, rig: Rig) -> Services:
    """A process that is told to end when it is about to change a run for that time: its claim, then its settlement."""
    changes = 0

    async def before_effect(text: str) -> None:
        nonlocal changes
        changes += text.startswith("commit change Run")
        if changes == which:
            ending.shutdown.set()

    ending = rig.services(rig.process(before_effect=before_effect))
    return ending
