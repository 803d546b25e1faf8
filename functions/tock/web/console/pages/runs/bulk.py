"""Cancels or repeats many runs: a page says which, and once that is confirmed each is done by the usual use case."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

import anyio
from starlette.responses import Response

from tock.app.execution.cancel import cancel
from tock.app.pending_runs import slim
from tock.app.start.retry import RetryOptions, retry
from tock.core.errors import DocumentUnreadable, InvalidArgument, TockError
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.ports.store import RunFilter
from tock.web.console.pages.runs.bulk_plan import BulkVerb, plan_of, statuses_for
from tock.web.console.pages.runs.filters import RunFilters
from tock.web.console.routing import get, post
from tock.web.console.visit import Visit
from tock.web.resources.runs.run import RunResource
from tock.web.resources.runs.verb_request import CancelRequested

#: The most runs of one request, how many are read by one query, and how many are done at once.
MOST, PAGE, AT_ONCE = 500, 100, 4


@dataclass(frozen=True, slots=True)
class Done:
    """What came of one run: a run of its own if it was repeated, or why it was refused."""

    run: str
    said: str
    #: The run that repeats it.
    new: str | None = None
    refused: bool = False


def _confirm(verb: BulkVerb) -> Callable[[Visit], Awaitable[Response]]:
    async def confirm(visit: Visit) -> Response:
        """Say which runs it would be done to, and change nothing."""
        given = visit.request.query_params
        filters = RunFilters.of(given, zone=visit.reader.zone, now=visit.now)
        if filters.query is None:
            name, problem = next(iter(filters.problems.items()))
            raise InvalidArgument(field=name, value=given.get(name), remedy=problem)
        chosen = tuple(dict.fromkeys(given.getlist("run")))[:MOST]
        more = False
        if takes_all := "all" in given:
            runs, more = await _matching(visit, filters.query.matching, verb=verb)
            plan = plan_of(runs, verb=verb)
        else:
            found, missing = await _found(visit, chosen)
            plan = plan_of(found, verb=verb, missing=missing)
        return visit.page(
            "runs/bulk.html",
            verb=verb,
            runs=[RunResource.of(run) for run in plan.runs],
            left_alone=plan.left_alone,
            takes_all=takes_all,
            more=more,
            most=MOST,
            back=visit.path("runs", **filters.address),
            address=filters.address,
        )

    return confirm


def _do(verb: BulkVerb) -> Callable[[Visit], Awaitable[Response]]:
    async def do(visit: Visit) -> Response:
        """Do it to each run of the form, and say what came of each; one that is refused stops no other."""
        runs = tuple(dict.fromkeys(visit.form.texts("run")))
        if not 0 < len(runs) <= MOST:
            remedy = f"takes 1 to {MOST} runs: choose them in the list"
            raise InvalidArgument(field="run", value=len(runs), remedy=remedy)
        found: dict[str, Done] = {}
        room = anyio.CapacityLimiter(AT_ONCE)

        async def each(run: str) -> None:
            async with room:
                found[run] = await _one(visit, run, verb=verb)

        async with anyio.create_task_group() as tasks:
            for run in runs:
                tasks.start_soon(each, run)
        results = [found[run] for run in runs]
        return visit.page(
            "runs/bulk_done.html",
            verb=verb,
            done=[each for each in results if not each.refused],
            refused=[each for each in results if each.refused],
        )

    return do


async def _one(visit: Visit, run: str, *, verb: BulkVerb) -> Done:
    try:
        if verb is BulkVerb.CANCEL:
            reason = CancelRequested().reason
            found = await cancel(visit.services, project=visit.project, run=run, reason=reason, by=visit.known.author)
            return Done(run, "cancelled" if found.run.status is RunStatus.CANCELLED else "asked to stop")
        # Who sends the form again gets the runs that the first one started; the command line uses the same key.
        launched = await retry(
            visit.services,
            project=visit.project,
            run=run,
            options=RetryOptions(),
            key=f"retry-of-{run}",
            by=visit.known.author,
        )
    except TockError as exc:
        return Done(run, str(exc), refused=True)
    return Done(run, "repeated", new=launched.run.id)


async def _matching(visit: Visit, matching: RunFilter, *, verb: BulkVerb) -> tuple[list[Run], bool]:
    """Return the runs that match and have a status that it can be done to, and whether there are more than MOST."""
    statuses = statuses_for(matching.statuses, verb=verb)
    wanted = replace(matching, statuses=statuses)
    runs: list[Run] = []
    token: str | None = None
    while statuses and len(runs) < MOST:
        page = await visit.services.store.runs(visit.project, matching=wanted, limit=PAGE, token=token)
        runs += map(slim, page.items)
        token = page.next_token
        if token is None:
            break
    return runs, token is not None


async def _found(visit: Visit, chosen: Sequence[str]) -> tuple[list[Run], list[str]]:
    """Return the runs with these ids, and the ids of those that cannot be found or read."""
    runs: dict[str, Run] = {}
    room = anyio.CapacityLimiter(AT_ONCE)

    async def read(run: str) -> None:
        async with room:
            try:
                found = await visit.services.store.run(visit.project, run)
            except DocumentUnreadable:
                return
            if found is not None:
                runs[run] = slim(found.value)

    async with anyio.create_task_group() as tasks:
        for run in chosen:
            tasks.start_soon(read, run)
    return [runs[run] for run in chosen if run in runs], [run for run in chosen if run not in runs]


ROUTES = tuple(
    route
    for verb in BulkVerb
    for route in (
        get(f"/projects/{{project}}/runs:{verb}", _confirm(verb)),
        post(f"/projects/{{project}}/runs:{verb}", _do(verb)),
    )
)
