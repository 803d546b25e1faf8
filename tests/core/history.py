"""The history of a trigger in core alone: the revisions and runs that ticks, edits, deletions and runners leave."""

from datetime import datetime, timedelta
from typing import Any

from core.builders import NOON, TIMING, a_trigger, at
from tock.core.proof.occurrence import OccurrenceStatus
from tock.core.proof.proof import Proof, prove
from tock.core.run import transition
from tock.core.run.outcome import Outcome, Succeeded
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.core.time.stamp import Stamp
from tock.core.trigger.claim import claim
from tock.core.trigger.plan import Plan, first_fire_time, plan, plan_all_missed
from tock.core.trigger.revision import Revision
from tock.core.trigger.trigger import Pause, PauseReason, Trigger, TriggerSpec

EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
LABELS = {"name", "description"}
#: A catch-up policy that misses every late fire time.
MISSED = {"catch_up": {"mode": "none"}}


class History:
    """A stored trigger, its revisions and its runs by id. Every step takes the time of whoever makes it."""

    def __init__(self, *, now: datetime, **spec: Any) -> None:
        self.revisions: list[Revision] = []
        self.runs: dict[str, Run] = {}
        self.trigger: Trigger | None = None
        self.create(now=now, **spec)

    def __repr__(self) -> str:
        versions = [
            f"{each.valid_from} {each.generation} {each.spec and each.spec.schedule}" for each in self.revisions
        ]
        runs = [f"{run.scheduled_for} {run.generation} {run.status} {run.missed or ''}" for run in self.runs.values()]
        return "\n".join(["", *versions, *runs[:20], str(self.trigger and self.trigger.next_run_at)])

    def create(self, *, now: datetime, **spec: Any) -> None:
        """Create the trigger, with the id of a deleted one if there was one."""
        former = self.revisions[-1:]
        now = max([now, *(revision.valid_from for revision in former)])
        stamp = Stamp(at=now, by="ada@example.com")
        numbers = {
            "revision": former[0].number + 1 if former else 1,
            "generation": former[0].generation + 1 if former else 1,
        }
        made = a_trigger(
            **{"next_run_at": None, "decided_at": now, "created": stamp, "updated": stamp} | numbers | spec
        )
        self._keep(_following(made, now=now), valid_from=now)
        self.tick(now=now)

    def tick(self, *, now: datetime) -> None:
        """Claim what is due within the look-ahead, if anything is."""
        if self.trigger is not None:
            now = self.trigger.time_to_decide(now)
            self._claim(plan(self.trigger, now=now, look_ahead=TIMING.look_ahead), now=now)

    def edit(self, *, now: datetime, **changes: Any) -> None:
        """Edit as the use case does: the old version claims fire times up to now, the new one those after."""
        assert self.trigger is not None
        now = self.trigger.time_to_decide(now)
        spec = TriggerSpec.model_validate({field: getattr(self.trigger, field) for field in _SPEC} | changes)
        revision = self.trigger.revision + 1
        if changes.keys() <= LABELS:
            self._keep(self.trigger.model_copy(update={"revision": revision, **changes}), valid_from=now)
            return
        self._claim_past(now=now, because=None if spec.enabled else "the trigger was disabled")
        begin = self._withdraw_claimed(now=now, reason="the trigger was edited") or now
        update = dict(spec) | {"revision": revision, "generation": self.trigger.generation + 1, "claimed": ()}
        after = self.trigger.model_copy(update=update | {"decided_at": begin})
        self._keep(_following(after, now=now, after=begin), valid_from=begin)
        self.tick(now=now)

    def delete(self, *, now: datetime) -> None:
        """Delete as the use case does."""
        assert self.trigger is not None
        now = self.trigger.time_to_decide(now)
        self._claim_past(now=now, because="the trigger was deleted")
        end = self._withdraw_claimed(now=now, reason="the trigger was deleted") or now
        self.revisions.append(Revision.end_of(self.trigger, at=end, by="ada@example.com"))
        self.trigger = None

    def work(self, run: Run, *outcomes: Outcome, at: datetime) -> Run:
        """Execute one attempt of the run per outcome, one after the other; keep and return the run."""
        for outcome in outcomes or (Succeeded(result=None),):
            started = transition.start(run, now=max(at, run.due_at), owner="runner", agent_revision=1, timing=TIMING)
            run = transition.settle(started, outcome, now=max(at, run.due_at), jitter=0, timing=TIMING)
        return self.put(run)

    def put(self, run: Run) -> Run:
        """Store the run."""
        self.runs[run.id] = run
        return run

    def run_at(self, fire_time: datetime) -> Run:
        """Return the only run of a fire time that no edit cancelled."""
        [found] = [run for run in self.runs.values() if run.scheduled_for == fire_time and not withdrawn(run)]
        return found

    def prove(self, *, since: datetime, until: datetime) -> Proof:
        """Return the proof of the stored revisions and runs."""
        following = None if self.trigger is None else self.trigger.next_run_at
        return prove(self.revisions, self.runs.values(), since=since, until=until, next_run_at=following)

    def _keep(self, trigger: Trigger, *, valid_from: datetime) -> None:
        self.trigger = trigger
        self.revisions.append(Revision.of(trigger, valid_from=valid_from))

    def _claim(self, decided: Plan, *, now: datetime, because: str | None = None) -> None:
        assert self.trigger is not None
        if decided.fires or decided.missed:
            made = claim(self.trigger, decided, now=now, claimed_by="tick", timing=TIMING, ended_by=because)
            self.trigger = made.trigger
            assert self.runs.keys().isdisjoint(run.id for run in made.runs)
            self.runs |= {run.id: run for run in made.runs}

    def _claim_past(self, *, now: datetime, because: str | None) -> None:
        assert self.trigger is not None
        if because is None:
            self._claim(plan(self.trigger, now=now, look_ahead=timedelta()), now=now)
        while self.trigger.next_run_at is not None and self.trigger.next_run_at <= now:
            self._claim(plan_all_missed(self.trigger, now=now), now=now, because=because or "the trigger was edited")

    def _withdraw_claimed(self, *, now: datetime, reason: str) -> datetime | None:
        """Cancel claimed runs that have not started; return the latest fire time whose run started early, or None."""
        assert self.trigger is not None
        used: datetime | None = None
        for run in [self.runs[claimed.run] for claimed in self.trigger.claimed if claimed.fire_time > now]:
            if run.status is RunStatus.QUEUED and not run.attempts:
                self.put(transition.cancel(run, by="ada@example.com", reason=reason, now=now, timing=TIMING))
            elif run.status is not RunStatus.CANCELLED:
                used = run.scheduled_for
        return used


