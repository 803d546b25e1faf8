"""Work that nothing could stop: the attempt says so, and the run's next attempt never starts beside it."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from app.rig import Rig, delivery_of, receipt_of
from app.scripted_executor import Behaviour
from app.single_trigger import SECOND, one_due_run
from tock.app.drain import PATIENCE, Drain
from tock.app.execution.cancel import cancel
from tock.app.execution.execute import Receipt
from tock.app.services import Services
from tock.core.run.outcome import Failed, Succeeded
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.ports.abandoned_work import AbandonedWork

pytestmark = pytest.mark.anyio
NOTE = "Nothing could stop a thread in hold: this process takes no other run and is replaced."
FAILED = Failed("E", "It broke.", retryable=True)


@dataclass
class OneProcess:
    """The services of a process, the work that is abandoned in it, and how often it ended itself."""

    services: Services
    alive: list[str] = field(default_factory=list)
    ends: list[str] = field(default_factory=list)
    abandoned: AbandonedWork = field(default_factory=AbandonedWork)

    @classmethod
    def of(cls, rig: Rig) -> "OneProcess":
        made = cls(rig.services())
        drain = Drain(
            abandoned=made.abandoned, hand_back=made.services.shutdown.set, end=lambda: made.ends.append("ended")
        )
        made.services = replace(made.services, drain=drain)
        return made

    def abandon(self, run: Run, *works: str) -> None:
        """Let this work of the run go on, until `alive` is emptied."""
        self.alive += works
        self.abandoned.add(project=run.project, run=run.id, alive=lambda: tuple(self.alive))


async def _settled(rig: Rig, outcome: Any, *works: str, **spec: Any) -> tuple[OneProcess, Run]:
    """Return the process and the run after an attempt with this outcome, whose work goes on."""
    run = await one_due_run(rig, **{"retry": {"max_retries": 3}} | spec)
    process = OneProcess.of(rig)

    def behaviour(_: object) -> Behaviour:
        process.abandon(run, *(works or ("a thread in hold",)))
        return Behaviour(outcome)

    rig.executor.behaviour = behaviour
    assert await rig.execute(delivery_of(run), services=process.services) is Receipt.SETTLED
    rig.executor.behaviour = lambda _: Behaviour(Succeeded("done"))
    return process, await rig.run(run)


async def test_a_failed_attempt_says_what_could_not_be_stopped(rig: Rig) -> None:
    _, run = await _settled(rig, FAILED)

    [attempt] = run.attempts
    assert attempt.error is not None
    assert (attempt.error.type, attempt.error.message) == ("E", f"It broke. {NOTE}")


async def test_a_long_message_keeps_the_sentence(rig: Rig) -> None:
    _, run = await _settled(rig, Failed("E", "m" * 5_000, retryable=True))

    [attempt] = run.attempts
    assert attempt.error is not None
    assert attempt.error.message.endswith(f"m {NOTE}")
    assert len(attempt.error.message) == 4_000


async def test_of_many_pieces_five_are_named(rig: Rig) -> None:
    _, run = await _settled(rig, FAILED, *(f"the task {number}" for number in range(8)))

    [attempt] = run.attempts
    assert attempt.error is not None
    named = "the task 0, the task 1, the task 2, the task 3, the task 4, 3 more"
    assert attempt.error.message == f"It broke. {NOTE.replace('a thread in hold', named)}"


async def _stopped(rig: Rig, stop: str) -> Run:
    """Return the run after its attempt, whose work goes on, was stopped in this way."""
    run = await one_due_run(rig, timeout="5m")
    process = OneProcess.of(rig)

    def behaviour(_: object) -> Behaviour:
        process.abandon(run, "a thread in hold")
        return Behaviour(until_released=True)

    rig.executor.behaviour = behaviour
    [runner] = await rig.deliver(process.services)
    match stop:
        case "cancelled":
            await cancel(rig.services(), project="p", run=run.id, by="u", reason="not needed")
            await rig.advance(rig.timing.heartbeat + SECOND)
        case "timed out":
            await rig.advance(timedelta(minutes=5) + SECOND)
        case _:
            process.services.shutdown.set()
            await rig.quiet()
    assert receipt_of(runner) is Receipt.SETTLED
    return await rig.run(run)


@pytest.mark.parametrize(
    ("stop", "error", "message"),
    [
        ("cancelled", "work_abandoned", NOTE),
        ("timed out", "timed_out", f"The attempt was aborted at its timeout of 0:05:00. {NOTE}"),
        ("handed back", "handed_back", f"The process of this attempt was told to end; the run was handed back. {NOTE}"),
    ],
)
async def test_a_stopped_attempt_says_what_could_not_be_stopped(rig: Rig, stop: str, error: str, message: str) -> None:
    run = await _stopped(rig, stop)

    [attempt] = run.attempts
    assert attempt.error is not None
    assert (attempt.error.type, attempt.error.message) == (error, message)


async def test_the_next_attempt_does_not_start_beside_abandoned_work(rig: Rig) -> None:
    process, run = await _settled(rig, FAILED)
    await rig.advance(run.due_at - rig.clock.present)

    receipt = await rig.execute(delivery_of(run), services=process.services)

    assert (receipt, Receipt.DRAINING.deliver_again) == (Receipt.DRAINING, True)
    assert rig.executor.starts == {(run.id, 1): 1}


async def test_another_process_makes_the_next_attempt(rig: Rig) -> None:
    _, run = await _settled(rig, FAILED)
    await rig.advance(run.due_at - rig.clock.present)

    assert await rig.execute(delivery_of(run)) is Receipt.SETTLED

    assert (await rig.run(run)).status is RunStatus.SUCCEEDED


async def test_a_process_without_other_runs_ends_itself_at_once(rig: Rig) -> None:
    process, run = await _settled(rig, FAILED)

    assert process.ends == ["ended"]
    assert await rig.execute(delivery_of(run), services=process.services) is Receipt.DRAINING
    assert process.ends == ["ended"]


async def test_a_process_waits_for_its_other_runs_and_takes_no_further_ones(rig: Rig) -> None:
    await rig.create_project("p")
    await rig.create_trigger("p", lasts=35 * SECOND, overlap="parallel")
    first, second, third = (await rig.runs("p"))[:3]
    process = OneProcess.of(rig)
    rig.executor.behaviour = lambda _: Behaviour(until_released=True)
    await rig.advance(second.due_at - rig.clock.present)
    await rig.deliver(process.services)
    process.abandon(first, "a thread in hold")
    rig.executor.release(first.id)
    await rig.quiet()

    assert process.ends == []
    await rig.advance(third.due_at - rig.clock.present)
    [runner] = await rig.deliver(process.services)
    assert receipt_of(runner) is Receipt.DRAINING
    assert process.ends == []
    rig.executor.release(second.id)
    await rig.quiet()
    assert process.ends == ["ended"]
    assert (await rig.run(second)).status is RunStatus.SUCCEEDED


async def test_a_process_hands_its_other_runs_back_after_a_minute(rig: Rig) -> None:
    await rig.create_project("p")
    await rig.create_trigger("p", lasts=25 * SECOND, overlap="parallel", timeout="10m")
    first, second = (await rig.runs("p"))[:2]
    process = OneProcess.of(rig)
    rig.executor.behaviour = lambda _: Behaviour(until_released=True)
    await rig.advance(second.due_at - rig.clock.present)
    await rig.deliver(process.services)
    process.abandon(first, "a thread in hold")
    rig.executor.release(first.id)
    await rig.quiet()
    other = delivery_of(first)

    assert await rig.execute(other, services=process.services) is Receipt.DRAINING
    await rig.advance(PATIENCE - SECOND)
    assert await rig.execute(other, services=process.services) is Receipt.DRAINING
    assert (await rig.run(second)).status is RunStatus.RUNNING
    await rig.advance(SECOND)
    assert await rig.execute(other, services=process.services) is Receipt.DRAINING
    await rig.quiet()

    [attempt] = (await rig.run(second)).attempts
    assert attempt.error is not None
    assert attempt.error.type == "handed_back"
    assert process.ends == ["ended"]
    process.alive.clear()
    assert await rig.execute(other, services=process.services) is Receipt.SHUTTING_DOWN


async def test_a_process_whose_abandoned_work_ended_goes_on(rig: Rig) -> None:
    alive = ["a thread in hold"]
    abandoned, ends = AbandonedWork(), []  # type: AbandonedWork, list[str]
    abandoned.add(project="p", run="r", alive=lambda: tuple(alive))
    drain = Drain(abandoned=abandoned, hand_back=lambda: ends.append("handed"), end=lambda: ends.append("ended"))
    began = rig.clock.present
    with drain.delivery_under_way():
        assert drain.refuses(now=began)
        alive.clear()
        assert not drain.refuses(now=began + PATIENCE)
        abandoned.add(project="p", run="r", alive=lambda: ("again",))
        # The minute begins anew.
        assert drain.refuses(now=began + PATIENCE)
        assert drain.refuses(now=began + 2 * PATIENCE - SECOND)
        assert ends == []
