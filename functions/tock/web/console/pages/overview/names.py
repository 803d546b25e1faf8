"""What people call the triggers and agents that a part of the overview shows."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import anyio

from tock.app.as_stored import as_stored
from tock.ports.store import Versioned
from tock.web.console.visit import Visit

_Read = Callable[[str, str], Awaitable[Versioned[Any] | None]]


@dataclass(frozen=True, slots=True)
class Names:
    """Names by id; what has no name, or cannot be read, is called by its id."""

    triggers: dict[str, str]
    agents: dict[str, str]


async def names_of(visit: Visit, *, triggers: Iterable[str] = (), agents: Iterable[str] = ()) -> Names:
    """Return the names of these triggers and agents. Price: a read for each. Raises StoreUnavailable."""
    store = visit.services.store
    found = Names({}, {})

    async def look_up(names: dict[str, str], identifier: str, *, read: _Read) -> None:
        stored = await as_stored(read(visit.project, identifier))
        name = stored.value.name if isinstance(stored, Versioned) else None
        names[identifier] = name or identifier

    async with anyio.create_task_group() as tasks:
        for each in set(triggers):
            tasks.start_soon(partial(look_up, found.triggers, each, read=store.trigger))
        for each in set(agents):
            tasks.start_soon(partial(look_up, found.agents, each, read=store.agent))
    return found
