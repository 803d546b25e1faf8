"""The invariants of late runs: which may still start, that they take turns, and that none is missed without need."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from simulation.call import CALL, Call
from simulation.invariants.violation import MAX_SKEW, require
from simulation.records import Records
from tock.core.policies import CatchUpMode, Overlap
from tock.core.run.admission.lateness import PUNCTUAL
from tock.core.run.run import Run
from tock.core.run.status import RunSource, RunStatus
from tock.core.trigger.plan import first_fire_time

#: How much time a runner that nothing disturbs may take from its decision to the Commit: some reads of seconds each.
DECISION = timedelta(seconds=30)


@dataclass
class LateInvariants:
    """Checks what becomes of runs that could not start at their time."""

    records: Records

    def changed(self, before: Run, after: Run, *, now: datetime) -> None:
        """Check what a Commit made of a scheduled run that has not started."""
        if before.source is not RunSource.SCHEDULE or before.started is not None or before.status == after.status:
            return
        match after.status:
            case RunStatus.RUNNING if _in_time(CALL.get()):
                self._started(before, after)
            case RunStatus.SKIPPED if _in_time(CALL.get()):
                self._skipped(after)
            case RunStatus.MISSED:
                self._missed(after, now=now)
            case RunStatus.CANCELLED if after.cancel_requested is not None and after.cancel_requested.by == "overlap":
                may_go = before.overlap is Overlap.PARALLEL or not before.late
                require(may_go, 13, f"run {after.id} is late and waited for its turn, and was replaced")
            case RunStatus.HELD:
                self._held(after, now=now)

    def _started(self, before: Run, after: Run) -> None:
        assert after.started is not None
        latest = after.started - DECISION
        late = latest - after.scheduled_for
        deadline = after.start_deadline
        require(deadline is None or late <= deadline, 14, f"run {after.id} started {late} after its start deadline")
        if not before.late and latest - before.due_at <= PUNCTUAL:
            return
        require(after.late, 13, f"run {after.id} started late and is not marked so")
        longest = PUNCTUAL if after.catch_up.mode is CatchUpMode.NONE else after.catch_up.window
        require(late <= longest, 14, f"run {after.id} started {late} late; catch-up is {after.catch_up}")
        trigger = self.records.triggers.get((after.project, after.trigger or ""))
        if after.catch_up.mode is CatchUpMode.LATEST and trigger is not None and late > PUNCTUAL:
            same = trigger.generation == after.generation
            newer = first_fire_time(trigger, after=after.scheduled_for) if same and trigger.enabled else None
            superseded = newer is not None and newer <= latest
            require(not superseded, 14, f"run {after.id} started {late} late, and {newer} has come; catch-up is latest")

    def _skipped(self, after: Run) -> None:
        """Check that the run was not skipped for a late one: one that was late already when that was decided."""
        assert after.finished is not None
        decided = after.finished - DECISION
        blocker = self.records.runs[after.project, after.blocked_by or ""]
        if blocker.source is not RunSource.SCHEDULE:
            # It goes on with the same conversation.
            return
        marked = blocker.late and (decided >= blocker.started if blocker.started else _overdue(blocker, at=decided))
        waits = blocker.started is None and blocker.status is RunStatus.QUEUED
        late = marked or (waits and _overdue(blocker, at=decided))
        require(not late, 13, f"run {after.id} was skipped and not held, for the late run {blocker.id}")

    def _missed(self, after: Run, *, now: datetime) -> None:
        late = now + MAX_SKEW - after.scheduled_for
        by_deadline = after.start_deadline is not None and late > after.start_deadline
        require(by_deadline or late > PUNCTUAL, 14, f"run {after.id} was missed after only {late}")
        require(bool(after.reason), 8, f"run {after.id} was missed without a reason")

    def _held(self, after: Run, *, now: datetime) -> None:
        """Check that no more wait than the policy allows, unless they wait for the turn of a late one."""
        if after.in_line is not None or self._takes_turn(after, now=now):
            return
        room = after.queue_depth if after.overlap is Overlap.QUEUE else 1
        waiting = list(self.records.waiting_before(after))
        require(len(waiting) <= room, 4, f"{after.trigger}: {len(waiting)} wait where {room} may: {waiting}")

    def _takes_turn(self, run: Run, *, now: datetime) -> bool:
        """Whether the run may wait for the turn of a late one, as it was decided a moment ago.

        That late one may have ended between the decision and its Commit.
        """
        decided = now - DECISION
        active = (other for other in self.records.active_before(run) if other.started is None or other.late)
        meets = [*active, *self.records.ended_before(run, since=decided)]
        return run.late or any(other.late or now + MAX_SKEW - other.due_at > PUNCTUAL for other in meets)


def _overdue(run: Run, *, at: datetime) -> bool:
    return at - run.due_at > PUNCTUAL


def _in_time(call: Call) -> bool:
    """Whether the call took no longer than a call does that nothing disturbs."""
    return not (call.stalled or call.kept_waiting or call.disturbed or call.conflicts)
