"""What the deployment holds before the requests come: names that requests can use, and runs in several states."""

from datetime import timedelta
from enum import StrEnum
from itertools import chain

from tock.app.execution.cancel import cancel
from tock.app.execution.execute import Delivery, execute
from tock.app.manage.agents import create_agent
from tock.app.manage.projects.api_keys import issue_key
from tock.app.manage.projects.projects import create_project
from tock.app.manage.triggers.create_trigger import create_trigger
from tock.app.services import Services
from tock.app.start.run_now import RunOptions, run_trigger
from tock.core.agent.agent import AgentSpec
from tock.core.health.scheduler_state import SchedulerState
from tock.core.project import ProjectSpec
from tock.core.schedule.schedule import CronSchedule
from tock.core.trigger.trigger import TriggerSpec

PROJECT = "acme"
AGENT_MODULE = "web.sample_agents"
CALLABLES = (f"{AGENT_MODULE}:digest", f"{AGENT_MODULE}:broken")
SECRETS = {f"{PROJECT}/CRM": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", f"{PROJECT}/LOGIN": "user:password"}


class Use(StrEnum):
    """What requests do with a resource."""

    #: Other requests rely on it, so nothing changes it.
    KEPT = "kept"
    #: It is changed, and stays.
    CHANGED = "changed"
    #: It is replaced as a whole, and stays.
    REPLACED = "replaced"
    #: It is deleted, after which the same requests find nothing.
    DELETED = "deleted"


def _by_use(*ids: list[str]) -> dict[Use, list[str]]:
    return dict(zip(Use, ids, strict=True))


#: The ids of what there is, by the name of the path parameter.
IDS = {
    "project": _by_use(["acme"], ["changed"], ["replaced"], ["deleted"]),
    "agent": _by_use(["digest", "second"], ["third"], ["fourth"], ["fifth"]),
    "trigger": _by_use(["morning", "evening"], ["noon"], ["dusk"], ["night"]),
}
#: Runs of the project in several states, and its API keys; `fill` finds out their ids.
RUNS: list[str] = []
KEYS: list[str] = []
_BY = "conformance"


async def fill(services: Services) -> None:
    """Create projects, agents, triggers, a key and runs: settled, cancelled and queued ones."""
    for (project,) in IDS["project"].values():
        await create_project(services, identifier=project, spec=ProjectSpec(), by=_BY)
    for name in chain(*IDS["agent"].values()):
        agent = AgentSpec(kind="python", config={"callable": CALLABLES[0]})
        await create_agent(services, project=PROJECT, identifier=name, spec=agent, by=_BY)
    schedule = CronSchedule(cron="0 9 * * 1-5", time_zone="Europe/Berlin")
    for name in chain(*IDS["trigger"].values()):
        trigger = TriggerSpec(agent="digest", schedule=schedule)
        await create_trigger(services, project=PROJECT, identifier=name, spec=trigger, by=_BY)
    KEYS.append((await issue_key(services, project=PROJECT, name="", by=_BY)).key.id)
    for number in range(6):
        options = RunOptions(subject=f"run-{number}")
        launched = await run_trigger(services, project=PROJECT, trigger="morning", options=options, key=None, by=_BY)
        RUNS.append(launched.run.id)
    for run in RUNS[:2]:
        await execute(services, Delivery(project=PROJECT, run=run, attempt=1, dispatch=1))
    await cancel(services, project=PROJECT, run=RUNS[2], reason="not needed", by=_BY)
    # The health route says whether a tick succeeded lately; here one always did.
    soon = services.clock.now() + timedelta(hours=1)
    await services.store.record_tick(SchedulerState(last_tick=soon, last_success=soon))