_SPEC = tuple(TriggerSpec.model_fields)


def withdrawn(run: Run) -> bool:
    """Whether an edit or a deletion cancelled the run before its fire time."""
    return run.status is RunStatus.CANCELLED and (run.reason or "").startswith("the trigger was ")


def _following(trigger: Trigger, *, now: datetime, after: datetime | None = None) -> Trigger:
    if not trigger.enabled:
        pause = Pause(reason=PauseReason.DISABLED, at=now, by="ada@example.com")
        return trigger.model_copy(update={"next_run_at": None, "paused": pause})
    return trigger.model_copy(update={"next_run_at": first_fire_time(trigger, after=after or now), "paused": None})


def ticked(history: History, *clocks: str) -> History:
    for clock in clocks:
        history.tick(now=at(clock))
    return history


def minutely(**spec: Any) -> History:
    """Return a trigger that fires every minute since noon, whose runs up to 12:05 have ended; 12:06 comes next."""
    history = History(now=NOON, **spec)
    ticked(history, "12:01", "12:02", "12:03", "12:04")
    for run in list(history.runs.values()):
        history.work(run, at=run.scheduled_for)
    return history


def proof_of(history: History, since: str = "12:00", until: str = "12:05:30") -> Proof:
    return history.prove(since=at(since), until=at(until))


def statuses(proof: Proof) -> dict[str, OccurrenceStatus]:
    return {f"{each.fire_time:%H:%M}": each.status for each in proof.occurrences}
