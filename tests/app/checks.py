"""What must hold of a trigger or a project once its runs have ended: its proof, its records, what its agents did."""

from collections.abc import Sequence
from datetime import datetime

from app.rig import Rig
from tock.core.ids.derived import task_id
from tock.core.proof.occurrence import OccurrenceStatus
from tock.core.proof.proof import Proof, prove
from tock.core.run.run import Run
from tock.core.run.status import AttemptStatus, RunSource, RunStatus
from tock.core.trigger.revision import Revision
from tock.core.trigger.trigger import Trigger

#: The reasons of claimed runs that an edit, a pause or a deletion cancelled.
WITHDRAWN = ("the trigger was edited", "the trigger was disabled", "the trigger was deleted")
#: Statuses that need a reason.
NEEDS_REASON = {RunStatus.SKIPPED, RunStatus.MISSED, RunStatus.CANCELLED}


async def checked_runs(rig: Rig, trigger: Trigger, *, until: datetime | None = None) -> list[Run]:
    """Check the trigger from its creation to its end, or to `until`; return its scheduled runs, oldest first.

    1. Its proof holds, and no occurrence is still due.
    2. No attempt started twice, or beside another attempt of its run whose lease was valid.
    3. Every run that has not ended has a task in the queue, or the sweep will look at it.
    4. No run that has ended holds a lock.

    Runs that an edit, a pause or a deletion cancelled before their start are left out.
    """
    end = until or trigger.end
    assert end is not None, "the check needs an end"
    runs = [run for run in await rig.runs(trigger.project) if run.trigger == trigger.id]
    proof = await proof_of(rig, trigger, runs, until=end)
    assert proof.faults == ()
    assert proof.counts[OccurrenceStatus.DUE] == 0, f"still due: {proof.occurrences}"
    await nothing_is_stuck(rig, project=trigger.project)
    return [run for run in runs if run.source is RunSource.SCHEDULE and not _withdrawn(run)]


async def proof_of(rig: Rig, trigger: Trigger, runs: Sequence[Run], *, until: datetime) -> Proof:
    """Return the proof of a trigger from its creation to `until`, whatever the time is now."""
    created = trigger.created.at
    stored = await rig.store.revisions(trigger.project, trigger.id, since=created)
    revisions = [revision for revision in stored if isinstance(revision, Revision)]
    assert len(revisions) == len(stored), "a stored revision cannot be read"
    found = await rig.store.trigger(trigger.project, trigger.id)
    following = None if found is None else found.value.next_run_at
    return prove(revisions, runs, since=created, until=until, next_run_at=following)


async def nothing_is_stuck(rig: Rig, *, project: str) -> list[Run]:
    """Check that the project's records, the queue and what its agents did agree; return its runs."""
    runs = await rig.runs(project)
    counted = [run async for run in rig.firestore.collection("projects", project, "runs").select([]).stream()]
    assert len(counted) == len(runs), "a stored run cannot be read"
    tasks = {task.name.rsplit("/", 1)[1] for task in await rig.waiting()}
    for run in runs:
        _check_attempts(rig, run)
        if run.status.terminal:
            assert (run.check_at, run.lease) == (None, None), f"settled, but the sweep would look at it: {_shown(run)}"
            assert run.reason or run.status not in NEEDS_REASON, f"no reason: {_shown(run)}"
        else:
            assert run.check_at is not None, f"the sweep will never look at it: {_shown(run)}"
        if run.status is RunStatus.QUEUED and _task(run) not in tasks:
            assert run.check_at is not None
            assert run.check_at >= run.due_at, f"no task, and the sweep comes too early to send one: {_shown(run)}"
    locks = await rig.locks(project)
    active = {run.id for run in runs if not run.status.terminal}
    assert [lock for lock in locks if lock["run"] not in active] == [], "a run that has ended still has a lock"
    return runs


def _check_attempts(rig: Rig, run: Run) -> None:
    done = rig.executor.of(run.id)
    repeated = [attempt for (name, attempt), count in rig.executor.starts.items() if name == run.id and count > 1]
    assert repeated == [], f"attempts {repeated} started more than once: {_shown(run)}"
    stored = {attempt.number: attempt for attempt in run.attempts}
    assert {started.attempt for started in done} <= stored.keys(), f"an attempt started without a record: {_shown(run)}"
    lost = [attempt.number for attempt in run.attempts if attempt.status is AttemptStatus.LOST]
    for started in done:
        if started.beside > 1:
            assert any(number < started.attempt for number in lost), f"two attempts worked at once: {_shown(run)}"
    unstarted = [number for number in stored if number not in {started.attempt for started in done}]
    died = [AttemptStatus.LOST, AttemptStatus.RUNNING]
    assert all(stored[number].status in died for number in unstarted), (
        f"a record of an attempt that never started: {_shown(run)}"
    )
    if run.status is RunStatus.SUCCEEDED:
        assert stored[run.attempt].status is AttemptStatus.SUCCEEDED, (
            f"it succeeded, and its last attempt did not: {_shown(run)}"
        )
    assert sum(attempt.status is AttemptStatus.SUCCEEDED for attempt in run.attempts) <= 1, _shown(run)


def _withdrawn(run: Run) -> bool:
    return run.status is RunStatus.CANCELLED and run.reason in WITHDRAWN


def _task(run: Run) -> str:
    return task_id(project=run.project, run=run.id, attempt=run.attempt, dispatch=run.dispatch)


def _shown(run: Run) -> str:
    return (
        f"{run.id} {run.status} scheduled {run.scheduled_for} attempt {run.attempt} dispatch {run.dispatch}"
        f" check {run.check_at} reason {run.reason} attempts {[(a.number, a.status.value) for a in run.attempts]}"
    )
