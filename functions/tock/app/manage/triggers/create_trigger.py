"""Create a trigger, and claim its fire times within the look-ahead at once."""

from collections.abc import Sequence
from datetime import datetime

from tock.app.abilities import is_able, kinds_with, require_version
from tock.app.as_stored import as_stored
from tock.app.enqueue import enqueue
from tock.app.log import log_event
from tock.app.manage.owner import owner_of, unchanged
from tock.app.services import Services
from tock.core.agent.agent import Agent
from tock.core.errors import AlreadyExists, CommitConflict, FailedPrecondition, InvalidArgument, StoreUnavailable
from tock.core.fields.differing import differing_fields
from tock.core.fields.git_ref import require_ref
from tock.core.ids.derived import shard_of
from tock.core.policies import SessionMode
from tock.core.schedule.validation import check_schedule, no_fire_time_left
from tock.core.time.stamp import Stamp
from tock.core.trigger.claim import Claim, claim
from tock.core.trigger.conversation import with_conversation
from tock.core.trigger.filled_input import missing_placeholders
from tock.core.trigger.plan import first_fire_time, plan
from tock.core.trigger.revision import Revision
from tock.core.trigger.trigger import Input, Pause, PauseReason, Trigger, TriggerSpec
from tock.core.unreadable import Unreadable
from tock.ports.executor import Ability
from tock.ports.store import Create

#: How often a creation tries again when its project was edited, or another trigger with its id was created and deleted.
MAX_TRIES = 5


async def create_trigger(
    services: Services, *, project: str, identifier: str | None, spec: TriggerSpec, by: str
) -> Trigger:
    """Create a trigger and the runs of its fire times within the look-ahead, and return the trigger.

    If a trigger with this id was deleted, the new one continues its revisions, generations, runs and time: no
    occurrence fires for both, and its first run meets the last ones of the deleted one by its overlap policy. If
    another trigger with this id is created or deleted meanwhile, it takes the next revision first, and this Commit
    conflicts.

    Raises NotFound (project), BeingDeleted, FailedPrecondition (agent), InvalidArgument (schedule, input),
    AlreadyExists, StoreUnavailable.
    """
    owner = await owner_of(services, project)
    require_ref(spec.input.ref, field="input.ref")
    require_values(spec.input)
    await require_agent(services, spec, project=project)
    check_schedule(spec.schedule, shortest_interval=services.timing.shortest_interval)
    token = services.random.token()
    name = identifier or f"t-{token[:12]}"
    stamp = Stamp(at=services.clock.now(), by=by)
    for _ in range(MAX_TRIES):
        former = await services.store.revisions(project, name, since=stamp.at)
        last_run = former[-1].last_run if former and isinstance(former[-1], Revision) else None
        made, revision = created_trigger(
            services, spec, project=project, name=name, stamp=stamp, former=former, last_run=last_run, token=token
        )
        writes = [Create(value=made.trigger), Create(value=revision), *(Create(value=run) for run in made.runs)]
        try:
            await services.store.commit([*writes, unchanged(owner)])
        except (CommitConflict, StoreUnavailable) as exc:
            existing = await as_stored(services.store.trigger(project, name))
            if isinstance(existing, Unreadable):
                raise AlreadyExists("trigger", name) from exc
            if existing is not None and (existing.value.created != stamp or not _has_spec(existing.value, spec)):
                raise AlreadyExists("trigger", name) from exc
            if existing is None and revision not in await services.store.revisions(project, name, since=stamp.at):
                if isinstance(exc, StoreUnavailable):
                    raise StoreUnavailable(f"The trigger {name!r} could not be created: try again.") from exc
                owner = await owner_of(services, project)
                continue
        log_event("trigger_created", project=project, trigger=name, by=by)
        await enqueue(services, made.queued)
        return made.trigger
    raise StoreUnavailable(f"The trigger {name!r} keeps being created and deleted: try again.")


