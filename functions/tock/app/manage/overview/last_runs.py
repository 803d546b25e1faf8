"""Find when triggers last ran, and how that ended."""

from collections.abc import Iterable, Mapping

import anyio

from tock.app.services import Services
from tock.core.run.last_run import LastRun

#: How many triggers are looked up at once.
LOOK_UPS_AT_ONCE = 16


async def last_runs(services: Services, *, project: str, triggers: Iterable[str]) -> Mapping[str, LastRun]:
    """Return the last run of each of these triggers that has run; one query each. Raises StoreUnavailable."""
    found: dict[str, LastRun] = {}
    limiter = anyio.CapacityLimiter(LOOK_UPS_AT_ONCE)

    async def look_up(trigger: str) -> None:
        async with limiter:
            last = await services.store.last_run(project, trigger)
        if last is not None:
            found[trigger] = last

    async with anyio.create_task_group() as tasks:
        for trigger in triggers:
            tasks.start_soon(look_up, trigger)
    return found
