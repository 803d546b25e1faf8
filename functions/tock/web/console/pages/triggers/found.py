"""The trigger that an address names: as it is, as one that cannot be read, or as one that was deleted."""

from dataclasses import dataclass

from starlette.responses import Response

from tock.app.as_stored import as_stored
from tock.core.errors import NotFound
from tock.core.trigger.revision import Revision
from tock.core.trigger.trigger import Trigger
from tock.core.unreadable import Unreadable
from tock.ports.store import Versioned
from tock.web.console.visit import Visit


@dataclass(frozen=True, slots=True)
class Heading:
    """What a page of a trigger says of it above all else."""

    name: str | None
    #: Whether it can be read, so that there is something to edit.
    exists: bool
    #: Whether a run of it could start now.
    can_run: bool


async def heading_of(visit: Visit, trigger: Trigger | Unreadable | None) -> Heading:
    """Return the heading of a trigger, which says nothing but its id if it was deleted or cannot be read."""
    if not isinstance(trigger, Trigger):
        return Heading(None, exists=False, can_run=False)
    agent = await as_stored(visit.services.store.agent(visit.project, trigger.agent))
    can_run = agent is not None and not (isinstance(agent, Versioned) and not agent.value.enabled)
    return Heading(trigger.name, exists=True, can_run=can_run)


async def stored_trigger(visit: Visit) -> Trigger | Unreadable | None:
    """Return the trigger, or what is known of one that cannot be read; None if there is none."""
    found = await as_stored(visit.services.store.trigger(visit.project, visit.request.path_params["trigger"]))
    return found.value if isinstance(found, Versioned) else found


async def found_trigger(visit: Visit) -> Trigger:
    """Return the trigger. Raises NotFound, DocumentUnreadable."""
    identifier = visit.request.path_params["trigger"]
    found = await visit.services.store.trigger(visit.project, identifier)
    if found is None:
        raise NotFound("trigger", identifier)
    return found.value


async def deleted_page(visit: Visit) -> Response:
    """Say who deleted the trigger and when, and lead to what is kept of it. Raises NotFound if there never was one.

    A page that is open already shows that in the place of what it follows, so it is no error to it.
    """
    identifier = visit.request.path_params["trigger"]
    revisions = await visit.services.store.revisions(visit.project, identifier, since=visit.now)
    if not revisions:
        raise NotFound("trigger", identifier)
    newest = revisions[-1]
    deletion = newest if isinstance(newest, Revision) and newest.spec is None else None
    status = 200 if visit.is_partial else 404
    return visit.page("triggers/detail/deleted.html", status=status, trigger=identifier, deletion=deletion)
