"""Routes of runs: list, read, delete, retry, cancel."""

from typing import Annotated, Self

from fastapi import Query, Response
from pydantic import Field, model_validator

from tock.app.execution.cancel import cancel
from tock.app.manage.delete_run import delete_run
from tock.app.start.retry import RetryOptions, retry
from tock.core.errors import NotFound
from tock.core.field_types import Identifier
from tock.core.run.order import RunOrder
from tock.core.run.status import RunSource, RunStatus
from tock.core.time import Instant
from tock.ports.store import RunFilter
from tock.web.api.launched import REPEATED, answer_launched
from tock.web.api.routing import PROJECT, RUN, Caller, Key, UseServices, api_router
from tock.web.resources.page import Paging, UnreadableShape
from tock.web.resources.runs.run import CancelledRun, RunPage, RunResource
from tock.web.resources.runs.verb_request import CancelRequested

router = api_router(tag="runs")


class RunQuery(Paging):
    """Which runs to return."""

    status: tuple[RunStatus, ...] = Field(default=(), description="Given several times, any of these statuses.")
    agent: Identifier | None = None
    trigger: Identifier | None = None
    source: RunSource | None = None
    since: Instant | None = Field(default=None, description="Runs scheduled at or after it.")
    until: Instant | None = Field(default=None, description="Runs scheduled before it.")
    id_prefix: Identifier | None = Field(
        default=None, description="Runs whose id begins with it, by id; without other filters."
    )
    sort: RunOrder = Field(
        default=RunOrder.SCHEDULED_FOR,
        description="What orders them, the largest first. An order other than `scheduled_for` takes at most 5,000 "
        "matching runs. Runs without that value, such as the duration of one that has not ended, are left out.",
    )

    @model_validator(mode="after")
    def _until_follows_since(self) -> Self:
        if self.since is not None and self.until is not None and self.until <= self.since:
            raise ValueError("until: is not after since: give a later time, or leave it out")
        return self

    @model_validator(mode="after")
    def _a_prefix_comes_alone(self) -> Self:
        others = self.model_fields_set - {"id_prefix", "page_size", "page_token"}
        if self.id_prefix is not None and others:
            raise ValueError(f"id_prefix: is given with {', '.join(sorted(others))}: give it alone")
        return self

    @property
    def matching(self) -> RunFilter:
        """The query as the store takes it."""
        return RunFilter(
            statuses=frozenset(self.status),
            agent=self.agent,
            trigger=self.trigger,
            source=self.source,
            since=self.since,
            until=self.until,
            id_prefix=self.id_prefix,
        )


@router.get(f"{PROJECT}/runs")
async def list_runs(*, project: str, query: Annotated[RunQuery, Query()], services: UseServices) -> RunPage:
    """List the project's runs, the latest scheduled_for first, or as `sort` says."""
    page = await services.store.runs(
        project, matching=query.matching, limit=query.page_size, token=query.token, order=query.sort
    )
    return RunPage(
        runs=tuple(RunResource.of(run) for run in page.items),
        unreadable=UnreadableShape.of_all(page.unreadable),
        next_page_token=page.next_token,
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
