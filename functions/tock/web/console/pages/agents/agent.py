"""One agent: its settings, its triggers, its latest runs, what it cost; and the switch that enables it."""

from starlette.responses import Response

from tock.app.manage.agents import edit_agent
from tock.app.manage.overview.last_runs import last_runs
from tock.app.manage.overview.sum_usage import sum_usage
from tock.core.agent.agent import Agent
from tock.core.errors import InvalidArgument, NotFound
from tock.core.usage.sums import Grouping, UsageSum
from tock.ports.store import RunFilter
from tock.web.console.pages.agents.abilities import abilities_of, in_words
from tock.web.console.routing import get, post
from tock.web.console.visit import Visit
from tock.web.resources.page import UnreadableShape
from tock.web.resources.runs.run import RunResource
from tock.web.resources.triggers.trigger import TriggerResource

_TRIGGERS, _RUNS = 20, 10


async def show_agent(visit: Visit) -> Response:
    """Show an agent."""
    agent, store = await found_agent(visit), visit.services.store
    abilities = abilities_of(visit.services, agent)
    triggers = await store.triggers(visit.project, agent=agent.id, limit=_TRIGGERS, token=None)
    last = await last_runs(visit.services, project=visit.project, triggers=[each.id for each in triggers.items])
    runs = await store.runs(visit.project, matching=RunFilter(agent=agent.id), limit=_RUNS, token=None)
    return visit.page(
        "agents/agent.html",
        agent=agent,
        abilities=None if abilities is None else in_words(abilities),
        triggers=[TriggerResource.of(each, last_run=last.get(each.id), now=visit.now) for each in triggers.items],
        names={each.id: each.name or each.id for each in triggers.items},
        more_triggers=triggers.next_token is not None,
        runs=[RunResource.of(run) for run in runs.items],
        unreadable=UnreadableShape.of_all((*triggers.unreadable, *runs.unreadable)),
        usage=await _usage(visit, agent),
    )


async def enable(visit: Visit) -> Response:
    """Enable an agent."""
    return await _switch(visit, enabled=True)


async def disable(visit: Visit) -> Response:
    """Disable an agent: its runs end as failed until it is enabled again."""
    return await _switch(visit, enabled=False)


async def found_agent(visit: Visit) -> Agent:
    """Return the agent of the path. Raises NotFound, DocumentUnreadable."""
    identifier = visit.request.path_params["agent"]
    found = await visit.services.store.agent(visit.project, identifier)
    if found is None:
        raise NotFound("agent", identifier)
    return found.value


async def _usage(visit: Visit, agent: Agent) -> UsageSum | None:
    """Return what the agent's runs consumed in 30 days, or None if that is too much to add up for a page."""
    try:
        _, _, sums = await sum_usage(
            visit.services, project=visit.project, first=None, last=None, grouping=Grouping.AGENT
        )
    except InvalidArgument:
        return None
    return next((total for name, total in sums.groups if name == agent.id), UsageSum())


async def _switch(visit: Visit, *, enabled: bool) -> Response:
    agent = visit.request.path_params["agent"]
    await edit_agent(
        visit.services, project=visit.project, agent=agent, changes={"enabled": enabled}, by=visit.known.author
    )
    if visit.is_partial:
        return Response(status_code=204)
    place = ("agents",) if visit.form.text("place") == "list" else ("agents", agent)
    return visit.go_on(visit.path(*place), notice=f"The agent {agent} is {'enabled' if enabled else 'disabled'}.")


ROUTES = (
    get("/projects/{project}/agents/{agent}", show_agent),
    post("/projects/{project}/agents/{agent}/enable", enable),
    post("/projects/{project}/agents/{agent}/disable", disable),
)
