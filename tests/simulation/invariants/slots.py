"""The invariants of limits: how many runs work at once, who holds a slot, and who is next in line."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from simulation.agents import Work, WorkLog
from simulation.call import CALL, Call
from simulation.invariants.violation import require
from simulation.records import Key, Records, key_of
from tock.core.agent.agent import Agent
from tock.core.run.admission.slot import Slot
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.core.timing import Timing
from tock.ports.store import Create, Delete, Write

#: How long a runner may still decide by a limit, or by a line, that has changed: an instance keeps an agent for ten
#: seconds, a decision is made again after ten, and its calls may take seconds each.
DECISION = timedelta(seconds=25)
#: Without faults, a run in line starts this soon after a slot is free: the sweep looks at it, or whoever is promoted
#: and then leaves the line takes as long once more.
MAX_PASSED_OVER = timedelta(minutes=3)
#: Of a limit that is not set, and of when that ends.
NO_LIMIT = 10**9
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass
class SlotInvariants:
    """Compares what agents did with the limits that people set, and watches the line for each limit."""

    work_log: WorkLog
    records: Records
    timing: Timing
    #: The limits of each scope as each agent has them, with the time at which another one came; None if none did.
    limits: dict[Key, list[tuple[str, int, datetime | None]]] = field(default_factory=lambda: defaultdict(list))
    #: The runs that hold slots, by project and the slot's name.
    slots: dict[Key, str] = field(default_factory=dict)
    #: The runs in line for each scope, and since when.
    lines: dict[Key, dict[str, datetime]] = field(default_factory=lambda: defaultdict(dict))
    #: Since when a slot is free for the first in line, and who that is.
    free_since: dict[Key, tuple[str, datetime]] = field(default_factory=dict)

    def agent_written(self, write: Write, agent: Agent, *, now: datetime) -> None:
        """Note the limits that hold for the runs of an agent from now on."""
        for scope, limit in ((f"agent:{agent.id}", agent.concurrency), ("project", agent.project_concurrency)):
            known = self.limits[agent.project, scope]
            known[:] = [(of, was, now if of == agent.id and until is None else until) for of, was, until in known]
            if not isinstance(write, Delete):
                known.append((agent.id, limit or NO_LIMIT, None))

    def slot_written(self, write: Write, slot: Slot) -> None:
        """Check that a slot is taken by one run at a time."""
        name = (slot.project, slot.name)
        if isinstance(write, Delete):
            self.slots.pop(name, None)
            # One whose holder's record is gone is filled by whoever finds it, or by the next sweep.
            known = (slot.project, slot.run) not in self.records.lost
            if known and (call := CALL.get(None)) is not None:
                call.freed.setdefault((slot.project, slot.scope), self._in_line(slot.project, slot.scope))
        elif isinstance(write, Create):
            holder = self.slots.setdefault(name, slot.run)
            require(holder == slot.run, 19, f"the slot {slot.name} of run {holder} was given to {slot.run}")

    def changed(self, before: Run, after: Run, *, now: datetime) -> None:
        """Check what a Commit made of a run that waits in line, or works: it waits without an attempt, oldest first."""
        if after.status is RunStatus.RUNNING and before.status is not RunStatus.RUNNING and _in_time(CALL.get()):
            for scope in self._scopes(after):
                self._check_turn(after, scope, now=now)
        if before.in_line != after.in_line:
            if before.in_line is not None:
                self.lines[after.project, before.in_line].pop(after.id, None)
            if after.in_line is not None:
                self.lines[after.project, after.in_line][after.id] = now
        goes_on = before.status is RunStatus.HELD and after.status is RunStatus.QUEUED
        if goes_on and before.in_line is not None and (call := CALL.get(None)) is not None:
            call.promoted.add((before.project, before.in_line))
        if RunStatus.RUNNING not in {before.status, after.status} and (before.in_line or after.in_line):
            spent = {
                name
                for name in ("attempt", "attempts", "failures", "lost")
                if getattr(before, name) != getattr(after, name)
            }
            require(not spent, 21, f"run {after.id} waits in line, and {sorted(spent)} changed")

    def committed(self, runs: list[Run]) -> None:
        """Check, once all writes of a Commit are known, that only runs at work hold slots."""
        for run in runs:
            if run.status is not RunStatus.RUNNING and run.started is not None:
                held = [name for (project, name), holder in self.slots.items() if (project, holder) == key_of(run)]
                require(not held, 20, f"run {run.id} is {run.status} and holds the slots {held}")

    def agent_started(self, work: Work) -> None:
        """Check that no more agents work at once than the limits of this one's run allow."""
        run = self.records.runs[work.project, work.run]
        if not work.steady or not _in_time(work.call):
            return
        for scope in self._scopes(run):
            beside = self._at_work(run.project, scope, since=work.began)
            limit = self.limit(run, scope, now=work.began)
            require(len(beside) <= limit, 19, f"{run.project} {scope}: {limit} may work at once, and {beside} do")

    def ended(self, call: Call) -> None:
        """Check a call that gave slots back, and succeeded: somebody in line went on for each."""
        if not _in_time(call) or not call.name.startswith("run "):
            # A sweep takes a Commit that was applied and then repeated for another's; the next sweep does the rest.
            return
        for (project, scope), waiting in call.freed.items():
            still = [run for run in waiting if self.records.runs[project, run].status is RunStatus.HELD]
            went_on = (project, scope) in call.promoted or len(still) < len(waiting)
            require(
                went_on or not waiting,
                21,
                f"{call.name} gave back a slot of {scope}, and left {still} in line",
            )

    def without_faults(self, *, now: datetime) -> None:
        """Check that nobody waits in line for long while a slot is free."""
        for project, scope in list(self.lines):
            waiting = sorted(self._in_line(project, scope), key=lambda run: self._place(project, run))
            first = self.records.runs[project, waiting[0]] if waiting else None
            key = (project, scope)
            if first is None or self.taken(project, scope) >= self.limit(first, scope, now=now, least=True):
                self.free_since.pop(key, None)
                continue
            who, since = self.free_since.get(key, ("", now))
            self.free_since[key] = (first.id, since if who == first.id else now)
            waits = now - self.free_since[key][1]
            longest = self.timing.held_recheck + MAX_PASSED_OVER
            require(waits <= longest, 21, f"run {first.id} waits in line for {scope}, and a slot is free for {waits}")

    def passed_on(self, project: str, limit: int | None) -> None:
        """Check that every agent of the project has its limit."""
        others = {
            agent: has
            for agent, has, until in self.limits[project, "project"]
            if until is None and has != (limit or NO_LIMIT)
        }
        require(not others, 19, f"the limit of {project} is {limit}, and agents have others: {others}")

    def at_the_end(self) -> None:
        """Check that every slot is free once every run has ended.

        That of a run whose record is gone is given back when somebody needs it.
        """
        taken = {name: run for name, run in self.slots.items() if (name[0], run) not in self.records.lost}
        require(not taken, 20, f"all runs have ended, and slots are taken: {taken}")

    def taken(self, project: str, scope: str) -> int:
        """Return how many slots of the scope are taken."""
        return len(self._taken(project, scope))

    def _check_turn(self, run: Run, scope: str, *, now: datetime) -> None:
        """Check a run that starts: there is a slot for each of those before it who have waited for a while."""
        waited = [
            other
            for other, since in self.lines[run.project, scope].items()
            if since <= now - DECISION and self._place(run.project, other) < self._place(run.project, run.id)
        ]
        working = [other for other in self._taken(run.project, scope) if other.attempts[-1].started <= now - DECISION]
        limit = self.limit(run, scope, now=now)
        require(
            not waited or len(working) + len(waited) < limit,
            21,
            f"run {run.id} started before {waited}, who came first and wait in line for {scope}",
        )

    def _scopes(self, run: Run) -> Iterator[str]:
        yield "project"
        yield f"agent:{run.agent}"
        if run.max_parallel is not None:
            yield f"trigger:{run.trigger}"

    def limit(self, run: Run, scope: str, *, now: datetime, least: bool = False) -> int:
        """Return the greatest limit of the scope by which somebody may have decided just now; with `least`, the least.

        The runs of a trigger carry its limit as it was when they were claimed.
        """
        if scope.startswith("trigger:"):
            pick = [self.records.runs[run.project, run.id].max_parallel or NO_LIMIT]
            pick += [
                other.max_parallel or NO_LIMIT
                for other in self.records.active.values()
                if (other.project, other.trigger) == (run.project, run.trigger)
                and other.max_parallel is not None
                and (least or (other.attempts and other.attempts[-1].started >= now - DECISION))
            ]
        else:
            known = self.limits[run.project, scope]
            pick = [limit for _, limit, until in known if until is None or until >= now - DECISION] or [NO_LIMIT]
        return min(pick) if least else max(pick)

    def _unlimited_until(self, project: str, scope: str) -> datetime | None:
        """Return until when runs of this scope started without a slot; None if none did, or NEVER."""
        ends = [until for _, limit, until in self.limits[project, scope] if limit == NO_LIMIT]
        return max((NEVER if until is None else until for until in ends), default=None)

    def _at_work(self, project: str, scope: str, *, since: datetime) -> list[str]:
        """Return the runs whose agents work now, and have done so under a limit since they started."""
        unlimited = self._unlimited_until(project, scope)
        return sorted(
            {
                work.run
                for work in self.work_log.in_progress
                if work.project == project
                and work.steady
                and (project, work.run) not in self.records.lost
                and scope in self._scopes(self.records.runs[project, work.run])
                and (unlimited is None or min(work.began, since) - DECISION > unlimited)
            }
        )

    def _taken(self, project: str, scope: str) -> list[Run]:
        return [
            self.records.runs[project, run]
            for (of, name), run in self.slots.items()
            if of == project and name.rpartition("#")[0] == scope
        ]

    def _in_line(self, project: str, scope: str) -> list[str]:
        line = self.lines[project, scope]
        return [run for run in line if self.records.runs[project, run].status is RunStatus.HELD]

    def _place(self, project: str, run: str) -> tuple[datetime, str]:
        return self.records.runs[project, run].scheduled_for, run


def _in_time(call: Call) -> bool:
    """Whether the call took no longer than a call does that nothing disturbs."""
    return not (call.stalled or call.kept_waiting or call.disturbed)
