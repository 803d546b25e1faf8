"""A process that is told to end: its runs go on elsewhere at once, and it begins no other."""

import pytest

from protocol.given import SECOND, one_due_run
from protocol.rig import Rig, delivery_of, receipt_of
from protocol.script import Play
from tock.app.cancel import cancel
from tock.app.execute import Receipt
from tock.core.status import AttemptStatus, RunStatus

pytestmark = pytest.mark.anyio


async def test_its_run_is_stopped_and_goes_on_elsewhere_at_once(rig: Rig) -> None:
    rig.executor.plays = lambda context: Play(until_released=context.attempt == 1)
    run = await one_due_run(rig)
    ending = rig.parts()
    [delivery] = await rig.deliver(ending)

    ending.closing.set()
    await rig.quiet()
    handed_back = await rig.run(run)
    await rig.deliver()
    after = await rig.run(run)

    assert receipt_of(delivery) is Receipt.SETTLED
    assert (handed_back.status, handed_back.attempt) == (RunStatus.QUEUED, 2)
    assert handed_back.due_at <= rig.clock.present
    [attempt] = handed_back.attempts
    assert attempt.error is not None
    assert (attempt.status, attempt.error.type) == (AttemptStatus.LOST, "handed_back")
    assert [start.stopped for start in rig.executor.of(run.id)] == [True, False]
    # Neither the agent nor its runner failed.
    assert (after.status, after.failures, after.lost) == (RunStatus.SUCCEEDED, 0, 0)


async def test_a_run_that_is_to_be_cancelled_does_not_go_on(rig: Rig) -> None:
    rig.executor.plays = lambda _: Play(until_released=True)
    run = await one_due_run(rig)
    ending = rig.parts()
    await rig.deliver(ending)
    await cancel(rig.parts(), project="p", run=run.id, reason="enough", by="ada")

    ending.closing.set()
    await rig.quiet()

    after = await rig.run(run)
    assert (after.status, after.reason) == (RunStatus.CANCELLED, "enough")


async def test_it_begins_no_other_run(rig: Rig) -> None:
    run = await one_due_run(rig)
    ending = rig.parts()
    ending.closing.set()

    receipt = await rig.execute(delivery_of(run), parts=ending)

    assert receipt is Receipt.CLOSING
    assert receipt.deliver_again
    assert (await rig.run(run)).status is RunStatus.QUEUED


async def test_an_agent_that_ends_just_then_has_its_own_outcome(rig: Rig) -> None:
    rig.executor.plays = lambda _: Play(works=5 * SECOND)
    run = await one_due_run(rig)
    ending = rig.parts()
    await rig.deliver(ending)
    await rig.advance(5 * SECOND)

    ending.closing.set()
    await rig.quiet()

    assert (await rig.run(run)).status is RunStatus.SUCCEEDED
    assert rig.executor.starts.total() == 1
