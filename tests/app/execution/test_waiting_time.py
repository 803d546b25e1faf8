"""A run that waits costs no compute: nothing works, and nothing is written, between the wait and its answer."""

from datetime import timedelta

import pytest

from app.rig import AGENT, Rig
from app.scripted_executor import DONE, Behaviour
from tock.app.manage.agents import edit_agent
from tock.app.start.answer import answer
from tock.app.start.run_now import RunOptions, run_agent
from tock.core.run.outcome import WaitFor, Waiting
from tock.core.run.status import RunStatus

pytestmark = pytest.mark.anyio
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
ASKS, GOES_ON = 3 * SECOND, 4 * SECOND


async def test_a_run_that_waits_ten_minutes_uses_no_function_time(rig: Rig) -> None:
    await rig.create_project("p")
    await edit_agent(rig.services(), project="p", agent=AGENT, changes={"concurrency": 1}, by="ada")
    waits = Waiting(WaitFor.APPROVAL, question="Merge?", deadline=timedelta(hours=1))
    rig.executor.behaviour = lambda context: (
        Behaviour(outcome=waits, works=ASKS, emits=1)
        if context.answer is None
        else Behaviour(outcome=DONE, works=GOES_ON)
    )
    launched = await run_agent(rig.services(), project="p", agent=AGENT, options=RunOptions(), key=None, by="ada")
    await rig.deliver()
    await rig.advance(ASKS)
    asked = await rig.store.run("p", launched.run.id)
    assert asked is not None
    assert asked.value.status is RunStatus.WAITING

    for _ in range(10):
        counters = await rig.tick()
        assert (counters.rescued, counters.enqueued) == (0, 0)
        assert await rig.deliver() == []
        await rig.advance(MINUTE)
        # No delivery is on its way and no agent at work; no heartbeat or sweep wrote the run; no slot is taken.
        assert await rig.waiting() == []
        assert rig.executor.at_work == []
        assert await rig.store.run("p", launched.run.id) == asked
        assert await rig.store.slots("p", f"agent:{AGENT}") == ()
    assert (asked.value.lease, asked.value.slots) == (None, ())

    await answer(rig.services(), project="p", run=launched.run.id, wait_for=WaitFor.APPROVAL, by="ada", approved=True)
    await rig.deliver()
    await rig.advance(GOES_ON)

    run = await rig.run(launched.run)
    assert run.status is RunStatus.SUCCEEDED
    assert run.started is not None
    assert run.finished is not None
    assert run.finished - run.started >= 10 * MINUTE
    worked = sum((each.ended - each.started for each in run.attempts if each.ended), timedelta())
    # The clock moves a little at each look.
    assert timedelta(seconds=round(worked.total_seconds())) == ASKS + GOES_ON
