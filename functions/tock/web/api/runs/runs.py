"""Routes of runs: list, read, delete, retry, cancel."""

from typing import Annotated

from fastapi import Query, Response

from tock.app.execution.cancel import cancel
from tock.app.listed_runs import listed_runs
from tock.app.manage.delete_run import delete_run
from tock.app.start.retry import RetryOptions, retry
from tock.core.errors import NotFound
from tock.core.run.status import RunStatus
from tock.web.api.launched import REPEATED, answer_launched
from tock.web.api.routing import PROJECT, RUN, Caller, Key, UseServices, api_router
from tock.web.resources.page import TotalShape, UnreadableShape
from tock.web.resources.runs.run import CancelledRun, RunPage, RunResource
from tock.web.resources.runs.run_query import RunQuery
from tock.web.resources.runs.verb_request import CancelRequested

router = api_router(tag="runs")


@router.get(f"{PROJECT}/runs")
async def list_runs(*, project: str, query: Annotated[RunQuery, Query()], services: UseServices) -> RunPage:
    """List the project's runs, the latest scheduled_for first, or as `sort` says."""
    page = await listed_runs(
        services,
        project=project,
        matching=query.matching,
        limit=query.page_size,
        token=query.token,
        order=query.sort,
        with_total=query.total,
    )
    return RunPage(
        runs=tuple(RunResource.of(run) for run in page.items),
        unreadable=UnreadableShape.of_all(page.unreadable),
        next_page_token=page.next_token,
        total=TotalShape.of(page.total),
    )


@router.get(RUN)
async def read(*, project: str, run: str, services: UseServices) -> RunResource:
    """Return a run."""
    found = await services.store.run(project, run)
    if found is None:
        raise NotFound("run", run)
    return RunResource.of(found.value)


@router.delete(RUN, status_code=204)
async def delete(*, project: str, run: str, caller: Caller, services: UseServices) -> None:
    """Delete the record of a run that cannot be read. Every other record stays until it expires."""
    await delete_run(services, project=project, run=run, by=caller.author)


@router.post(f"{RUN}:retry", status_code=202, responses=REPEATED)
async def retry_run(
    *,
    project: str,
    run: str,
    response: Response,
    caller: Caller,
    services: UseServices,
    key: Key,
    body: RetryOptions | None = None,
) -> RunResource:
    """Start a new run that repeats a settled one, with its input snapshot or its trigger's current configuration."""
    options = body or RetryOptions()
    return answer_launched(
        await retry(services, project=project, run=run, options=options, key=key, by=caller.author), response
    )


@router.post(
    f"{RUN}:cancel",
    responses={202: {"model": CancelledRun, "description": "The runner was asked to stop, and will within seconds."}},
)
async def cancel_run(
    *,
    project: str,
    run: str,
    response: Response,
    caller: Caller,
    services: UseServices,
    body: CancelRequested | None = None,
) -> CancelledRun:
    """Cancel a run; a second request changes nothing."""
    reason = (body or CancelRequested()).reason
    cancellation = await cancel(services, project=project, run=run, reason=reason, by=caller.author)
    response.status_code = 200 if cancellation.run.status is RunStatus.CANCELLED else 202
    same = dict(RunResource.of(cancellation.run))
    return CancelledRun.model_construct(**same, previous_status=cancellation.previous_status)
