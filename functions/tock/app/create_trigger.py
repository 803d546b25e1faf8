"""Create a trigger, and claim there and then what of it falls due within the look-ahead."""

from datetime import UTC, datetime, timedelta

from tock.app.enqueue import enqueue
from tock.app.journal import record
from tock.app.parts import Parts
from tock.core.agent import Stamp
from tock.core.claim import claim
from tock.core.errors import AlreadyExists, CommitConflict, InvalidArgument, NotFound, StoreUnavailable
from tock.core.identity import shard_of
from tock.core.plan import first_fire_time, plan
from tock.core.revision import Revision
from tock.core.schedule import shortest_gap
from tock.core.time import duration_text, instant_text
from tock.core.trigger import Pause, PauseReason, Trigger, TriggerSpec
from tock.ports.store import Create


async def create_trigger(parts: Parts, *, project: str, identifier: str | None, spec: TriggerSpec, by: str) -> Trigger:
    """Return the trigger as it is kept, with its first runs if they are due within the look-ahead.

    Raises NotFound (project), InvalidArgument (agent, schedule), AlreadyExists, StoreUnavailable.
    """
    if await parts.store.project(project) is None:
        raise NotFound("project", project)
    now = parts.clock.now()
    await require_acceptable(parts, spec, project=project)
    token = parts.chance.token()
    name = identifier or f"t-{token[:12]}"
    stamp = Stamp(at=now, by=by)
    trigger = Trigger(
        **dict(spec),
        project=project,
        id=name,
        shard=shard_of(f"{project}/{name}", shards=parts.timing.shards),
        generation=_first_generation(now),
        created=stamp,
        updated=stamp,
    )
    trigger = scheduled_anew(trigger, now=now, by=by)
    decided = plan(trigger, now=now, look_ahead=parts.timing.look_ahead)
    made = claim(trigger, decided, now=now, claimed_by=f"create-{token}", timing=parts.timing)
    try:
        revision = Create(value=Revision.of(trigger, valid_from=now))
        await parts.store.commit([Create(value=made.trigger), revision, *(Create(value=run) for run in made.runs)])
    except (CommitConflict, StoreUnavailable) as exc:
        existing = await parts.store.trigger(project, name)
        if existing is None:
            raise StoreUnavailable(f"The trigger {name!r} could not be created: try again.") from exc
        if existing.value.created != stamp or not says(existing.value, spec):
            raise AlreadyExists("trigger", name) from exc
    record("trigger_created", project=project, trigger=name, by=by)
    await enqueue(parts, made.queued)
    return made.trigger


async def require_acceptable(parts: Parts, spec: TriggerSpec, *, project: str) -> None:
    """Raise InvalidArgument unless the agent exists and the schedule is sparse enough."""
    if await parts.store.agent(project, spec.agent) is None:
        remedy = f"there is no agent {spec.agent!r} in this project: create it first"
        raise InvalidArgument(field="agent", value=spec.agent, remedy=remedy)
    gap = shortest_gap(spec.schedule)
    if gap is not None and gap < parts.timing.shortest_interval:
        shortest = duration_text(parts.timing.shortest_interval)
        remedy = f"fires every {duration_text(gap)}: this deployment accepts {shortest} or more between two fire times"
        raise InvalidArgument(field="schedule", value=spec.schedule.model_dump(mode="json"), remedy=remedy)


def says(trigger: Trigger, spec: TriggerSpec) -> bool:
    """Whether the trigger was written with this specification; a tick may have disabled it since as exhausted."""
    fields = TriggerSpec.model_fields.keys() - {"enabled"}
    return all(getattr(trigger, field) == getattr(spec, field) for field in fields)


def scheduled_anew(trigger: Trigger, *, now: datetime, by: str, after: datetime | None = None) -> Trigger:
    """Return the trigger with `next_run_at` computed from now: a pause never leaves a stale fire time behind.

    With `after`, fire times up to then are passed over. Raises InvalidArgument when an enabled trigger has nothing to
    come.
    """
    if not trigger.enabled:
        pause = trigger.paused or Pause(reason=PauseReason.DISABLED, at=now, by=by)
        return trigger.model_copy(update={"next_run_at": None, "paused": pause, "claimed": ()})
    following = first_fire_time(trigger, after=after or now)
    if following is None:
        remedy = f"has no fire time after now ({instant_text(now)}): choose a later one, or move `end`"
        raise InvalidArgument(field="schedule", value=trigger.schedule.model_dump(mode="json"), remedy=remedy)
    return trigger.model_copy(update={"next_run_at": following, "paused": None, "claimed": ()})


def _first_generation(now: datetime) -> int:
    """The microseconds since 1970: runs of a trigger that takes a deleted one's id never collide with that one's."""
    return (now - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
