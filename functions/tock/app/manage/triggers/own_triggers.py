"""Triggers that an agent makes for itself: it may create them, up to a number, and delete them again."""

from tock.app.as_stored import as_stored
from tock.app.log import log_event
from tock.app.manage.triggers.create_trigger import create_trigger
from tock.app.manage.triggers.replace_trigger import remove_trigger
from tock.app.services import Services
from tock.core.errors import FailedPrecondition, InvalidArgument, NotFound
from tock.core.run.run import Run
from tock.core.trigger.trigger import Trigger, TriggerSpec
from tock.core.unreadable import Unreadable

#: How many of the triggers that an agent created may be enabled; of two creations at once, both may be the last one.
MOST_ENABLED = 20
#: How many triggers are read at once.
_PAGE = 100


async def create_own_trigger(services: Services, run: Run, *, identifier: str | None, spec: TriggerSpec) -> Trigger:
    """Create a trigger of the run's agent, as `agent:ID`, and return it.

    Raises InvalidArgument (another agent, and as `create_trigger` does), FailedPrecondition (the agent has its most
    triggers), AlreadyExists, StoreUnavailable.
    """
    if spec.agent != run.agent:
        remedy = f"a run's token creates triggers of the run's own agent only: write {run.agent!r}"
        raise InvalidArgument(field="agent", value=spec.agent, remedy=remedy)
    if await _enabled(services, run) >= MOST_ENABLED:
        remedy = (
            f"the agent has {MOST_ENABLED} enabled triggers of its own making, which is the most: delete one, or let a "
            "person create this one"
        )
        raise FailedPrecondition(field="agent", value=run.agent, remedy=remedy)
    trigger = await create_trigger(
        services, project=run.project, identifier=identifier, spec=spec, by=author_of(run.agent)
    )
    log_event("own_trigger_created", project=run.project, trigger=trigger.id, agent=run.agent, run=run.id)
    return trigger


async def delete_own_trigger(services: Services, run: Run, *, trigger: str) -> None:
    """Delete a trigger that the run's agent created, and cancel its runs that have not started.

    Raises NotFound, also for a trigger that somebody else created, and StoreUnavailable.
    """
    found = await as_stored(services.store.trigger(run.project, trigger))
    if found is None:
        raise NotFound("trigger", trigger)
    created = found.created if isinstance(found, Unreadable) else found.value.created
    if created is None or created.by != author_of(run.agent):
        raise NotFound("trigger", trigger)
    revision = found.etag if isinstance(found, Unreadable) else found.value.revision
    await remove_trigger(services, project=run.project, trigger=trigger, by=author_of(run.agent), revision=revision)


def author_of(agent: str) -> str:
    """Return the name that records carry of what an agent did by itself."""
    return f"agent:{agent}"


async def _enabled(services: Services, run: Run) -> int:
    """Return how many of the triggers that the run's agent created are enabled."""
    count, token, now = 0, None, services.clock.now()
    while True:
        page = await services.store.triggers(run.project, agent=run.agent, limit=_PAGE, token=token)
        own = [each for each in page.items if each.created.by == author_of(run.agent)]
        count += sum(each.until_last_fire_time(now).enabled for each in own)
        token = page.next_token
        if token is None or count >= MOST_ENABLED:
            return count
