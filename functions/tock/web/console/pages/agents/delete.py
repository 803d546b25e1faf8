"""Delete an agent, once the person has read what depends on it."""

from starlette.responses import Response

from tock.app.as_stored import as_stored
from tock.app.manage.agents import delete_agent
from tock.app.manage.delete_agent_with_triggers import delete_agent_with_triggers
from tock.core.errors import NotFound
from tock.core.unreadable import Unreadable
from tock.web.console.forms.written import cancel_choice, expected_revision
from tock.web.console.pages.triggers.actions.unfinished import unfinished_runs
from tock.web.console.refused import NOTHING_REFUSED, REFUSALS, Refused
from tock.web.console.routing import get, post
from tock.web.console.visit import Visit

#: How many triggers the page names.
_NAMED = 20


async def show_delete(visit: Visit) -> Response:
    """Say what depends on the agent, and ask."""
    return await _page(visit)


async def delete(visit: Visit) -> Response:
    """Delete the agent, with its triggers if the person chose that."""
    agent, form = visit.request.path_params["agent"], visit.form
    try:
        if "with_triggers" in form:
            await delete_agent_with_triggers(
                visit.services,
                project=visit.project,
                agent=agent,
                by=visit.known.author,
                revision=expected_revision(form),
                cancel=cancel_choice(form),
            )
        else:
            await delete_agent(
                visit.services,
                project=visit.project,
                agent=agent,
                by=visit.known.author,
                revision=expected_revision(form),
            )
    except REFUSALS as exc:
        return await _page(visit, refused=Refused.of(exc, visit, fields=()))
    return visit.go_on(visit.path("agents"), notice=f"The agent {agent} is deleted.")


async def _page(visit: Visit, *, refused: Refused = NOTHING_REFUSED) -> Response:
    identifier = visit.request.path_params["agent"]
    found = await as_stored(visit.services.store.agent(visit.project, identifier))
    if found is None:
        raise NotFound("agent", identifier)
    triggers = await visit.services.store.triggers(visit.project, agent=identifier, limit=_NAMED, token=None)
    return visit.page(
        "agents/delete.html",
        status=refused.status,
        agent=identifier,
        revision=found.etag if isinstance(found, Unreadable) else found.value.revision,
        triggers=[trigger.id for trigger in triggers.found],
        unfinished=await unfinished_runs(visit, agent=identifier) if triggers.found else None,
        more_triggers=triggers.next_token is not None,
        refused=refused,
    )


ROUTES = (
    get("/projects/{project}/agents/{agent}/delete", show_delete),
    post("/projects/{project}/agents/{agent}/delete", delete),
)
