"""The invariants of signals, waits and sessions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from simulation.agents import Work, WorkLog
from simulation.invariants.violation import MAX_SKEW, require
from simulation.records import Key, Records
from tock.core.run.messages.signal import Signal
from tock.core.run.outcome import WaitFor
from tock.core.run.run import Run
from tock.core.run.status import AttemptStatus, RunSource, RunStatus
from tock.core.run.transition import DEADLINE


@dataclass
class ConversationInvariants:
    """Checks what becomes of messages, answers and conversations."""

    records: Records
    work_log: WorkLog
    #: How much earlier than its time a leg may begin, by the clocks of two instances.
    tolerance: timedelta
    #: The number of the newest signal that an agent of each run was given.
    heard: dict[Key, int] = field(default_factory=dict)
    #: Who was told that they answered each leg, and whether they approved, by project, run, leg and what it asked for.
    answers: dict[tuple[str, str, int, WaitFor], tuple[str, bool | None]] = field(default_factory=dict)

    def accepted(self, run: Run, attempt: int, by: str, approved: bool | None) -> None:  # noqa: FBT001 - the three states of an answer
        """Check an answer that was accepted: it ended its own wait, and nobody else was told so of another."""
        waits = [(each.number, each.wait) for each in run.attempts if each.number >= attempt and each.wait is not None]
        number, wait = waits[0]
        given = wait.answer
        later = number > attempt and wait.wait_for is not WaitFor.CALLBACK
        require(not later, 16, f"{by} answered attempt {attempt} of run {run.id}, and it counts for attempt {number}")
        # A callback that came before its leg asked a person instead is dropped, so the person answers the same leg.
        first = self.answers.setdefault((run.project, run.id, number, wait.wait_for), (by, approved))
        require(first == (by, approved), 16, f"{by} and {first[0]} were both told that they answered run {run.id}")
        mine = given is not None and (given.by, given.approved) == (by, approved)
        require(mine, 16, f"{by} was told that they answered run {run.id}, and its answer is {given}")

    def agent_heard(self, work: Work, signals: Sequence[Signal]) -> None:
        """Check that an agent gets each signal once, and in order, whatever befell the attempts before."""
        key = (work.project, work.run)
        for signal in signals:
            last = self.heard.get(key, 0)
            require(signal.number > last, 15, f"run {work.run} was given signal {signal.number} after {last}")
            self.heard[key] = signal.number

    def agent_started(self, work: Work) -> None:
        """Check that a leg begins only once its wait has ended, and beside no other run of its session."""
        run = self.records.runs[work.project, work.run]
        waits = [each.wait for each in run.attempts[:-1] if each.wait is not None]
        unanswered = [wait for wait in waits if wait.answer is None]
        require(not unanswered, 16, f"run {run.id} started a leg, and nobody answered {unanswered}")
        before = self.work_log.started.get((work.project, work.run, work.attempt - 1))
        if before is not None and before.goes_on_at is not None and run.attempts[-2].status is AttemptStatus.CONTINUED:
            early = before.goes_on_at - work.began
            require(early <= self.tolerance, 11, f"run {run.id} went on {early} before the time that its agent set")
        if run.session is None or run.status is not RunStatus.RUNNING:
            # In the second case its runner was taken for dead, and finds that out.
            return
        beside = [other.id for other in self._of_session(run) if other.attempts]
        # One that waits, or is between its attempts, goes on with it too.
        require(not beside, 17, f"run {run.id} goes on with session {run.session} beside {beside}")
        holder = self.records.locks.get((run.project, run.lock or ""))
        require(
            run.id in (run.session, holder),
            17,
            f"run {run.id} goes on with session {run.session}, whose lock {holder} holds",
        )

    def created(self, run: Run) -> None:
        """Check that a run resumes an ended one, and takes its session."""
        if run.source is not RunSource.RESUME:
            return
        source = self.records.runs[run.project, run.resumed_from or ""]
        require(source.status.terminal, 17, f"run {run.id} resumes {source.id}, which is {source.status}")
        require(run.session == source.session, 17, f"run {run.id} has session {run.session}, not {source.session}")
        beside = [other.id for other in self._of_session(run) if other.attempts or other.source is RunSource.RESUME]
        require(not beside, 17, f"run {run.id} resumes session {run.session} beside {beside}")

    def _of_session(self, run: Run) -> Iterator[Run]:
        """Yield the other active runs of the run's session."""
        for other in self.records.active.values():
            if (other.project, other.session) == (run.project, run.session) and other.id != run.id:
                yield other

    def changed(self, before: Run, after: Run, *, now: datetime) -> None:
        """Check what a Commit made of a run: how a wait begins and ends, and how signals are counted."""
        counted = before.signals_taken <= after.signals_taken <= after.signals >= before.signals
        require(counted, 15, f"run {after.id} took {after.signals_taken} of {after.signals} signals")
        for was, now_is in zip(before.attempts, after.attempts, strict=False):
            if was.wait is not None and was.wait.answer is not None:
                same = now_is.wait is not None and now_is.wait.answer == was.wait.answer
                # A callback that came before its attempt has ended answers nothing that a person is asked.
                early = before.status is RunStatus.RUNNING and was.wait.wait_for is WaitFor.CALLBACK
                asked = now_is.wait is not None and now_is.wait.wait_for is not WaitFor.CALLBACK
                require(
                    same or (early and asked),
                    16,
                    f"run {after.id} was answered, and leg {was.number} got another answer",
                )
        if after.status is RunStatus.WAITING:
            require(after.lease is None, 16, f"run {after.id} waits under a lease")
        if before.status is not RunStatus.WAITING or after.status is RunStatus.WAITING:
            return
        wait = after.attempts[-1].wait
        assert wait is not None
        in_time = now + MAX_SKEW >= wait.deadline
        match after.status:
            case RunStatus.QUEUED:
                given = wait.answer
                require(given is not None, 16, f"run {after.id} was woken without an answer")
                assert given is not None
                require(given.by != DEADLINE or in_time, 16, f"the wait of run {after.id} ended before its deadline")
            case RunStatus.TIMED_OUT:
                require(in_time, 16, f"the wait of run {after.id} ended before its deadline")
            case status:
                require(status is RunStatus.CANCELLED, 16, f"run {after.id} waited and is {status}")
