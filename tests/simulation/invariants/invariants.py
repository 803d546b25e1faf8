"""The invariants, checked at every Commit, at every start and end of an agent, and at the end of every call."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import tock.app.tick.tick
from simulation.call import CALL, Call
from simulation.invariants.attempts import AttemptInvariants
from simulation.invariants.conversations import ConversationInvariants
from simulation.invariants.late import LateInvariants
from simulation.invariants.lines import LineInvariants
from simulation.invariants.slots import SlotInvariants
from simulation.invariants.violation import MAX_SKEW, require
from simulation.records import Key, Records, document_of, key_of
from tock.core.agent.agent import Agent
from tock.core.health.scheduler_state import TickCounters
from tock.core.policies import CatchUpMode
from tock.core.proof.proof import prove
from tock.core.run.admission.lock import Lock
from tock.core.run.admission.slot import Slot
from tock.core.run.run import Run
from tock.core.run.status import RunSource, RunStatus
from tock.core.timing import Timing
from tock.core.trigger.revision import Revision
from tock.core.trigger.trigger import Trigger
from tock.ports.queue import Task
from tock.ports.store import Add, Change, Create, Delete, Write

#: The fields of an ended run that may still change: its later retries and the run that resumes it.
_MUTABLE_AFTER_END = {"retried_by", "resumed_by"}
#: Without faults, a tick each minute looks at everything that has been due or overdue for this long.
MAX_OVERDUE = timedelta(seconds=150)


@dataclass
class Invariants:
    """Checks every Commit, every start and every call, and keeps the records that this takes."""

    records: Records
    attempts: AttemptInvariants
    late: LateInvariants
    conversations: ConversationInvariants
    slots: SlotInvariants
    lines: LineInvariants
    timing: Timing
    #: The run of each idempotency key, by project and key.
    keyed: dict[Key, str] = field(default_factory=dict)

    def committed(self, writes: Sequence[Write], *, now: datetime) -> None:
        """Check what one Commit changed. Each Change carries the document as it is stored now.

        The document before it is the one recorded here, whatever the writer had read.
        """
        changed = [write.after for write in writes if isinstance(write, Change)]
        before = {key_of(run): self.records.runs[key_of(run)] for run in changed if isinstance(run, Run)}
        was = {
            key_of(trigger): self.records.triggers[key_of(trigger)]
            for trigger in changed
            if isinstance(trigger, Trigger)
        }
        self.records.count(write.value for write in writes if isinstance(write, Add))
        for write in writes:
            match document_of(write):
                case Trigger() as trigger:
                    self._trigger_written(write, trigger, before=was.get(key_of(trigger)))
                case Run() as run if isinstance(write, Change):
                    self._run_changed(before[key_of(run)], run, now=now)
                case _:
                    self._other_written(write, now=now)
        created = [write.value for write in writes if isinstance(write, Create) and isinstance(write.value, Run)]
        if created:
            triggers = {
                key_of(document_of(write)): write for write in writes if isinstance(document_of(write), Trigger)
            }
            for run in created:
                self._run_created(run, triggers=triggers, was=was)
        self.slots.committed([run for run in changed if isinstance(run, Run)])
        self.lines.committed(now=now)
        for run in changed:
            if isinstance(run, Run) and run.status.terminal:
                self._check_promotion(before[key_of(run)], run)

    def enqueued(self, task: Task) -> None:
        """Check a task that is created: the attempt that it delivers is committed."""
        run = self.records.runs.get((task.project, task.run))
        committed = run is not None and (task.attempt, task.dispatch) <= (run.attempt, run.dispatch)
        require(
            committed or (run is not None and task.attempt == run.attempt),
            7,
            f"the task's attempt is not committed: {task}",
        )

    def launched(self, project: str, key: str | None, run: str) -> None:
        """Check the answer to a request with an idempotency key: it is always the same run."""
        if key is not None:
            first = self.keyed.setdefault((project, key), run)
            require(first == run, 1, f"the key {key} started the runs {first} and {run}")

    def ended(self, call: Call) -> None:
        """Check a call that succeeded: it has enqueued the runs that it created."""
        forgotten = [key for key in sorted(call.created - call.enqueued) if self.records.runs[key].dispatch == 1]
        require(call.disturbed or not forgotten, 7, f"{call.name} left runs without a task: {forgotten}")
        self.slots.ended(call)

    def tick_begun(self, call: Call, *, now: datetime) -> None:
        """Note what is due and overdue when a tick begins, whatever its own clock says."""
        call.began = now
        self.lines.tick_begun(call)
        until = now - MAX_SKEW
        call.overdue = {
            key: run for key, run in self.records.active.items() if run.check_at is not None and run.check_at < until
        }
        until += self.timing.look_ahead
        call.due = {
            key: trigger
            for key, trigger in self.records.triggers.items()
            if trigger.next_run_at is not None and trigger.next_run_at < until
        }

    def tick_ended(self, call: Call, counters: TickCounters) -> None:
        """Check a tick that no fault disturbed: it passed over nothing, and served all projects."""
        if call.disturbed:
            return
        untouched = [run.id for key, run in call.overdue.items() if self.records.active.get(key) is run]
        ran_out = counters.duration >= self.timing.tick_budget.total_seconds()
        require(ran_out or not untouched, 7, f"a tick passed over the overdue runs {untouched}")
        if not ran_out:
            self.lines.tick_ended(call)
        left = [key for key, trigger in call.due.items() if self.records.triggers.get(key) is trigger]
        if not counters.unfinished:
            require(not left, 9, f"a tick passed over the due triggers {left}")
        starved = {project for project, _ in left if not call.claimed.get(project)}
        most = max(call.claimed.values(), default=0)
        require(
            not starved or most <= 2 * tock.app.tick.tick.PAGE,
            9,
            f"a tick claimed {most} of one project, none of {starved}",
        )

    def without_faults(self, *, now: datetime) -> None:
        """Check, after a while without faults, that ticks have looked at everything overdue."""
        for run in self.records.active.values():
            overdue = run.check_at is None or now - run.check_at > MAX_OVERDUE
            require(not overdue, 7, f"no sweep looks at run {run.id}: {run.status}, check at {run.check_at}")
        for trigger in self.records.triggers.values():
            due = trigger.next_run_at is not None and now - trigger.next_run_at > MAX_OVERDUE
            late = due and trigger.catch_up.mode is not CatchUpMode.ALL
            require(not late, 9, f"no tick claims {trigger.project}/{trigger.id}: due {trigger.next_run_at}")
        self.slots.without_faults(now=now)

    def at_the_end(self, *, since: datetime, until: datetime) -> None:
        """Check everything once every run has ended."""
        for run in self.records.active.values():
            require(holds=False, number=7, text=f"run {run.id} never ended: {run.status}, check at {run.check_at}")
        leftover = {
            lock: run for lock, run in self.records.locks.items() if self.records.runs[lock[0], run].status.terminal
        }
        require(not leftover, 10, f"ended runs still have locks: {leftover}")
        self.slots.at_the_end()
        consumed = Counter[tuple[str, str, str | None]]()
        for run in self.records.runs.values():
            spent = sum(attempt.usage.input_tokens for attempt in run.attempts if attempt.usage is not None)
            require(spent == run.usage.input_tokens, 18, f"run {run.id} says {run.usage}, its attempts {spent} tokens")
            consumed[run.project, run.agent, run.trigger] += spent
        differing = {key: (self.records.usage[key], consumed[key]) for key in consumed | self.records.usage}
        differing = {key: counts for key, counts in differing.items() if counts[0] != counts[1]}
        require(not differing, 18, f"tokens added to days, and those of attempts, differ: {differing}")
        by_trigger: dict[Key, list[Run]] = defaultdict(list)
        for run in self.records.runs.values():
            by_trigger[run.project, run.trigger or ""].append(run)
        for key in sorted(self.records.revisions):
            current = self.records.triggers.get(key)
            proof = prove(
                self.records.revisions[key],
                by_trigger[key],
                since=since,
                until=until,
                next_run_at=None if current is None else current.next_run_at,
            )
            faults = "; ".join(f"{fault.fire_time} {fault.run}: {fault.problem}" for fault in proof.faults)
            require(not proof.overlapping, 4, f"{'/'.join(key)}: {faults}")
            require(proof.holds, 8 if proof.faults == proof.unexplained else 1, f"{'/'.join(key)}: {faults}")

    def _run_created(self, run: Run, *, triggers: Mapping[Key, Write], was: Mapping[Key, Trigger]) -> None:
        self.records.keep(run)
        self.conversations.created(run)
        if run.status is RunStatus.QUEUED and (call := CALL.get(None)) is not None:
            call.created.add((run.project, run.id))
        if run.source is not RunSource.SCHEDULE:
            rivals = [] if run.subject is None else [*self.records.subjects[run.project, run.subject]]
            require(len(rivals) <= 1, 10, f"two active runs of subject {run.subject}: {rivals}")
            return
        assert run.trigger is not None
        moved = triggers.get((run.project, run.trigger))
        require(moved is not None, 1, f"run {run.id} was created without a change of its trigger")
        if run.missed is not None:
            return
        if isinstance(moved, Change):
            before, after = was[run.project, run.trigger], moved.after
            assert isinstance(after, Trigger)
            edited = after.generation > before.generation
            require(before.enabled or edited, 6, f"run {run.id} was created by a trigger that was paused")
        occurrence = (run.project, run.trigger, run.scheduled_for)
        other = self.records.occurrences.get(occurrence)
        current = None if other is None else self.records.runs[other.project, other.id]
        taken_back = current is None or (current.status is RunStatus.CANCELLED and not current.attempts)
        require(taken_back, 1, f"{run.trigger} {run.scheduled_for} has two records: {run.id}, {current and current.id}")
        self.records.occurrences[occurrence] = run

    def _run_changed(self, before: Run, after: Run, *, now: datetime) -> None:
        if before == after:
            return
        self.records.keep(after)
        self.late.changed(before, after, now=now)
        self.conversations.changed(before, after, now=now)
        self.slots.changed(before, after, now=now)
        self.lines.changed(before, after, now=now)
        if before.status.terminal:
            different = {name for name in Run.model_fields if getattr(before, name) != getattr(after, name)}
            require(different <= _MUTABLE_AFTER_END, 3, f"run {after.id} has ended, and {sorted(different)} changed")
        watched = after.status.terminal == (after.check_at is None)
        require(watched, 7, f"run {after.id} is {after.status}, its check_at {after.check_at}")
        if before.status is RunStatus.RUNNING:
            self.attempts.changed(before, after, now=now)
        elif after.status is RunStatus.RUNNING:
            self.attempts.started(after, now=now)
        require(after.failures <= after.retry.max_retries + 1, 3, f"run {after.id} failed {after.failures} times")
        require(after.lost <= self.timing.max_lost + 1, 3, f"run {after.id} lost {after.lost} runners")

    def _check_promotion(self, before: Run, after: Run) -> None:
        """Check that a run which ends promotes the first run held behind it, in the same Commit."""
        if before.status.terminal or before.status is RunStatus.HELD:
            return
        follower = after.followed_by
        while follower is not None and (run := self.records.runs.get((after.project, follower))) is not None:
            require(run.status is not RunStatus.HELD, 4, f"run {after.id} ended and left {run.id} held behind it")
            follower = run.followed_by if run.status.terminal else None

    def _other_written(self, write: Write, *, now: datetime) -> None:
        match document_of(write):
            case Revision() as revision:
                self.records.revisions[revision.project, revision.trigger].append(revision)
            case Lock() as lock:
                self._lock_written(write, lock)
            case Agent() as agent:
                self.slots.agent_written(write, agent, now=now)
            case Slot() as slot:
                self.slots.slot_written(write, slot)

    def _lock_written(self, write: Write, lock: Lock) -> None:
        if isinstance(write, Delete):
            self.records.locks.pop((lock.project, lock.id), None)
        else:
            self.records.locks[lock.project, lock.id] = lock.run

    def _trigger_written(self, write: Write, after: Trigger, *, before: Trigger | None) -> None:
        if isinstance(write, Delete):
            self.records.triggers.pop(key_of(after), None)
            return
        self.records.triggers[key_of(after)] = after
        if before is None:
            return
        if (call := CALL.get(None)) is not None:
            call.claimed[after.project] = call.claimed.get(after.project, 0) + 1
        if after.generation == before.generation and after.next_run_at is not None:
            grows = before.next_run_at is not None and after.next_run_at >= before.next_run_at
            require(grows, 5, f"{after.id}: next_run_at went from {before.next_run_at} to {after.next_run_at}")
