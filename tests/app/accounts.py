"""The accounts of a trigger: what it owed, by the checker, against what is stored and what agents really did."""

from collections.abc import Sequence
from datetime import datetime

from app.rig import Rig
from tock.core.ids import task_id
from tock.core.proof.occurrence import OccurrenceStatus
from tock.core.proof.proof import Proof, prove
from tock.core.run.run import Run
from tock.core.run.status import AttemptStatus, RunSource, RunStatus
from tock.core.trigger.trigger import Trigger

#: How an edit, a pause or a deletion marks the claimed runs that it takes back.
TAKEN_BACK = ("the trigger was edited", "the trigger was disabled", "the trigger was deleted")
#: Ends that say why.
EXPLAINED = {RunStatus.SKIPPED, RunStatus.MISSED, RunStatus.CANCELLED}


async def accounts(rig: Rig, trigger: Trigger, *, until: datetime | None = None) -> list[Run]:
    """Return the trigger's records of its occurrences, oldest first, once all that must hold does.

    Since its creation and up to its end, or `until`, the proof of the trigger holds and leaves nothing to be decided;
    no attempt was begun twice, and none beside another of its run unless that one's lease had run out; what has not
    ended is on its way or will be looked at; what has ended holds nothing.
    """
    end = until or trigger.end
    assert end is not None, "accounts need an end"
    runs = [run for run in await rig.runs(trigger.project) if run.trigger == trigger.id]
    proof = await proof_of(rig, trigger, runs, until=end)
    assert proof.faults == ()
    assert proof.counts[OccurrenceStatus.DUE] == 0, f"nobody decided: {proof.occurrences}"
    await nothing_is_stuck(rig, project=trigger.project)
    return [run for run in runs if run.source is RunSource.SCHEDULE and not _taken_back(run)]


async def proof_of(rig: Rig, trigger: Trigger, runs: Sequence[Run], *, until: datetime) -> Proof:
    """The proof of a trigger from its creation until an instant, whatever the time is."""
    created = trigger.created.at
    revisions = await rig.store.revisions(trigger.project, trigger.id, since=created)
    found = await rig.store.trigger(trigger.project, trigger.id)
    following = None if found is None else found.value.next_run_at
    return prove(revisions, runs, since=created, until=until, next_run_at=following)


async def nothing_is_stuck(rig: Rig, *, project: str) -> list[Run]:
    """Return the project's runs, once what agents did, what is stored and what is on its way agree."""
    runs = await rig.runs(project)
    counted = [run async for run in rig.firestore.collection("projects", project, "runs").select([]).stream()]
    assert len(counted) == len(runs), "a stored run cannot be read"
    tasks = {task.name.rsplit("/", 1)[1] for task in await rig.waiting()}
    for run in runs:
        _agents_did_what_is_stored(rig, run)
        if run.status.terminal:
            assert (run.check_at, run.lease) == (None, None), f"settled but still watched: {_shown(run)}"
            assert run.reason or run.status not in EXPLAINED, f"no reason: {_shown(run)}"
        else:
            assert run.check_at is not None, f"nobody will look at it: {_shown(run)}"
        if run.status is RunStatus.QUEUED and _task(run) not in tasks:
            assert run.check_at is not None
            assert run.check_at >= run.due_at, f"no task, and nobody will send one: {_shown(run)}"
    locks = await rig.locks(project)
    active = {run.id for run in runs if not run.status.terminal}
    assert [lock for lock in locks if lock["run"] not in active] == [], "a lock outlived its run"
    return runs


def _agents_did_what_is_stored(rig: Rig, run: Run) -> None:
    done = rig.executor.of(run.id)
    doubled = [attempt for (name, attempt), count in rig.executor.starts.items() if name == run.id and count > 1]
    assert doubled == [], f"attempts {doubled} were begun more than once: {_shown(run)}"
    stored = {attempt.number: attempt for attempt in run.attempts}
    assert {started.attempt for started in done} <= stored.keys(), f"began without a record: {_shown(run)}"
    lost = [attempt.number for attempt in run.attempts if attempt.status is AttemptStatus.LOST]
    for started in done:
        if started.beside > 1:
            assert any(number < started.attempt for number in lost), f"two at work at once: {_shown(run)}"
    unbegun = [number for number in stored if number not in {started.attempt for started in done}]
    died = [AttemptStatus.LOST, AttemptStatus.RUNNING]
    assert all(stored[number].status in died for number in unbegun), f"a record of what never was: {_shown(run)}"
    if run.status is RunStatus.SUCCEEDED:
        assert stored[run.attempt].status is AttemptStatus.SUCCEEDED, f"success without an attempt: {_shown(run)}"
    assert sum(attempt.status is AttemptStatus.SUCCEEDED for attempt in run.attempts) <= 1, _shown(run)


def _taken_back(run: Run) -> bool:
    return run.status is RunStatus.CANCELLED and run.reason in TAKEN_BACK


def _task(run: Run) -> str:
    return task_id(project=run.project, run=run.id, attempt=run.attempt, dispatch=run.dispatch)


def _shown(run: Run) -> str:
    return (
        f"{run.id} {run.status} scheduled {run.scheduled_for} attempt {run.attempt} dispatch {run.dispatch}"
        f" check {run.check_at} reason {run.reason} attempts {[(a.number, a.status.value) for a in run.attempts]}"
    )
