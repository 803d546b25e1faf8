"""The invariants of attempts: when one starts and beside which others, how long it works, and how it ends."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from simulation.agents import Work, WorkLog
from simulation.call import CALL
from simulation.invariants.violation import MAX_SKEW, require
from simulation.records import Key, Records, key_of
from tock.core.policies import Overlap
from tock.core.run.run import Run
from tock.core.run.status import AttemptStatus, RunSource, RunStatus
from tock.core.run.transition import HANDED_BACK
from tock.core.timing import Timing

_OF_THE_AGENT = {AttemptStatus.SUCCEEDED, AttemptStatus.FAILED, AttemptStatus.WAITING, AttemptStatus.CONTINUED}
#: How much longer than a heartbeat a runner may take to notice a cancellation: a call to the store may take 10 s, and
#: some seconds each way, and still succeed.
NOTICE_DELAY = timedelta(seconds=15)


@dataclass
class AttemptInvariants:
    """Compares the records of attempts with what their agents did."""

    work_log: WorkLog
    records: Records
    timing: Timing
    #: When the cancellation of each running run was requested, by the true time.
    cancelled: dict[Key, datetime] = field(default_factory=dict)

    def agent_started(self, work: Work) -> None:
        """Check an agent that starts: no other works on its run, or on a run that the overlap policy keeps apart."""
        key = (work.project, work.run, work.attempt)
        require(key not in self.work_log.started, 2, f"attempt {work.attempt} of run {work.run} started twice")
        for other in self.work_log.in_progress:
            beside = other is not work and other.run == work.run and other.project == work.project
            require(
                not (beside and other.steady),
                2,
                f"attempts {other.attempt} and {work.attempt} of run {work.run} are at work at once",
            )
        run = self.records.runs[work.project, work.run]
        if run.trigger is not None and run.source is RunSource.SCHEDULE:
            beside_it = [other.id for other in self._at_work_beside(run) if _excludes(run, other)]
            require(not beside_it, 4, f"run {run.id} ({run.overlap}) started beside {beside_it}")

    def agent_ended(self, work: Work) -> None:
        """Check an agent that ended: soon after a cancellation was requested, if one was."""
        asked = self.cancelled.get((work.project, work.run))
        if asked is None or not work.undisturbed or work.ended is None:
            return
        longest = self.timing.heartbeat + NOTICE_DELAY
        kept_working = work.ended - max(asked, work.began)
        require(kept_working <= longest, 12, f"run {work.run} was cancelled, and worked on for {kept_working}")

    def started(self, after: Run, *, now: datetime) -> None:
        """Check a run that a runner claimed: not before its time."""
        soonest = after.due_at - self.timing.early_tolerance - MAX_SKEW
        require(now >= soonest, 11, f"run {after.id} is due at {after.due_at} and started at {now}")

    def changed(self, before: Run, after: Run, *, now: datetime) -> None:
        """Check what a Commit made of a running run."""
        if before.cancel_requested is None and after.cancel_requested is not None:
            self.cancelled.setdefault(key_of(after), now)
        if after.status is not RunStatus.RUNNING:
            self._ended(before, after, now=now)
        elif before.lease is not None and after.lease is not None:
            require(
                before.lease.owner == after.lease.owner,
                2,
                f"run {after.id} has another runner, and its attempt did not end",
            )

    def _ended(self, before: Run, after: Run, *, now: datetime) -> None:
        ended = after.attempts[len(before.attempts) - 1]
        name = f"attempt {ended.number} of run {after.id}"
        done = self.work_log.started.get((after.project, after.id, ended.number))
        if ended.error is not None and ended.error.type == HANDED_BACK:
            require(CALL.get().has_sigterm(), 12, f"{name} was handed back, and its runner got no SIGTERM")
            require(after.failures == before.failures, 12, f"{name} was handed back, and counts as a failure")
            stopped = done is None or done.ended is not None
            require(stopped, 2, f"{name} was handed back while its agent worked on")
        elif ended.status is AttemptStatus.LOST:
            expired = before.lease is not None and before.lease.expires_at <= now + MAX_SKEW
            require(expired, 2, f"{name} was rescued before its lease expired")
            require(
                done is None or not done.undisturbed, 12, f"{name} was lost, and nothing had happened to its runner"
            )
        if ended.status is AttemptStatus.TIMED_OUT:
            worked = now - ended.started
            require(worked >= before.timeout - MAX_SKEW, 12, f"{name} timed out after {worked} of {before.timeout}")
        if ended.status in _OF_THE_AGENT:
            said = {None if done is None else done.outcome}
            if done is not None and done.idle:
                said = self._idle_ends(after, before_attempt=ended.number)
            require(ended.status in said, 2, f"{name} was recorded as {ended.status}, its agent says {said}")

    def _idle_ends(self, run: Run, *, before_attempt: int) -> set[str | None]:
        """Return how an attempt that leaves no sign of work may end: it depends on what earlier ones have left.

        What a lost attempt left may have been stored or not, and so with one whose timeout the sweep found.
        """
        signs = [
            attempt.status
            for attempt in run.attempts[: before_attempt - 1]
            if (work := self.work_log.started.get((run.project, run.id, attempt.number))) is not None and work.worked
        ]
        if not signs:
            return {"failed"}
        known = set(signs) - {AttemptStatus.LOST, AttemptStatus.TIMED_OUT}
        return {"succeeded"} if known else {"succeeded", "failed"}

    def _at_work_beside(self, run: Run) -> Iterator[Run]:
        """Yield the other scheduled runs of the trigger that run, by their record or by their agent, or wait."""
        at_work = dict(self.records.running[run.project, run.trigger or ""])
        for work in self.work_log.in_progress:
            other = self.records.runs[work.project, work.run]
            if (other.project, other.trigger) == (run.project, run.trigger) and work.steady:
                at_work[other.id] = other
        for other in self.records.scheduled[run.project, run.trigger or ""].values():
            # Nothing works in a waiting run, but it counts as active.
            if other.status is RunStatus.WAITING:
                at_work[other.id] = other
        for other in at_work.values():
            if other.id != run.id and other.source is RunSource.SCHEDULE:
                yield other


def _excludes(run: Run, other: Run) -> bool:
    """Whether the policy of the later one, or a late one's turn, forbids that both work at once."""
    earlier, later = sorted((run, other), key=lambda each: each.scheduled_for)
    takes_turn = later.late and earlier.late and later.previous == earlier.id
    return takes_turn or later.overlap is not Overlap.PARALLEL
