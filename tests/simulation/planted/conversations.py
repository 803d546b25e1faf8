"""Wrong ways to deliver signals, to wait, and to go on with a conversation."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

import simulation.people.talkers
import tock.app.execution.admission.apply_overlap
import tock.app.execution.execute
import tock.app.start.answer
import tock.app.start.resume
from model.store import ModelStore
from tock.app.execution.attempt.attempt_host import Host
from tock.app.services import Services
from tock.core.errors import RunSettled
from tock.core.run import transition
from tock.core.run.admission import overlap
from tock.core.run.messages.signal import Signal
from tock.core.run.outcome import Continue, WaitFor, Waiting
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.core.run.transition import settlement, waiting
from tock.core.run.transition.waiting import go_on
from tock.core.timing import Timing
from tock.ports.store import Change, Versioned, Write


def signals_are_given_before_they_are_marked(patch: pytest.MonkeyPatch) -> None:
    """A runner gives its agent the messages that it has read, and does not wait until they count as taken."""

    async def taken(_host: Host, _found: Sequence[Versioned[Signal]], *, last: int) -> bool:  # noqa: ARG001
        return True

    patch.setattr(Host, "_take", taken)


def sweep_ends_no_wait(patch: pytest.MonkeyPatch) -> None:
    """The sweep only looks at a waiting run again later."""

    def later(run: Run, *, now: datetime, timing: Timing) -> Run:
        return run.model_copy(update={"check_at": now + timing.held_recheck})

    patch.setattr(transition, "end_wait", later)


def wait_ends_early(patch: pytest.MonkeyPatch) -> None:
    """The sweep looks at a waiting run after a minute, and ends the wait then."""
    wait = waiting.wait

    def short(run: Run, outcome: Waiting, **given: Any) -> Run:
        after = wait(run, outcome, **given)
        soon = given["now"] + timedelta(seconds=5)
        return after if after.check_at is None else after.model_copy(update={"check_at": min(after.check_at, soon)})

    patch.setattr(settlement, "wait", short)


def deadline_replaces_an_answer(patch: pytest.MonkeyPatch) -> None:
    """A sweep ends a wait that somebody has answered since the sweep read the run."""
    commit = ModelStore.commit

    async def unconditional(store: ModelStore, writes: Sequence[Write]) -> Any:
        return await commit(
            store, [await _as_it_is(store, write) if _ends_a_wait(write) else write for write in writes]
        )

    patch.setattr(ModelStore, "commit", unconditional)


def _ends_a_wait(write: Write) -> bool:
    if not isinstance(write, Change) or not isinstance(write.after, Run) or not write.after.attempts:
        return False
    was, wait = write.before.value, write.after.attempts[-1].wait
    assert isinstance(was, Run)
    unanswered = write.after.status is RunStatus.TIMED_OUT
    by_deadline = wait is not None and wait.answer is not None and wait.answer.by == transition.DEADLINE
    return was.status is RunStatus.WAITING and (unanswered or by_deadline)


async def _as_it_is(store: ModelStore, write: Write) -> Write:
    assert isinstance(write, Change)
    was = write.before.value
    assert isinstance(was, Run)
    found = await store.run(was.project, was.id)
    return write if found is None else replace(write, before=replace(write.before, version=found.version))


def whoever_answers_is_told_that_it_counts(patch: pytest.MonkeyPatch) -> None:
    """An answer that comes after another one is accepted, and changes nothing."""

    def answered(run: Run, **_given: Any) -> bool:
        waits = [each.wait for each in run.attempts if each.wait is not None]
        return bool(waits) and waits[-1].answer is not None and run.status is not RunStatus.WAITING

    patch.setattr(tock.app.start.answer, "_is_answered", answered)


def second_callback_replaces_the_first(patch: pytest.MonkeyPatch) -> None:
    """A callback is taken while its attempt works, however many came before it."""
    waits_for = tock.app.start.answer._waits_for

    def again(run: Run, wait_for: WaitFor) -> bool:
        return waits_for(run, wait_for) or (run.status is RunStatus.RUNNING and wait_for is WaitFor.CALLBACK)

    patch.setattr(tock.app.start.answer, "_waits_for", again)
    patch.setattr(tock.app.start.answer, "_is_meant", lambda *_given: True)


def answer_meets_a_later_question(patch: pytest.MonkeyPatch) -> None:
    """An answer counts for whatever its run asks by then."""
    patch.setattr(tock.app.start.answer, "_is_meant", lambda *_given: True)


def callback_after_the_end_is_taken(patch: pytest.MonkeyPatch) -> None:
    """A callback that comes after the end of its run begins another leg."""
    _wake(patch, RunStatus.SUCCEEDED)


def approval_wakes_a_cancelled_run(patch: pytest.MonkeyPatch) -> None:
    """An approval that comes after the cancellation begins another leg."""
    _wake(patch, RunStatus.CANCELLED)


def continuation_begins_at_once(patch: pytest.MonkeyPatch) -> None:
    """The next leg does not wait for the time that its agent set."""

    def soon(run: Run, outcome: Continue, **given: Any) -> Run:
        return go_on(run, replace(outcome, after=timedelta()), **given)

    patch.setattr(settlement, "go_on", soon)


def waiting_run_counts_as_ended(patch: pytest.MonkeyPatch) -> None:
    """The overlap policy takes a run that waits for an answer for one that has ended."""
    decide = overlap.decide

    def blind(run: Run, earlier: Sequence[Run | None], **given: Any) -> Any:
        seen = [_as_ended(each) for each in earlier]
        return decide(run, seen, **given)

    patch.setattr(tock.app.execution.admission.apply_overlap, "decide", blind)


def resumed_run_takes_no_lock(patch: pytest.MonkeyPatch) -> None:
    """Two requests to resume a conversation both start a run."""
    launch = tock.app.start.resume.launch

    async def unlocked(services: Any, run: Run, **given: Any) -> Any:
        return await launch(services, run.model_copy(update={"lock": None, "subject": None}), **given)

    patch.setattr(tock.app.start.resume, "launch", unlocked)


def continued_run_takes_no_lock(patch: pytest.MonkeyPatch) -> None:
    """A run that goes on with its trigger's conversation starts whether or not another one does so."""
    start = transition.start

    def unlocked(run: Run, **given: Any) -> Run:
        return start(run, **given).model_copy(update={"lock": None, "subject": None})

    async def nothing(*_given: Any) -> tuple[()]:
        return ()

    async def nobody(*_given: Any) -> None:
        return None

    patch.setattr(transition, "start", unlocked)
    patch.setattr(tock.app.execution.execute, "_session_lock", nothing)
    patch.setattr(tock.app.execution.admission.apply_overlap, "_session_holder", nobody)


