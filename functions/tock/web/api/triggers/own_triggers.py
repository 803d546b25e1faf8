"""Routes of an agent's own triggers, which the token of one of its runs opens if its configuration says so."""

from fastapi import Response

from tock.app.abilities import is_able
from tock.app.manage.triggers import own_triggers
from tock.app.services import Services
from tock.core.errors import NotFound
from tock.core.run.run import Run
from tock.ports.executor import Ability
from tock.web.api.routing import RUN, PageQuery, RunTokenRoute, UseServices, api_router
from tock.web.api.triggers.triggers import answer_trigger, page_of_triggers
from tock.web.errors import Forbidden
from tock.web.resources.triggers.trigger import NewTrigger, TriggerPage, TriggerResource

router = api_router(tag="triggers", route=RunTokenRoute)
#: What the configuration of an agent must say for each ability.
_SETTINGS = {Ability.LIST_TRIGGERS: "'list' or 'manage'", Ability.MANAGE_TRIGGERS: "'manage'"}


@router.post(f"{RUN}/triggers", status_code=201)
async def create_own_trigger(
    *, project: str, run: str, body: NewTrigger, response: Response, services: UseServices
) -> TriggerResource:
    """Create a trigger of the agent whose run's token this is. A repeated request with the same id is refused (409)."""
    owner = await _run_that_may(services, Ability.MANAGE_TRIGGERS, project=project, run=run)
    trigger = await own_triggers.create_own_trigger(services, owner, identifier=body.id, spec=body.spec)
    response.headers["Location"] = f"/v1/projects/{project}/triggers/{trigger.id}"
    return await answer_trigger(trigger, response, services=services)


@router.get(f"{RUN}/triggers")
async def list_own_triggers(*, project: str, run: str, query: PageQuery, services: UseServices) -> TriggerPage:
    """List the triggers of the agent whose run's token this is, newest first, whoever created them."""
    owner = await _run_that_may(services, Ability.LIST_TRIGGERS, project=project, run=run)
    return await page_of_triggers(services, project=project, agent=owner.agent, paging=query)


@router.delete(f"{RUN}/triggers/{{trigger:segment}}", status_code=204)
async def delete_own_trigger(*, project: str, run: str, trigger: str, services: UseServices) -> None:
    """Delete a trigger that the agent has created itself, and cancel its runs that have not started."""
    owner = await _run_that_may(services, Ability.MANAGE_TRIGGERS, project=project, run=run)
    await own_triggers.delete_own_trigger(services, owner, trigger=trigger)


async def _run_that_may(services: Services, ability: Ability, *, project: str, run: str) -> Run:
    """Return the run whose token this is. Raises Forbidden unless its agent may do this."""
    found = await services.store.run(project, run)
    if found is None:
        raise NotFound("run", run)
    agent = await services.store.agent(project, found.value.agent)
    if agent is None:
        raise NotFound("agent", found.value.agent)
    if not is_able(services, agent.value, ability):
        raise Forbidden(
            f"The agent {agent.value.id!r} may not do this with its triggers: set own_triggers in its config to "
            f"{_SETTINGS[ability]}."
        )
    return found.value