def created_trigger(
    services: Services,
    spec: TriggerSpec,
    *,
    project: str,
    name: str,
    stamp: Stamp,
    former: Sequence[Revision | Unreadable],
    last_run: str | None,
    token: str,
) -> tuple[Claim, Revision]:
    """Return a new trigger with its claimed runs, and its revision, which continues the former ones of its id.

    `last_run` is the newest run under this id, after which the new ones start.
    """
    now = max([stamp.at, *(each.valid_from for each in former if isinstance(each, Revision))])
    number, generation = last_numbers(former)
    trigger = Trigger(
        **dict(spec),
        project=project,
        id=name,
        shard=shard_of(f"{project}/{name}", shards=services.timing.shards),
        revision=number + 1,
        generation=generation + 1,
        last_run=last_run,
        created=stamp,
        updated=stamp,
    )
    trigger = with_conversation(rescheduled(trigger, now=now, by=stamp.by))
    decided = plan(trigger, now=now, look_ahead=services.timing.look_ahead)
    made = claim(trigger, decided, now=now, claimed_by=f"create-{token}", timing=services.timing)
    return made, Revision.of(trigger, valid_from=now)


def last_numbers(former: Sequence[Revision | Unreadable]) -> tuple[int, int]:
    """Return the number and the generation of the newest of these revisions, or zeros if there is none."""
    match former[-1:]:
        case [Revision() as newest]:
            return newest.number, newest.generation
        case [Unreadable() as newest]:
            # A generation never has a higher number than its first revision.
            return int(newest.id), int(newest.id)
        case _:
            return 0, 0


async def require_agent(services: Services, spec: TriggerSpec, *, project: str) -> None:
    """Raise FailedPrecondition unless the project has the agent, and it can do what the trigger asks of it.

    That is to continue conversations, and to work on a version or branch.
    """
    found = await services.store.agent(project, spec.agent)
    if found is None:
        remedy = f"there is no agent {spec.agent!r} in this project: create it first"
        raise FailedPrecondition(field="agent", value=spec.agent, remedy=remedy)
    require_version(services, found.value, ref=spec.input.ref)
    if spec.session is SessionMode.CONTINUE:
        _require_conversations(services, found.value)


def _require_conversations(services: Services, agent: Agent) -> None:
    if not is_able(services, agent, Ability.RESUME):
        able = ", ".join(kinds_with(services, Ability.RESUME)) or "none in this deployment"
        remedy = (
            f"the agent {agent.id!r} is of kind {agent.kind!r}, which has no conversations: use 'new', or an agent of "
            f"a kind that has them: {able}"
        )
        raise FailedPrecondition(field="session", value=SessionMode.CONTINUE.value, remedy=remedy)


def require_values(given: Input) -> None:
    """Raise InvalidArgument if the message has a placeholder without a value: scheduled runs get no other payload."""
    if missing := missing_placeholders(given):
        name = f"{{{{{missing[0]}}}}}"
        remedy = f"input.payload has no value for {name}: add it to the payload, or correct the placeholder"
        raise InvalidArgument(field="input.message", value=given.message, remedy=remedy)


def _has_spec(trigger: Trigger, spec: TriggerSpec) -> bool:
    """Return whether the trigger has this specification; `enabled` may differ, since a tick disables when exhausted."""
    fields = TriggerSpec.model_fields.keys() - {"enabled"}
    return not differing_fields(trigger, spec, fields=fields)


def rescheduled(trigger: Trigger, *, now: datetime, by: str, after: datetime | None = None) -> Trigger:
    """Return the trigger with its first fire time after `now` as `next_run_at`, and without claimed runs.

    A disabled trigger gets None, so that a pause leaves no old fire time. With `after`, the first fire time after that
    instant is taken instead. Raises InvalidArgument when an enabled trigger has no fire time left.
    """
    if not trigger.enabled:
        pause = trigger.paused or Pause(reason=PauseReason.DISABLED, at=now, by=by)
        return trigger.model_copy(update={"next_run_at": None, "paused": pause, "claimed": ()})
    following = first_fire_time(trigger, after=after or now)
    if following is None:
        raise no_fire_time_left(trigger.schedule, now=now)
    return trigger.model_copy(update={"next_run_at": following, "paused": None, "claimed": ()})
