"""Events of an agent elsewhere: each is stored once, behind all that the run has, and counts as a sign of work."""

from contextlib import suppress
from datetime import timedelta

import pytest

from app.faults import Crash, Fault, Kind
from app.rig import Rig
from app.scripted_executor import Behaviour
from app.single_trigger import one_due_run
from tock.app.execution.cancel import cancel
from tock.app.start.answer import answer
from tock.app.start.save_state import save_state
from tock.app.start.send_events import SentEvent, send_events
from tock.core.errors import FailedPrecondition, RunBusy, RunSettled, StoreUnavailable
from tock.core.mask import Mask
from tock.core.run.events import event
from tock.core.run.events.history import history
from tock.core.run.outcome import Continue, Succeeded, WaitFor, Waiting
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.ports.store import Change

pytestmark = pytest.mark.anyio
MINUTE = timedelta(minutes=1)


async def a_waiting_run(rig: Rig) -> Run:
    rig.executor.behaviour = lambda _: Behaviour(outcome=Waiting(WaitFor.CALLBACK))
    run = await one_due_run(rig)
    await rig.deliver()
    return await rig.run(run)


async def sent(rig: Rig, run: Run, *kinds: str, fault: Fault | None = None, mask: Mask | None = None) -> Run:
    return await send_events(
        rig.services(rig.process(fault)),
        project="p",
        run=run.id,
        events=[SentEvent(kind=kind, data={"of": kind}) for kind in kinds],
        mask=mask or Mask([]),
    )


async def stored_kinds(rig: Rig, run: Run) -> list[tuple[int, str]]:
    page = await rig.store.events("p", run.id, since=0, limit=100)
    return [(each.seq, each.kind) for each in page.events if not each.kind.startswith("run.")]


async def test_events_come_behind_those_of_the_attempt_and_before_those_of_the_next(rig: Rig) -> None:
    rig.executor.behaviour = lambda context: Behaviour(
        outcome=Waiting(WaitFor.CALLBACK) if context.attempt == 1 else Succeeded(result="done"), emits=1
    )
    run = await one_due_run(rig)
    await rig.deliver()

    await sent(rig, run, "fetched", "read")
    after = await sent(rig, run, "wrote")
    await answer(rig.services(), project="p", run=run.id, wait_for=WaitFor.CALLBACK, by=f"run:{run.id}", value=1)
    await rig.deliver()

    seen = await stored_kinds(rig, run)
    assert [kind for _, kind in seen][1:4] == ["fetched", "read", "wrote"]
    assert [number for number, kind in seen if kind in {"fetched", "read", "wrote"}] == [1500000, 1500001, 1500002]
    assert [number // 1_000_000 for number, _ in seen] == [1, 1, 1, 1, 2]
    assert after.events_sent == 3


async def test_an_event_is_a_sign_of_work(rig: Rig) -> None:
    rig.executor.behaviour = lambda context: Behaviour(
        outcome=Waiting(WaitFor.CALLBACK) if context.attempt == 1 else Succeeded(result=None)
    )
    run = await one_due_run(rig)
    await rig.deliver()

    await sent(rig, run, "read")
    await answer(rig.services(), project="p", run=run.id, wait_for=WaitFor.CALLBACK, by=f"run:{run.id}")
    await rig.deliver()

    assert (await rig.run(run)).status is RunStatus.SUCCEEDED


async def test_kinds_of_tocks_own_and_secrets_are_changed(rig: Rig) -> None:
    run = await a_waiting_run(rig)

    await send_events(
        rig.services(),
        project="p",
        run=run.id,
        events=[SentEvent(kind="run.settled", data=["hunter22-hunter22", "x" * 20_000])],
        mask=Mask(["hunter22-hunter22"]),
    )

    page = await rig.store.events("p", run.id, since=1_500_000 - 1, limit=1)
    assert (page.events[0].kind, page.events[0].truncated) == ("agent.run.settled", True)
    assert "hunter22" not in page.events[0].model_dump_json()


@pytest.mark.parametrize("kind", [Kind.REPEATED, Kind.LOST_ACKNOWLEDGEMENT, Kind.CRASH_AFTER])
async def test_a_commit_that_is_repeated_stores_the_events_once(rig: Rig, kind: Kind) -> None:
    run = await a_waiting_run(rig)

    with suppress(StoreUnavailable, Crash):
        await sent(rig, run, "read", fault=Fault(1, kind))

    assert [kind for _, kind in await stored_kinds(rig, run) if kind == "read"] == ["read"]
    assert (await rig.run(run)).events_sent == 1


async def test_while_an_attempt_is_at_work_the_agent_is_told_to_come_again(rig: Rig) -> None:
    rig.executor.behaviour = lambda _: Behaviour(until_released=True)
    run = await one_due_run(rig)
    with pytest.raises(RunBusy, match="is queued"):
        await sent(rig, run, "read")
    await rig.deliver()

    with pytest.raises(RunBusy, match="is running, so its runner numbers the events"):
        await sent(rig, run, "read")

    rig.executor.release(run.id, attempt=1)


async def test_no_event_comes_before_what_was_told_already(rig: Rig) -> None:
    run = await a_waiting_run(rig)
    await sent(rig, run, "read")
    before = history(await rig.run(run))[-1]

    answered = await answer(rig.services(), project="p", run=run.id, wait_for=WaitFor.CALLBACK, by="ada", value=1)

    [(number, _)] = await stored_kinds(rig, run)
    assert before.seq < number < history(answered)[-1].seq
    with pytest.raises(RunBusy, match="is queued"):
        await sent(rig, run, "wrote")


async def test_a_settled_run_takes_neither_events_nor_a_state(rig: Rig) -> None:
    run = await a_waiting_run(rig)
    await cancel(rig.services(), project="p", run=run.id, reason="enough", by="ada")

    with pytest.raises(RunSettled, match="sending events needs an active run"):
        await sent(rig, run, "read")
    with pytest.raises(RunSettled, match="a checkpoint needs an active run"):
        await save_state(rig.services(), project="p", run=run.id, state=1)


async def test_a_run_takes_a_bounded_number_of_events(rig: Rig) -> None:
    run = await a_waiting_run(rig)
    found = await rig.store.run("p", run.id)
    assert found is not None
    full = found.value.model_copy(update={"events_sent": event.MAX_SENT - 1})
    await rig.store.commit([Change(before=found, after=full)])

    with pytest.raises(FailedPrecondition, match="99999 events from elsewhere, of at most 100000"):
        await sent(rig, run, "read", "wrote")
    await sent(rig, run, "read")


@pytest.mark.parametrize("kind", [Kind.REPEATED, Kind.LOST_ACKNOWLEDGEMENT])
async def test_the_next_leg_finds_the_state_that_was_saved_elsewhere(rig: Rig, kind: Kind) -> None:
    rig.executor.behaviour = lambda context: Behaviour(
        outcome=Continue(after=MINUTE) if context.attempt == 1 else Succeeded(result=context.state)
    )
    run = await one_due_run(rig)
    await rig.deliver()

    services = rig.services(rig.process(Fault(1, kind)))
    with suppress(StoreUnavailable):
        await save_state(services, project="p", run=run.id, state={"page": 3})
    await rig.advance(MINUTE)
    await rig.deliver()

    assert (await rig.run(run)).result == {"page": 3}