def lock_of_a_conversation_is_taken_over(patch: pytest.MonkeyPatch) -> None:
    """A run takes the lock of its trigger's conversation from a run that is still active."""

    async def nobody(services: Any, *, project: str, lock: str) -> Any:
        return await services.store.lock(project, lock), None

    patch.setattr(tock.app.execution.admission.apply_overlap, "lock_holder", nobody)
    patch.setattr(tock.app.execution.execute, "lock_holder", nobody)


def running_run_is_resumed(patch: pytest.MonkeyPatch) -> None:
    """A run is resumed while it is still active."""

    async def whatever(_services: Any, _source: Run) -> None:
        return None

    patch.setattr(tock.app.start.resume, "require_resumable", whatever)


def _wake(patch: pytest.MonkeyPatch, status: RunStatus) -> None:
    """Let an answer queue another leg of a run that has ended in this status."""
    answer = simulation.people.talkers.answer

    async def waking(services: Services, *, project: str, run: str, **given: Any) -> Any:
        try:
            return await answer(services, project=project, run=run, **given)
        except RunSettled:
            found = await services.store.run(project, run)
            if found is None or found.value.status is not status or not found.value.attempts:
                raise
            queued = {"status": RunStatus.QUEUED, "attempt": found.value.attempt + 1, "finished": None}
            woken = found.value.model_copy(update=queued | {"check_at": services.clock.now()})
            await services.store.commit([Change(before=found, after=woken)])
            return woken

    patch.setattr(simulation.people.talkers, "answer", waking)


def _as_ended(run: Run | None) -> Run | None:
    if run is None or run.status is not RunStatus.WAITING:
        return run
    return run.model_copy(update={"status": RunStatus.SUCCEEDED})
