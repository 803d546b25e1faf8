"""What must hold of attempts: who begins one and beside whom, how long it works, and how it ends."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from simulation.agents import Diary, Working
from simulation.breach import MAX_SKEW, require
from simulation.call import CALL
from simulation.records import Key, Records, key_of
from tock.core.policy import Overlap
from tock.core.run.run import Run
from tock.core.run.status import AttemptStatus, RunSource, RunStatus
from tock.core.run.transition import HANDED_BACK
from tock.core.timing import Timing

_OF_THE_AGENT = {AttemptStatus.SUCCEEDED, AttemptStatus.FAILED}
#: How much longer than a heartbeat a runner may take to notice a cancellation: as long as a store may be silent
#: without failing, and its calls' way.
SLOW = timedelta(seconds=15)


@dataclass
class Attempts:
    """Holds what is recorded of attempts against what their agents did."""

    diary: Diary
    records: Records
    timing: Timing
    #: When each run that was at work was asked to stop, by the true time.
    cancelled: dict[Key, datetime] = field(default_factory=dict)

    def agent_started(self, working: Working) -> None:
        """Look at an agent that begins to work: nobody else may be at work on its run, or in its way."""
        key = (working.project, working.run, working.attempt)
        require(key not in self.diary.begun, 2, f"attempt {working.attempt} of run {working.run} was begun twice")
        for other in self.diary.at_work:
            beside = other is not working and other.run == working.run and other.project == working.project
            require(
                not (beside and other.steady),
                2,
                f"attempts {other.attempt} and {working.attempt} of run {working.run} are at work at once",
            )
        run = self.records.runs[working.project, working.run]
        if run.trigger is not None and run.source is RunSource.SCHEDULE:
            beside_it = [other.id for other in self._at_work_beside(run) if _excludes(run, other)]
            require(not beside_it, 4, f"run {run.id} ({run.overlap}) started beside {beside_it}")

    def agent_ended(self, working: Working) -> None:
        """Look at an agent that ends or is stopped: not long after somebody asked for it."""
        asked = self.cancelled.get((working.project, working.run))
        if asked is None or not working.undisturbed or working.ended is None:
            return
        longest = self.timing.heartbeat + SLOW
        on_and_on = working.ended - max(asked, working.began)
        require(on_and_on <= longest, 12, f"run {working.run} was cancelled, and worked on for {on_and_on}")

    def started(self, after: Run, *, now: datetime) -> None:
        """Look at a run that is taken by a runner: not before its time."""
        soonest = after.due_at - self.timing.early_tolerance - MAX_SKEW
        require(now >= soonest, 11, f"run {after.id} is due at {after.due_at} and started at {now}")

    def changed(self, before: Run, after: Run, *, now: datetime) -> None:
        """Look at a run that was at work before this Commit."""
        if before.cancel_requested is None and after.cancel_requested is not None:
            self.cancelled.setdefault(key_of(after), now)
        if after.status is not RunStatus.RUNNING:
            self._ended(before, after, now=now)
        elif before.lease is not None and after.lease is not None:
            require(before.lease.owner == after.lease.owner, 2, f"run {after.id} changed hands without an end")

    def _ended(self, before: Run, after: Run, *, now: datetime) -> None:
        ended = after.attempts[len(before.attempts) - 1]
        name = f"attempt {ended.number} of run {after.id}"
        done = self.diary.begun.get((after.project, after.id, ended.number))
        if ended.error is not None and ended.error.type == HANDED_BACK:
            require(CALL.get().is_to_end(), 12, f"{name} was handed back, though nobody told its runner to end")
            require(after.failures == before.failures, 12, f"{name} was handed back, and counts as a failure")
            stopped = done is None or done.ended is not None
            require(stopped, 2, f"{name} was handed back while its agent went on")
        elif ended.status is AttemptStatus.LOST:
            expired = before.lease is not None and before.lease.expires_at <= now + MAX_SKEW
            require(expired, 2, f"{name} was rescued while its lease held")
            require(done is None or not done.undisturbed, 12, f"{name} was lost, though its runner was well")
        if ended.status is AttemptStatus.TIMED_OUT:
            worked = now - ended.started
            require(worked >= before.timeout - MAX_SKEW, 12, f"{name} timed out after {worked} of {before.timeout}")
        if ended.status in _OF_THE_AGENT:
            said = None if done is None else done.outcome
            require(said == ended.status, 2, f"{name} was recorded as {ended.status}, its agent says {said}")

    def _at_work_beside(self, run: Run) -> Iterator[Run]:
        """Yield the other scheduled runs of the same trigger that are at work, by their record or by their agent."""
        at_work = dict(self.records.running[run.project, run.trigger or ""])
        for working in self.diary.at_work:
            other = self.records.runs[working.project, working.run]
            if (other.project, other.trigger) == (run.project, run.trigger) and working.steady:
                at_work[other.id] = other
        of_trigger = self.records.of_trigger
        for other in at_work.values():
            of_one = of_trigger.get(key_of(other)) == of_trigger.get(key_of(run))
            if other.id != run.id and other.source is RunSource.SCHEDULE and of_one:
                yield other


def _excludes(run: Run, other: Run) -> bool:
    """Whether one of them should not have started: the later one, by its own policy."""
    later = run if run.scheduled_for > other.scheduled_for else other
    return later.overlap is not Overlap.PARALLEL
