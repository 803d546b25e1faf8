"""Create a trigger, and claim there and then what of it falls due within the look-ahead."""

from collections.abc import Sequence
from datetime import datetime

from tock.app.enqueue import enqueue
from tock.app.log import log_event
from tock.app.services import Services
from tock.core.errors import AlreadyExists, CommitConflict, InvalidArgument, NotFound, StoreUnavailable
from tock.core.ids import shard_of
from tock.core.schedule.schedule import shortest_gap
from tock.core.stamp import Stamp
from tock.core.time import duration_text, instant_text
from tock.core.trigger.claim import Claim, claim
from tock.core.trigger.plan import first_fire_time, plan
from tock.core.trigger.revision import Revision
from tock.core.trigger.trigger import Pause, PauseReason, Trigger, TriggerSpec
from tock.ports.store import Create

#: How often a creation looks again when another trigger of its id came and went.
MAX_TRIES = 5


async def create_trigger(
    services: Services, *, project: str, identifier: str | None, spec: TriggerSpec, by: str
) -> Trigger:
    """Return the trigger as it is kept, with its first runs if they are due within the look-ahead.

    It goes on where a deleted trigger of its id ended: with the next revision and generation, and at no earlier time,
    so that no occurrence is fired for both. Who else creates or deletes one meanwhile takes that revision first.

    Raises NotFound (project), InvalidArgument (agent, schedule), AlreadyExists, StoreUnavailable.
    """
    if await services.store.project(project) is None:
        raise NotFound("project", project)
    await validate_trigger_spec(services, spec, project=project)
    token = services.random.token()
    name = identifier or f"t-{token[:12]}"
    stamp = Stamp(at=services.clock.now(), by=by)
    for _ in range(MAX_TRIES):
        former = await services.store.revisions(project, name, since=stamp.at)
        made, revision = _created(services, spec, project=project, name=name, stamp=stamp, former=former, token=token)
        writes = [Create(value=made.trigger), Create(value=revision), *(Create(value=run) for run in made.runs)]
        try:
            await services.store.commit(writes)
        except (CommitConflict, StoreUnavailable) as exc:
            existing = await services.store.trigger(project, name)
            if existing is not None and (existing.value.created != stamp or not _says(existing.value, spec)):
                raise AlreadyExists("trigger", name) from exc
            if existing is None and revision not in await services.store.revisions(project, name, since=stamp.at):
                if isinstance(exc, StoreUnavailable):
                    raise StoreUnavailable(f"The trigger {name!r} could not be created: try again.") from exc
                continue
        log_event("trigger_created", project=project, trigger=name, by=by)
        await enqueue(services, made.queued)
        return made.trigger
    raise StoreUnavailable(f"The trigger {name!r} keeps being created and deleted: try again.")


def _created(
    services: Services,
    spec: TriggerSpec,
    *,
    project: str,
    name: str,
    stamp: Stamp,
    former: Sequence[Revision],
    token: str,
) -> tuple[Claim, Revision]:
    now = max([stamp.at, *(revision.valid_from for revision in former)])
    trigger = Trigger(
        **dict(spec),
        project=project,
        id=name,
        shard=shard_of(f"{project}/{name}", shards=services.timing.shards),
        revision=former[-1].number + 1 if former else 1,
        generation=former[-1].generation + 1 if former else 1,
        created=stamp,
        updated=stamp,
    )
    trigger = rescheduled(trigger, now=now, by=stamp.by)
    decided = plan(trigger, now=now, look_ahead=services.timing.look_ahead)
    made = claim(trigger, decided, now=now, claimed_by=f"create-{token}", timing=services.timing)
    return made, Revision.of(trigger, valid_from=now)


async def validate_trigger_spec(services: Services, spec: TriggerSpec, *, project: str) -> None:
    """Raise InvalidArgument unless the agent exists and the schedule is sparse enough."""
    if await services.store.agent(project, spec.agent) is None:
        remedy = f"there is no agent {spec.agent!r} in this project: create it first"
        raise InvalidArgument(field="agent", value=spec.agent, remedy=remedy)
    gap = shortest_gap(spec.schedule)
    if gap is not None and gap < services.timing.shortest_interval:
        shortest = duration_text(services.timing.shortest_interval)
        remedy = f"fires every {duration_text(gap)}: this deployment accepts {shortest} or more between two fire times"
        raise InvalidArgument(field="schedule", value=spec.schedule.model_dump(mode="json"), remedy=remedy)


def _says(trigger: Trigger, spec: TriggerSpec) -> bool:
    """Whether the trigger was written with this specification; a tick may have disabled it since as exhausted."""
    fields = TriggerSpec.model_fields.keys() - {"enabled"}
    return all(getattr(trigger, field) == getattr(spec, field) for field in fields)


def rescheduled(trigger: Trigger, *, now: datetime, by: str, after: datetime | None = None) -> Trigger:
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
