"""Create and edit an agent, and check what somebody writes while they write it."""

from collections.abc import Mapping

from starlette.responses import Response

from tock.app.manage.agents import create_agent, edit_agent, require_runnable
from tock.core.agent.agent import Agent
from tock.core.errors import RevisionMismatch
from tock.web.console.forms.written import expected_revision
from tock.web.console.pages.agents.agent import found_agent
from tock.web.console.pages.agents.agent_form import FIELDS, texts_of, typed_texts, written_agent
from tock.web.console.refused import NOTHING_REFUSED, REFUSALS, Refused
from tock.web.console.routing import get, post
from tock.web.console.visit import Visit

_NEW: Mapping[str, str] = dict.fromkeys(FIELDS, "") | {"enabled": "on", "kind": "python", "config": "{}"}


async def show_new(visit: Visit) -> Response:
    """Show the form of a new agent."""
    return _form(visit, texts=_NEW)


async def create(visit: Visit) -> Response:
    """Create an agent."""
    try:
        written = written_agent(visit.form)
        agent = await create_agent(
            visit.services, project=visit.project, identifier=written.id, spec=written.spec, by=visit.known.author
        )
    except REFUSALS as exc:
        return _form(visit, texts=typed_texts(visit.form), refused=Refused.of(exc, visit, fields=FIELDS))
    return visit.go_on(visit.path("agents", agent.id), notice=f"The agent {agent.id} is created.")


async def show_edit(visit: Visit) -> Response:
    """Show the form of an agent."""
    agent = await found_agent(visit)
    return _form(visit, texts=texts_of(agent), agent=agent)


async def edit(visit: Visit) -> Response:
    """Change an agent, unless somebody else did since its form was shown."""
    agent = await found_agent(visit)
    try:
        changes = dict(written_agent(visit.form).spec)
        await edit_agent(
            visit.services,
            project=visit.project,
            agent=agent.id,
            changes=changes,
            by=visit.known.author,
            revision=expected_revision(visit.form),
        )
    except RevisionMismatch as exc:
        refused = Refused.of(exc, visit, fields=FIELDS)
        return _form(visit, texts=typed_texts(visit.form), agent=agent, refused=refused, changed=True)
    except REFUSALS as exc:
        refused = Refused.of(exc, visit, fields=FIELDS)
        return _form(visit, texts=typed_texts(visit.form), agent=agent, refused=refused)
    return visit.go_on(visit.path("agents", agent.id), notice=f"The agent {agent.id} is saved.")


async def check(visit: Visit) -> Response:
    """Say what the server would refuse of the form as it is; nothing is changed."""
    try:
        require_runnable(visit.services, written_agent(visit.form).spec, project=visit.project)
    except REFUSALS as exc:
        return Refused.foreseen(exc, visit, fields=FIELDS).as_json()
    return NOTHING_REFUSED.as_json()


def _form(
    visit: Visit,
    *,
    texts: Mapping[str, str],
    agent: Agent | None = None,
    refused: Refused = NOTHING_REFUSED,
    changed: bool = False,
) -> Response:
    executors = visit.services.executors
    return visit.page(
        "agents/edit.html",
        status=refused.status,
        agent=agent,
        texts=texts,
        refused=refused,
        changed=changed,
        kinds={kind: executors[kind].config_schema for kind in sorted(executors)},
    )


ROUTES = (
    get("/projects/{project}/agents/new", show_new),
    post("/projects/{project}/agents/new", create),
    post("/projects/{project}/agents/new/check", check),
    get("/projects/{project}/agents/{agent}/edit", show_edit),
    post("/projects/{project}/agents/{agent}/edit", edit),
)
