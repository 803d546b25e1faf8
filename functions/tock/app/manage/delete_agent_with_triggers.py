"""Delete an agent and the triggers that name it; each step can be repeated."""

import anyio

from tock.app.as_stored import as_stored
from tock.app.manage.agents import delete_agent
from tock.app.manage.stored import Expected, require_revision
from tock.app.manage.triggers.replace_trigger import remove_trigger
from tock.app.services import Services
from tock.core.errors import NotFound, RevisionMismatch, TockError
from tock.core.trigger.cancel_choice import CancelChoice
from tock.core.trigger.trigger import Trigger
from tock.core.unreadable import Unreadable

#: How many triggers one query reads, and how many are deleted at once.
PAGE, AT_ONCE = 100, 8


async def delete_agent_with_triggers(
    services: Services,
    *,
    project: str,
    agent: str,
    by: str,
    revision: Expected | None = None,
    cancel: CancelChoice = CancelChoice.PENDING,
) -> None:
    """Delete the agent's triggers as `remove_trigger` does, with their runs by the choice `cancel`, then the agent.

    A trigger that somebody edits meanwhile is looked at again, since it may have another agent now. If this fails
    half-way, the agent and some triggers are left, and a second call goes on. Raises NotFound, RevisionMismatch, InUse
    (a trigger was created meanwhile), StoreUnavailable.
    """
    found = await as_stored(services.store.agent(project, agent))
    if found is None:
        raise NotFound("agent", agent)
    require_revision("agent", found, expected=revision)
    room = anyio.CapacityLimiter(AT_ONCE)
    problems: list[TockError] = []

    async def remove(trigger: Trigger | Unreadable) -> None:
        listed: Expected = trigger.etag if isinstance(trigger, Unreadable) else trigger.revision
        async with room:
            try:
                await remove_trigger(
                    services, project=project, trigger=trigger.id, by=by, revision=listed, cancel=cancel
                )
            except (NotFound, RevisionMismatch):
                # Somebody else deleted or edited it meanwhile; the next page has it if it still names the agent.
                return
            except TockError as exc:
                problems.append(exc)

    while (page := await services.store.triggers(project, agent=agent, limit=PAGE, token=None)).found:
        async with anyio.create_task_group() as tasks:
            for trigger in page.found:
                tasks.start_soon(remove, trigger)
        if problems:
            raise problems[0]
    await delete_agent(services, project=project, agent=agent, by=by, revision=revision)
