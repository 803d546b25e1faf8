"""The invariant of lines: who is first in line starts soon after a slot is free, whether or not its holder told it."""

from dataclasses import dataclass, field
from datetime import datetime

from simulation.call import CALL, Call
from simulation.invariants.slots import DECISION, SlotInvariants
from simulation.invariants.violation import MAX_SKEW, require
from simulation.records import Key, Records
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.core.run.transition import LINE_RECHECK
from tock.core.timing import Timing

#: The first in line, and since when a slot is free for it.
Idle = tuple[str, datetime]


@dataclass
class LineInvariants:
    """Notes at each Commit since when slots are free although somebody waits in line, and checks what ticks make of it.

    A slot is free for the first held run in line if it is not for those who were promoted and have not started yet.
    """

    records: Records
    slots: SlotInvariants
    timing: Timing
    #: The lines that wait although a slot is free, by project and scope.
    idle: dict[Key, Idle] = field(default_factory=dict)
    #: When a run last left each line without a promotion: it may have been one of those that watch the line.
    left: dict[Key, datetime] = field(default_factory=dict)

    def changed(self, before: Run, after: Run, *, now: datetime) -> None:
        """Note who leaves a line, and who is kept in it by a call that was late: it may not have seen the free slot."""
        if before.status is not RunStatus.HELD or before.in_line is None:
            return
        key = (before.project, before.in_line)
        if after.status is RunStatus.HELD:
            if not _in_time(CALL.get()):
                self.idle.pop(key, None)
        elif after.status is not RunStatus.QUEUED:
            self.left[key] = now

    def committed(self, *, now: datetime) -> None:
        """Note, once all writes of a Commit are known, which lines wait although a slot is free."""
        for key in list(self.slots.lines):
            first = self._first_with_a_slot(*key, now=now)
            if first is None:
                self.idle.pop(key, None)
            elif self.idle.get(key, ("", now))[0] != first:
                self.idle[key] = (first, now)

    def tick_begun(self, call: Call) -> None:
        """Note what a tick finds when it begins."""
        call.idle = dict(self.idle)

    def tick_ended(self, call: Call) -> None:
        """Check a tick that no fault disturbed and that had time for everything: no slot is still free."""
        assert call.began is not None
        for key, (run, since) in call.idle.items():
            if self.idle.get(key) != (run, since):
                continue
            cancelled = self.left.get(key)
            unwatched = cancelled is not None and cancelled > since - self.timing.held_recheck - DECISION
            longest = (self.timing.held_recheck if unwatched else LINE_RECHECK) + MAX_SKEW + DECISION
            waited = call.began - since
            text = f"run {run} is first in line for {key[1]}, and a tick passed over a slot that was free for {waited}"
            require(waited <= longest, 21, text)

    def _first_with_a_slot(self, project: str, scope: str, *, now: datetime) -> str | None:
        """Return the first held run in line, if a slot is free for it by every limit that may hold."""
        line = [self.records.runs[project, run] for run in self.slots.lines[project, scope]]
        held = [run for run in line if run.status is RunStatus.HELD]
        if not held:
            return None
        first = min(held, key=lambda run: (run.scheduled_for, run.id))
        promised = len(line) - len(held)
        free = self.slots.limit(first, scope, now=now, least=True) - self.slots.taken(project, scope) - promised
        return first.id if free > 0 else None


def _in_time(call: Call) -> bool:
    """Whether the call took no longer than a call does that nothing disturbs."""
    return not (call.stalled or call.kept_waiting or call.disturbed)
