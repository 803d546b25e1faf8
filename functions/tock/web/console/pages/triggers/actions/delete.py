"""Delete a trigger, once the person has read what ends with it and chosen what becomes of its unfinished runs."""

from starlette.responses import Response

from tock.app.manage.triggers.replace_trigger import remove_trigger
from tock.core.agent.agent import MANAGED_BY
from tock.core.trigger.trigger import Trigger
from tock.web.console.forms.written import cancel_choice
from tock.web.console.pages.triggers.actions.unfinished import CHOICES, unfinished_runs
from tock.web.console.pages.triggers.found import deleted_page, stored_trigger
from tock.web.console.routing import get, post
from tock.web.console.visit import Visit


async def ask(visit: Visit) -> Response:
    """Say what ends with the trigger, and ask."""
    trigger = await stored_trigger(visit)
    if trigger is None:
        return await deleted_page(visit)
    return visit.page(
        "triggers/actions/delete.html",
        trigger=trigger.id,
        owner=trigger.labels.get(MANAGED_BY) if isinstance(trigger, Trigger) else None,
        unfinished=await unfinished_runs(visit, trigger=trigger.id),
        choices=CHOICES,
    )


async def delete(visit: Visit) -> Response:
    """Delete the trigger."""
    trigger = visit.request.path_params["trigger"]
    await remove_trigger(
        visit.services, project=visit.project, trigger=trigger, by=visit.known.author, cancel=cancel_choice(visit.form)
    )
    return visit.go_on(visit.path("triggers"), notice=f"The trigger {trigger} is deleted.")


ROUTES = (
    get("/projects/{project}/triggers/{trigger}/delete", ask),
    post("/projects/{project}/triggers/{trigger}/delete", delete),
)
