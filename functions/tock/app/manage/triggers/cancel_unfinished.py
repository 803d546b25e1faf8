"""Cancel the unfinished runs of a trigger that is disabled or deleted: those that have not ended by themselves."""

from collections.abc import AsyncIterator

from tock.app.execution.cancel import cancel
from tock.app.services import Services
from tock.core.errors import NotFound, RunSettled
from tock.core.run.run import Run
from tock.core.run.status import RunSource, RunStatus
from tock.core.trigger.cancel_choice import CancelChoice
from tock.ports.store import RunFilter

#: How many runs one query reads.
PAGE = 100
#: How often the runs are listed again: a run that settles meanwhile may promote one that was held behind it.
MAX_ROUNDS = 5


async def cancel_unfinished(
    services: Services, *, project: str, trigger: str, choice: CancelChoice, reason: str, by: str
) -> int:
    """Cancel these runs, and return how many; runs that were started by hand go on.

    Held runs come first, so that none is promoted meanwhile. A second call finds those that the first one left. Raises
    StoreUnavailable.
    """
    cancelled = 0
    for _ in range(MAX_ROUNDS):
        found = [run async for run in _unfinished(services, project=project, trigger=trigger, choice=choice)]
        for run in found:
            try:
                await cancel(services, project=project, run=run.id, reason=reason, by=by)
            except (NotFound, RunSettled):
                continue
            cancelled += 1
        if not found:
            break
    return cancelled


async def _unfinished(services: Services, *, project: str, trigger: str, choice: CancelChoice) -> AsyncIterator[Run]:
    statuses = {
        CancelChoice.PENDING: (RunStatus.HELD, RunStatus.QUEUED),
        CancelChoice.ALL: (RunStatus.HELD, RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.WAITING),
        CancelChoice.NONE: (),
    }[choice]
    for status in statuses:
        matching = RunFilter(trigger=trigger, source=RunSource.SCHEDULE, statuses=frozenset({status}))
        token: str | None = None
        while True:
            page = await services.store.runs(project, matching=matching, limit=PAGE, token=token)
            for run in page.items:
                if run.cancel_requested is None:
                    yield run
            if (token := page.next_token) is None:
                break
