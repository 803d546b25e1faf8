"""Routes of agents."""

from typing import Annotated, Self

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from tock.app.manage.agents import create_agent, delete_agent, edit_agent, replace_agent
from tock.app.manage.delete_agent_with_triggers import delete_agent_with_triggers
from tock.app.start.run_now import run_agent
from tock.core.agent.agent import Agent, AgentSpec
from tock.core.errors import NotFound
from tock.core.trigger.cancel_choice import CancelChoice
from tock.web.api.launched import REPEATED, answer_launched
from tock.web.api.merge_patch import Changes, apply_patch, patch_body
from tock.web.api.routing import PROJECT, Caller, Key, PageQuery, Revision, UseServices, api_router, mark_revision
from tock.web.api.triggers.triggers import CANCEL
from tock.web.resources.agent import AgentPage, AgentResource, NewAgent
from tock.web.resources.page import UnreadableShape
from tock.web.resources.runs.run import RunResource
from tock.web.resources.runs.run_request import RunRequest

router = api_router(tag="agents")
_AGENT = f"{PROJECT}/agents/{{agent:segment}}"


class DeleteQuery(BaseModel):
    """Whether the agent's triggers are deleted too, and which of their runs end then."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    with_triggers: bool = Field(default=False, description="Whether to delete the triggers that name the agent, too.")
    cancel: CancelChoice | None = Field(
        default=None, description=f"Only with with_triggers, by default pending. {CANCEL}"
    )

    @model_validator(mode="after")
    def _only_triggers_have_runs_to_cancel(self) -> Self:
        if self.cancel is not None and not self.with_triggers:
            raise ValueError(
                "cancel: is about the runs of the agent's triggers: add with_triggers=true, or leave it out"
            )
        return self


@router.post(f"{PROJECT}/agents", status_code=201)
async def create(
    *, project: str, body: NewAgent, response: Response, caller: Caller, services: UseServices
) -> AgentResource:
    """Create an agent."""
    agent = await create_agent(services, project=project, identifier=body.id, spec=body.spec, by=caller.author)
    response.headers["Location"] = f"/v1/projects/{project}/agents/{agent.id}"
    return _with_etag(agent, response)


@router.get(f"{PROJECT}/agents")
async def list_agents(*, project: str, paging: PageQuery, services: UseServices) -> AgentPage:
    """List the project's agents, newest first."""
    page = await services.store.agents(project, limit=paging.page_size, token=paging.token)
    return AgentPage(
        agents=tuple(AgentResource.of(agent) for agent in page.items),
        unreadable=UnreadableShape.of_all(page.unreadable),
        next_page_token=page.next_token,
    )


@router.get(_AGENT)
async def read(*, project: str, agent: str, response: Response, services: UseServices) -> AgentResource:
    """Return an agent, with its revision as ETag."""
    found = await services.store.agent(project, agent)
    if found is None:
        raise NotFound("agent", agent)
    return _with_etag(found.value, response)


@router.patch(_AGENT, openapi_extra=patch_body(AgentSpec))
async def patch(
    *,
    project: str,
    agent: str,
    changes: Changes,
    response: Response,
    caller: Caller,
    services: UseServices,
    revision: Revision,
) -> AgentResource:
    """Change fields of an agent; null clears its name. config merges member by member, unless the kind changes."""
    edited = await apply_patch(
        changes,
        spec=AgentSpec,
        named=("agent", agent),
        revision=revision,
        read=lambda: services.store.agent(project, agent),
        edit=lambda changes, revision: edit_agent(
            services, project=project, agent=agent, changes=changes, by=caller.author, revision=revision
        ),
        replace=lambda spec: replace_agent(
            services, project=project, agent=agent, spec=spec, by=caller.author, revision=revision
        ),
    )
    return _with_etag(edited, response)


@router.put(_AGENT)
async def put(
    *,
    project: str,
    agent: str,
    body: AgentSpec,
    response: Response,
    caller: Caller,
    services: UseServices,
    revision: Revision,
) -> AgentResource:
    """Replace an agent as a whole, also one that cannot be read; absent fields get their defaults."""
    replaced = await replace_agent(
        services, project=project, agent=agent, spec=body, by=caller.author, revision=revision
    )
    return _with_etag(replaced, response)


@router.delete(_AGENT, status_code=204)
async def delete(
    *,
    project: str,
    agent: str,
    query: Annotated[DeleteQuery, Query()],
    caller: Caller,
    services: UseServices,
    revision: Revision,
) -> None:
    """Delete an agent that no trigger uses, or with its triggers if the query asks for that.

    Its triggers are then deleted one by one; a request that failed half-way can be repeated.
    """
    if not query.with_triggers:
        return await delete_agent(services, project=project, agent=agent, by=caller.author, revision=revision)
    return await delete_agent_with_triggers(
        services,
        project=project,
        agent=agent,
        by=caller.author,
        revision=revision,
        cancel=query.cancel or CancelChoice.PENDING,
    )


@router.post(f"{_AGENT}:run", status_code=202, responses=REPEATED)
async def run(
    *,
    project: str,
    agent: str,
    response: Response,
    caller: Caller,
    services: UseServices,
    key: Key,
    body: RunRequest | None = None,
) -> RunResource:
    """Run an agent now."""
    options = (body or RunRequest()).options
    launched = await run_agent(services, project=project, agent=agent, options=options, key=key, by=caller.author)
    return answer_launched(launched, response)


def _with_etag(agent: Agent, response: Response) -> AgentResource:
    mark_revision(response, agent.revision)
    return AgentResource.of(agent)
