"""Delete a trigger, once the person has read what ends with it and chosen what becomes of its unfinished runs."""

from starlette.responses import Response

from tock.app.manage.triggers.replace_trigger import remove_trigger
from tock.core.agent import MANAGED_BY
from tock.core.errors import InvalidArgument
from tock.core.run.status import RunStatus
from tock.core.trigger.cancel_choice import CancelChoice
from tock.core.trigger.trigger import Trigger
from tock.ports.store import RunFilter
from tock.web.console.pages.triggers.found import deleted_page, stored_trigger
from tock.web.console.routing import get, post
from tock.web.console.visit import Visit

_UNFINISHED = frozenset(status for status in RunStatus if not status.terminal)
#: How many unfinished runs are counted.
_MOST_COUNTED = 20
#: What a choice does, in the order in which they are offered.
_CHOICES = (
    (CancelChoice.PENDING, "Cancel those that are held, about to start, or waiting for a retry; let the others end"),
    (CancelChoice.ALL, "Cancel all of them, also those at work or waiting for an answer"),
    (CancelChoice.NONE, "Cancel none: they go on as if the trigger were still there"),
)


async def ask(visit: Visit) -> Response:
    """Say what ends with the trigger, and ask."""
    trigger = await stored_trigger(visit)
    if trigger is None:
        return await deleted_page(visit)
    matching = RunFilter(trigger=trigger.id, statuses=_UNFINISHED)
    unfinished = await visit.services.store.runs(visit.project, matching=matching, limit=_MOST_COUNTED, token=None)
    return visit.page(
        "triggers/delete.html",
        trigger=trigger.id,
        owner=trigger.labels.get(MANAGED_BY) if isinstance(trigger, Trigger) else None,
        unfinished=len(unfinished.found),
        more_unfinished=unfinished.next_token is not None,
        choices=_CHOICES,
    )


async def delete(visit: Visit) -> Response:
    """Delete the trigger."""
    trigger, given = visit.request.path_params["trigger"], visit.form.text("cancel", CancelChoice.PENDING)
    if given not in set(CancelChoice):
        raise InvalidArgument(field="cancel", value=given, remedy="takes pending, all or none")
    await remove_trigger(
        visit.services, project=visit.project, trigger=trigger, by=visit.known.author, cancel=CancelChoice(given)
    )
    return visit.go_on(visit.path("triggers"), notice=f"The trigger {trigger} is deleted.")


ROUTES = (
    get("/projects/{project}/triggers/{trigger}/delete", ask),
    post("/projects/{project}/triggers/{trigger}/delete", delete),
)
