"""What must hold after every Commit, at every start of an agent and at the end of every call; a breach ends it all."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import tock.app.tick
from simulation.agents import Diary, Working
from simulation.call import CALL, Call
from tock.core.lock import Lock
from tock.core.policy import CatchUpMode, Overlap
from tock.core.proof import prove
from tock.core.revision import Revision
from tock.core.run import Run
from tock.core.scheduler import TickCounters
from tock.core.status import AttemptStatus, RunSource, RunStatus
from tock.core.timing import Timing
from tock.core.trigger import Trigger
from tock.ports.queue import Task
from tock.ports.store import Change, Create, Delete, Write

#: How far the clocks of two instances may differ.
MOST_SKEW = timedelta(seconds=4)
#: What may still be written to a run that has ended: who repeated it.
_AFTER_THE_END = {"retried_by"}
#: In calm weather, with a tick each minute, somebody has looked at everything that is due or overdue for so long.
ATTENTION = timedelta(seconds=150)
_OF_THE_AGENT = {AttemptStatus.SUCCEEDED, AttemptStatus.FAILED}

Key = tuple[str, str]


class Breach(Exception):
    """An invariant does not hold; the text says which one and where."""


@dataclass
class Invariants:
    """Watches every Commit, every start and every call, and keeps what is needed for that."""

    diary: Diary
    timing: Timing
    runs: dict[Key, Run] = field(default_factory=dict)
    triggers: dict[Key, Trigger] = field(default_factory=dict)
    revisions: dict[Key, list[Revision]] = field(default_factory=lambda: defaultdict(list))
    locks: dict[Key, str] = field(default_factory=dict)
    #: The record that stands for each occurrence.
    occurrences: dict[tuple[str, str, datetime], Run] = field(default_factory=dict)
    #: The runs that have not ended, those of each trigger that are running or held, and the active one of each subject.
    active: dict[Key, Run] = field(default_factory=dict)
    running: dict[Key, dict[str, Run]] = field(default_factory=lambda: defaultdict(dict))
    held: dict[Key, dict[str, Run]] = field(default_factory=lambda: defaultdict(dict))
    subjects: dict[Key, dict[str, Run]] = field(default_factory=lambda: defaultdict(dict))
    #: The run of each idempotency key.
    keyed: dict[Key, str] = field(default_factory=dict)

    def committed(self, writes: Sequence[Write], *, now: datetime) -> None:
        """Look at what one Commit changed; each Change carries what is stored now.

        What was stored before is what was seen here, whatever the writer believes.
        """
        changed = [write.after for write in writes if isinstance(write, Change)]
        before = {_key(run): self.runs[_key(run)] for run in changed if isinstance(run, Run)}
        was = {_key(trigger): self.triggers[_key(trigger)] for trigger in changed if isinstance(trigger, Trigger)}
        for write in writes:
            match _document(write):
                case Revision() as revision:
                    self.revisions[revision.project, revision.trigger].append(revision)
                case Trigger() as trigger:
                    self._trigger_written(write, trigger, before=was.get(_key(trigger)))
                case Lock() as lock:
                    self._lock_written(write, lock)
                case Run() as run if isinstance(write, Change):
                    self._run_changed(before[_key(run)], run, now=now)
        created = [write.value for write in writes if isinstance(write, Create) and isinstance(write.value, Run)]
        if created:
            triggers = {_key(_document(write)): write for write in writes if isinstance(_document(write), Trigger)}
            for run in created:
                self._run_created(run, triggers=triggers, was=was)
        for run in changed:
            if isinstance(run, Run) and run.status.terminal:
                self._passed_on(before[_key(run)], run)

    def agent_started(self, working: Working) -> None:
        """Look at an agent that begins to work: nobody else may be at work on its run, or before it."""
        key = (working.project, working.run, working.attempt)
        _require(key not in self.diary.begun, 2, f"attempt {working.attempt} of run {working.run} was begun twice")
        run = self.runs[working.project, working.run]
        for other in self.diary.at_work:
            beside = other is not working and other.run == working.run and other.project == working.project
            _require(
                not (beside and not other.instance.dead and other.undisturbed),
                2,
                f"attempts {other.attempt} and {working.attempt} of run {working.run} are at work at once",
            )
        if run.trigger is None or run.source is not RunSource.SCHEDULE or run.overlap is Overlap.PARALLEL:
            return
        # A deleted trigger's runs are no business of a new one of its name.
        current = self.triggers.get((run.project, run.trigger))
        since = run.created.at if current is None else current.created.at
        beside_it = [
            other.id
            for other in self.running[run.project, run.trigger].values()
            if other.id != run.id and other.scheduled_for < run.scheduled_for and other.created.at >= since
        ]
        _require(not beside_it, 4, f"run {run.id} ({run.overlap}) started beside {beside_it}")

    def offered(self, task: Task) -> None:
        """Look at a task that is created: it delivers what was committed."""
        run = self.runs.get((task.project, task.run))
        committed = run is not None and (task.attempt, task.dispatch) <= (run.attempt, run.dispatch)
        _require(
            committed or (run is not None and task.attempt == run.attempt),
            7,
            f"a task of what is not committed: {task}",
        )

    def launched(self, project: str, key: str | None, run: str) -> None:
        """Look at the answer to a request under an idempotency key: it is always the same run."""
        if key is not None:
            first = self.keyed.setdefault((project, key), run)
            _require(first == run, 1, f"the key {key} stands for the runs {first} and {run}")

    def ended(self, call: Call) -> None:
        """Look at a call that ended well: what it created is on its way."""
        forgotten = [key for key in sorted(call.created - call.offered) if self.runs[key].dispatch == 1]
        _require(call.disturbed or not forgotten, 7, f"{call.name} left runs without a task: {forgotten}")

    def tick_begun(self, call: Call, *, now: datetime) -> None:
        """Note what a tick finds due and overdue, whatever its clock says."""
        until = now - MOST_SKEW
        call.overdue = {
            key: run for key, run in self.active.items() if run.check_at is not None and run.check_at < until
        }
        until += self.timing.look_ahead
        call.due = {
            key: trigger
            for key, trigger in self.triggers.items()
            if trigger.next_run_at is not None and trigger.next_run_at < until
        }

    def tick_ended(self, call: Call, counters: TickCounters) -> None:
        """Look at a tick that nothing kept from its work: it passed over nothing, and favoured no project."""
        if call.disturbed:
            return
        untouched = [run.id for key, run in call.overdue.items() if self.active.get(key) is run]
        ran_out = counters.duration >= self.timing.tick_budget.total_seconds()
        _require(ran_out or not untouched, 7, f"a tick passed over the overdue runs {untouched}")
        left = [key for key, trigger in call.due.items() if self.triggers.get(key) is trigger]
        if not counters.unfinished:
            _require(not left, 9, f"a tick passed over the due triggers {left}")
        starved = {project for project, _ in left if not call.claimed.get(project)}
        most = max(call.claimed.values(), default=0)
        _require(
            not starved or most <= 2 * tock.app.tick.PAGE, 9, f"a tick claimed {most} of one project, none of {starved}"
        )

    def in_calm(self, *, now: datetime) -> None:
        """Look around when nothing has been in the way for a while: somebody has looked at all that is overdue."""
        for run in self.active.values():
            overdue = run.check_at is None or now - run.check_at > ATTENTION
            _require(not overdue, 7, f"nobody looks at run {run.id}: {run.status}, check at {run.check_at}")
        for trigger in self.triggers.values():
            due = trigger.next_run_at is not None and now - trigger.next_run_at > ATTENTION
            late = due and trigger.catch_up.mode is not CatchUpMode.ALL
            _require(not late, 9, f"nobody claims {trigger.project}/{trigger.id}: due {trigger.next_run_at}")

    def at_the_end(self, *, since: datetime, until: datetime) -> None:
        """Look at everything once all has come to rest."""
        for run in self.active.values():
            _require(holds=False, number=7, text=f"run {run.id} never ended: {run.status}, check at {run.check_at}")
        outlived = {lock: run for lock, run in self.locks.items() if self.runs[lock[0], run].status.terminal}
        _require(not outlived, 10, f"locks outlived their runs: {outlived}")
        by_trigger: dict[Key, list[Run]] = defaultdict(list)
        for run in self.runs.values():
            by_trigger[run.project, run.trigger or ""].append(run)
        for key in sorted(self.revisions):
            current = self.triggers.get(key)
            proof = prove(
                self.revisions[key],
                by_trigger[key],
                since=since,
                until=until,
                next_run_at=None if current is None else current.next_run_at,
            )
            faults = "; ".join(f"{fault.fire_time} {fault.run}: {fault.problem}" for fault in proof.faults)
            _require(proof.holds, 8 if proof.faults == proof.unexplained else 1, f"{'/'.join(key)}: {faults}")

    def _run_created(self, run: Run, *, triggers: Mapping[Key, Write], was: Mapping[Key, Trigger]) -> None:
        self._keep(run)
        if run.status is RunStatus.QUEUED and (call := CALL.get(None)) is not None:
            call.created.add((run.project, run.id))
        if run.source is not RunSource.SCHEDULE:
            rivals = [] if run.subject is None else [*self.subjects[run.project, run.subject]]
            _require(len(rivals) <= 1, 10, f"two active runs of subject {run.subject}: {rivals}")
            return
        assert run.trigger is not None
        moved = triggers.get((run.project, run.trigger))
        _require(moved is not None, 1, f"run {run.id} was created and its trigger not moved on")
        if run.missed is not None:
            return
        if isinstance(moved, Change):
            before, after = was[run.project, run.trigger], moved.after
            assert isinstance(after, Trigger)
            edited = after.generation > before.generation
            _require(before.enabled or edited, 6, f"run {run.id} was created by a trigger that was paused")
        occurrence = (run.project, run.trigger, run.scheduled_for)
        other = self.occurrences.get(occurrence)
        current = None if other is None else self.runs[other.project, other.id]
        taken_back = current is None or (current.status is RunStatus.CANCELLED and not current.attempts)
        _require(
            taken_back, 1, f"{run.trigger} {run.scheduled_for} has two records: {run.id}, {current and current.id}"
        )
        self.occurrences[occurrence] = run

    def _run_changed(self, before: Run, after: Run, *, now: datetime) -> None:
        if before == after:
            return
        self._keep(after)
        if before.status.terminal:
            different = {name for name in Run.model_fields if getattr(before, name) != getattr(after, name)}
            _require(different <= _AFTER_THE_END, 3, f"run {after.id} had ended, and {sorted(different)} changed")
        watched = after.status.terminal == (after.check_at is None)
        _require(watched, 7, f"run {after.id} is {after.status}, its check_at {after.check_at}")
        if before.status is RunStatus.RUNNING and after.status is not RunStatus.RUNNING:
            self._attempt_ended(before, after, now=now)
        elif before.lease is not None and after.lease is not None:
            _require(before.lease.owner == after.lease.owner, 2, f"run {after.id} changed hands without an end")
        _require(after.failures <= after.retry.max_retries + 1, 3, f"run {after.id} failed {after.failures} times")
        _require(after.lost <= self.timing.most_lost + 1, 3, f"run {after.id} lost {after.lost} runners")

    def _attempt_ended(self, before: Run, after: Run, *, now: datetime) -> None:
        ended = after.attempts[len(before.attempts) - 1]
        name = f"attempt {ended.number} of run {after.id}"
        if ended.status is AttemptStatus.LOST:
            expired = before.lease is not None and before.lease.expires_at <= now + MOST_SKEW
            _require(expired, 2, f"{name} was rescued while its lease held")
        if ended.status in _OF_THE_AGENT:
            done = self.diary.begun.get((after.project, after.id, ended.number))
            said = None if done is None else done.outcome
            _require(said == ended.status, 2, f"{name} was recorded as {ended.status}, its agent says {said}")

    def _passed_on(self, before: Run, after: Run) -> None:
        """A run that ends promotes the first one held behind it, in the same Commit."""
        if before.status.terminal or before.status is RunStatus.HELD:
            return
        follower = after.followed_by
        while follower is not None and (run := self.runs.get((after.project, follower))) is not None:
            _require(run.status is not RunStatus.HELD, 4, f"run {after.id} ended and left {run.id} held behind it")
            follower = run.followed_by if run.status.terminal else None

    def _lock_written(self, write: Write, lock: Lock) -> None:
        if isinstance(write, Delete):
            self.locks.pop((lock.project, lock.id), None)
        else:
            self.locks[lock.project, lock.id] = lock.run

    def _trigger_written(self, write: Write, after: Trigger, *, before: Trigger | None) -> None:
        if isinstance(write, Delete):
            self.triggers.pop(_key(after), None)
            return
        self.triggers[_key(after)] = after
        if before is None:
            return
        if (call := CALL.get(None)) is not None:
            call.claimed[after.project] = call.claimed.get(after.project, 0) + 1
        if after.generation == before.generation and after.next_run_at is not None:
            grows = before.next_run_at is not None and after.next_run_at >= before.next_run_at
            _require(grows, 5, f"{after.id}: next_run_at went from {before.next_run_at} to {after.next_run_at}")

    def _keep(self, run: Run) -> None:
        key = (run.project, run.id)
        self.runs[key] = run
        _put(self.active, key, run, there=not run.status.terminal)
        if run.subject is not None:
            _put(self.subjects[run.project, run.subject], run.id, run, there=not run.status.terminal)
        if run.trigger is not None and run.source is RunSource.SCHEDULE:
            trigger = (run.project, run.trigger)
            _put(self.running[trigger], run.id, run, there=run.status is RunStatus.RUNNING)
            _put(self.held[trigger], run.id, run, there=run.status is RunStatus.HELD)
            if run.status is RunStatus.HELD:
                room = run.queue_depth if run.overlap is Overlap.QUEUE else 1
                waiting = [other.id for other in self.held[trigger].values() if other.generation == run.generation]
                _require(len(waiting) <= room, 4, f"{run.trigger}: {len(waiting)} wait where {room} may: {waiting}")


def _put(runs: dict[Any, Run], key: object, run: Run, *, there: bool) -> None:
    if there:
        runs[key] = run
    else:
        runs.pop(key, None)


def _document(write: Write) -> Any:
    return getattr(write, "after", None) or getattr(write, "value", None)


def _key(document: Run | Trigger) -> Key:
    return document.project, document.id


def _require(holds: bool, number: int, text: str) -> None:  # noqa: FBT001 - reads as an assertion
    if not holds:
        raise Breach(f"invariant {number}: {text}")
