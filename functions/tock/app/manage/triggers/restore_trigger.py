"""Restore a trigger whose stored document cannot be read: from its newest revision and its newest runs."""

from collections.abc import Sequence
from datetime import datetime

from tock.app.services import Services
from tock.core.ids.derived import shard_of
from tock.core.run.run import Run
from tock.core.run.status import RunSource
from tock.core.time.stamp import Stamp
from tock.core.trigger.plan import first_fire_time
from tock.core.trigger.revision import Revision
from tock.core.trigger.trigger import ClaimedRun, Pause, PauseReason, Trigger, TriggerSpec
from tock.core.unreadable import Unreadable
from tock.ports.store import RunFilter, Versioned

#: How many of its newest runs are read: all that a tick claims ahead, and the one before them.
NEWEST_RUNS = 100


async def restored_trigger(services: Services, found: Unreadable) -> Versioned[Trigger] | None:
    """Return the trigger as its author wrote it last, with the fire time that no tick has claimed yet.

    A Change of it replaces the stored document. None if its newest revision is gone or cannot be read either.
    """
    now = services.clock.now()
    revisions = await services.store.revisions(found.project, found.id, since=now - services.timing.retention)
    newest = revisions[-1] if revisions else None
    if not isinstance(newest, Revision) or newest.spec is None:
        return None
    runs = await newest_runs(services, found)
    records = [run for run in runs if run.generation == newest.generation]
    begins = [
        revision.valid_from
        for revision in revisions
        if isinstance(revision, Revision) and revision.generation == newest.generation
    ]
    trigger = _trigger(services, found, newest, newest.spec, runs=runs, now=now)
    if trigger.enabled:
        decided = max([begins[0], *(_last_fire_time(run) for run in records)])
        trigger = trigger.model_copy(update={"next_run_at": first_fire_time(trigger, after=decided)})
    return Versioned(trigger, found.version, restored=True)


async def newest_runs(services: Services, trigger: Unreadable) -> Sequence[Run]:
    """Return the newest runs of the trigger's fire times, the newest first."""
    matching = RunFilter(trigger=trigger.id, source=RunSource.SCHEDULE)
    page = await services.store.runs(trigger.project, matching=matching, limit=NEWEST_RUNS, token=None)
    return page.items


def _trigger(
    services: Services,
    found: Unreadable,
    newest: Revision,
    spec: TriggerSpec,
    *,
    runs: Sequence[Run],
    now: datetime,
) -> Trigger:
    """Return the trigger without its next fire time; `runs` are its newest ones, the newest first."""
    stamp = Stamp(at=newest.valid_from, by=newest.author)
    fired = [run for run in runs if run.missed is None]
    coming = [run for run in fired if run.scheduled_for > now and run.generation == newest.generation]
    return Trigger(
        **dict(spec),
        project=found.project,
        id=found.id,
        revision=newest.number,
        generation=newest.generation,
        shard=shard_of(f"{found.project}/{found.id}", shards=services.timing.shards),
        claimed=tuple(ClaimedRun(run=run.id, fire_time=run.scheduled_for) for run in reversed(coming)),
        conversation=next((run.session for run in runs if run.session not in {None, run.id}), None),
        last_run=fired[0].id if fired else None,
        decided_at=newest.valid_from,
        paused=None if spec.enabled else Pause(reason=PauseReason.DISABLED, at=stamp.at, by=stamp.by),
        created=found.created or stamp,
        updated=stamp,
    )


def _last_fire_time(run: Run) -> datetime:
    return run.scheduled_for if run.missed is None else run.missed.last
