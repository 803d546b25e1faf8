"""The switch that enables and disables a trigger, and the question which of its unfinished runs end with that."""

from starlette.responses import Response

from tock.app.manage.triggers.edit_trigger import edit_trigger
from tock.core.trigger.cancel_choice import CancelChoice
from tock.web.console.forms.written import cancel_choice
from tock.web.console.pages.triggers.actions.unfinished import CHOICES, unfinished_runs
from tock.web.console.pages.triggers.found import found_trigger
from tock.web.console.routing import get, post
from tock.web.console.visit import Visit


async def enable(visit: Visit) -> Response:
    """Enable the trigger."""
    return await _switch(visit, enabled=True, cancel=CancelChoice.PENDING)


async def disable(visit: Visit) -> Response:
    """Disable the trigger; without a choice, those of its runs that have not started end with it."""
    return await _switch(visit, enabled=False, cancel=cancel_choice(visit.form))


async def ask(visit: Visit) -> Response:
    """Say what ends when the trigger is disabled, and ask."""
    trigger = await found_trigger(visit)
    unfinished = await unfinished_runs(visit, trigger=trigger.id)
    return visit.page("triggers/actions/disable.html", trigger=trigger.id, unfinished=unfinished, choices=CHOICES)


async def _switch(visit: Visit, *, enabled: bool, cancel: CancelChoice) -> Response:
    trigger = visit.request.path_params["trigger"]
    await edit_trigger(
        visit.services,
        project=visit.project,
        trigger=trigger,
        changes={"enabled": enabled},
        by=visit.known.author,
        cancel=cancel,
    )
    if visit.is_partial:
        return Response(status_code=204)
    word = "enabled" if enabled else "disabled"
    came_from = () if "in_list" in visit.form else (trigger,)
    return visit.go_on(visit.path("triggers", *came_from), notice=f"The trigger {trigger} is {word}.")


ROUTES = (
    post("/projects/{project}/triggers/{trigger}/enable", enable),
    get("/projects/{project}/triggers/{trigger}/disable", ask),
    post("/projects/{project}/triggers/{trigger}/disable", disable),
)
