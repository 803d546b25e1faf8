"""Signals: each reaches one attempt, once, in order, whatever happens on the way."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from app.faults import Fault, Kind
from app.rig import Rig
from app.scripted_executor import Behaviour, ScriptedExecutor
from app.single_trigger import one_due_run
from tock.app.start.send_signal import send_signal
from tock.core.errors import AbilityMissing, RunSettled, StoreUnavailable
from tock.core.run.messages.signal import Signal, SignalKind
from tock.core.run.outcome import AgentOutcome, Succeeded
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.ports.executor import Ability, RunContext

pytestmark = pytest.mark.anyio
SECOND = timedelta(seconds=1)


class Listener(ScriptedExecutor):
    """Runs an agent that takes as many messages as its run's payload says."""

    async def execute(self, _config: Mapping[str, Any], context: RunContext) -> AgentOutcome:
        taken: list[str] = []
        while len(taken) < 2:
            taken += [signal.message for signal in await context.messages()]
        return Succeeded(result=taken)


async def sent(rig: Rig, run: Run, message: str, *, key: str | None = None, fault: Fault | None = None) -> Signal:
    return await send_signal(
        rig.services(rig.process(fault)),
        project="p",
        run=run.id,
        kind=SignalKind.STEER,
        message=message,
        key=key,
        by="ada",
    )


async def test_messages_reach_the_working_attempt_in_order_at_its_next_heartbeat(rig: Rig) -> None:
    rig.executor = Listener(rig.clock)
    run = await one_due_run(rig)
    await rig.deliver()

    numbers = [(await sent(rig, run, message)).number for message in ("left", "right")]
    await rig.advance(rig.timing.heartbeat)

    stored = await rig.run(run)
    assert numbers == [1, 2]
    assert (stored.status, stored.result) == (RunStatus.SUCCEEDED, ["left", "right"])
    assert (stored.signals, stored.signals_taken) == (2, 2)
    assert [each.value.taken_by for each in await rig.store.signals("p", run.id, since=0, limit=10)] == [1, 1]


async def test_messages_before_the_start_are_there_when_the_attempt_begins(rig: Rig) -> None:
    rig.executor = Listener(rig.clock)
    run = await one_due_run(rig)
    for message in ("left", "right"):
        await sent(rig, run, message)

    await rig.deliver()

    assert (await rig.run(run)).result == ["left", "right"]


async def test_a_request_that_is_repeated_sends_one_signal(rig: Rig) -> None:
    run = await one_due_run(rig)

    first = await sent(rig, run, "left", key="k")
    again = await sent(rig, run, "left", key="k")

    assert first == again
    assert (await rig.run(run)).signals == 1


async def test_a_signal_whose_commit_is_repeated_is_sent_once(rig: Rig) -> None:
    run = await one_due_run(rig)

    await sent(rig, run, "left", fault=Fault(1, Kind.REPEATED))

    assert (await rig.run(run)).signals == 1


async def test_a_request_that_is_repeated_because_nobody_answered_sends_one_signal(rig: Rig) -> None:
    run = await one_due_run(rig)

    with pytest.raises(StoreUnavailable):
        await sent(rig, run, "left", key="k", fault=Fault(1, Kind.LOST_ACKNOWLEDGEMENT))
    await sent(rig, run, "left", key="k")

    assert (await rig.run(run)).signals == 1


async def test_no_signal_is_sent_to_a_run_that_has_ended(rig: Rig) -> None:
    run = await one_due_run(rig)
    await rig.deliver()

    with pytest.raises(RunSettled, match="steer needs an active run"):
        await sent(rig, run, "left")

    assert (await rig.run(run)).signals == 0


async def test_no_signal_is_sent_to_an_agent_that_takes_none(rig: Rig) -> None:
    class Deaf(ScriptedExecutor):
        def abilities(self, _config: Mapping[str, Any]) -> frozenset[Ability]:
            return frozenset()

    rig.executor = Deaf(rig.clock, behaviour=lambda _: Behaviour(until_released=True))
    run = await one_due_run(rig)

    with pytest.raises(AbilityMissing, match=r"'scripted', which cannot steer\. The kinds that can: none"):
        await sent(rig, run, "left")
