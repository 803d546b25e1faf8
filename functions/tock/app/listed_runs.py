"""A page of the list of runs, with how many runs the whole list has for who asks for it."""

import asyncio
from dataclasses import replace

from tock.app.services import Services
from tock.core.run.order import RunOrder
from tock.core.run.run import Run
from tock.ports.store import MOST_COUNTED, Page, RunFilter, Total


async def listed_runs(
    services: Services,
    *,
    project: str,
    matching: RunFilter,
    limit: int,
    token: str | None,
    order: RunOrder,
    with_total: bool,
    most: int = MOST_COUNTED,
) -> Page[Run]:
    """Return a page of the runs that match; `with_total` also how many all pages have, which is counted to `most`.

    Raises InvalidArgument, StoreUnavailable.
    """
    listed = services.store.runs(project, matching=matching, limit=limit, token=token, order=order)
    if not with_total:
        return replace(await listed, total=None)
    if order is not RunOrder.SCHEDULED_FOR:
        # No index holds this order: the page has the total already.
        return await listed
    page, count = await asyncio.gather(listed, services.store.run_count(project, matching=matching, most=most + 1))
    return replace(page, total=Total.counted(count, most=most))
