"""The agents of a project, newest first."""

from starlette.responses import Response

from tock.app.manage.overview.agent_activity import agent_activity
from tock.core.agent.agent import MANAGED_BY, Agent
from tock.web.console.pages.agents.abilities import abilities_of, in_short
from tock.web.console.routing import get
from tock.web.console.visit import Visit
from tock.web.requests import parse
from tock.web.resources.page import Paging, UnreadableShape

#: Each agent of a page costs two queries, so a page is shorter than the API's.
_PAGE_SIZE = "20"


async def list_agents(visit: Visit) -> Response:
    """Show the agents."""
    asked = dict(visit.request.query_params)
    paging = parse(Paging, {"page_size": _PAGE_SIZE} | asked)
    page = await visit.services.store.agents(visit.project, limit=paging.page_size, token=paging.token)
    activity = await agent_activity(visit.services, project=visit.project, agents=[agent.id for agent in page.items])
    return visit.page(
        "agents/list.html",
        agents=[(agent, activity[agent.id], _abilities(visit, agent)) for agent in page.items],
        unreadable=UnreadableShape.of_all(page.unreadable),
        first_page=paging.token is None,
        next_path=page.next_token and visit.path("agents", **asked | {"page_token": page.next_token}),
        managed_by=MANAGED_BY,
    )


def _abilities(visit: Visit, agent: Agent) -> str | None:
    """Return what the agent can do, or None if this deployment has no agents of its kind."""
    found = abilities_of(visit.services, agent)
    return None if found is None else in_short(found)


ROUTES = (get("/projects/{project}/agents", list_agents),)
