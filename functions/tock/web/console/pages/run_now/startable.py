"""What can be run now: an agent, or a trigger with its own input."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from tock.app.as_stored import as_stored
from tock.app.start.launch import Launched
from tock.app.start.run_now import run_agent, run_trigger
from tock.core.agent.agent import Agent
from tock.core.ids.derived import lock_id
from tock.core.trigger.trigger import Input
from tock.ports.store import Versioned
from tock.web.console.pages.agents.agent import found_agent
from tock.web.console.pages.triggers.found import found_trigger
from tock.web.console.visit import Visit


@dataclass(frozen=True, slots=True)
class Startable:
    """An agent or a trigger, as the dialog needs it."""

    #: Its room in the addresses: `agents` or `triggers`.
    room: str
    id: str
    name: str
    #: What the dialog holds at first; only what differs from it is sent.
    input: Input
    #: The agent that runs; None if it cannot be read, which the start then says.
    agent: Agent | None
    #: Starts the run of `options=` and `key=`.
    start: Callable[..., Awaitable[Launched]]
    #: The lock of a run that names no subject; None if such runs may be active beside each other.
    lock: str | None = None


async def startable_agent(visit: Visit) -> Startable:
    """Return the agent of the path. Raises NotFound, DocumentUnreadable."""
    agent = await found_agent(visit)
    start = partial(run_agent, visit.services, agent=agent.id, **_caller(visit))
    return Startable("agents", agent.id, agent.id, input=Input(), agent=agent, start=start)


async def startable_trigger(visit: Visit) -> Startable:
    """Return the trigger of the path. Raises NotFound, DocumentUnreadable."""
    trigger = await found_trigger(visit)
    agent = await as_stored(visit.services.store.agent(visit.project, trigger.agent))
    return Startable(
        "triggers",
        trigger.id,
        trigger.name or trigger.id,
        input=trigger.input,
        agent=agent.value if isinstance(agent, Versioned) else None,
        start=partial(run_trigger, visit.services, trigger=trigger.id, **_caller(visit)),
        lock=lock_id(subject=f"trigger:{trigger.id}"),
    )


def _caller(visit: Visit) -> dict[str, Any]:
    return {"project": visit.project, "by": visit.known.author}
