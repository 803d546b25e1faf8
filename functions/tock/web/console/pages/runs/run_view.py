"""The page of one run, as it is now: for whoever opens it, and for whoever did something with it too late."""

from starlette.responses import Response

from tock.app.as_stored import as_stored
from tock.app.start.possible_verbs import possible_verbs
from tock.core.errors import NotFound
from tock.core.run.events.history import history
from tock.core.run.run import Run
from tock.core.unreadable import Unreadable
from tock.web.console.pages.runs.bars import bars
from tock.web.console.pages.runs.run_log import lines_after
from tock.web.console.pages.runs.sentences import sentence_markup
from tock.web.console.pages.runs.traceback import traceback_of
from tock.web.console.visit import Visit
from tock.web.problem_document import Problem
from tock.web.resources.page import UnreadableShape
from tock.web.resources.runs.lineage import lineage
from tock.web.resources.runs.open_question import open_question
from tock.web.resources.runs.run import RunResource
from tock.web.resources.runs.signal import SignalResource
from tock.web.resources.runs.story.story import story
from tock.web.resources.runs.timeline import timeline

#: How many events the page shows to a reader without scripts, and how many of the newest signals.
FIRST_LINES, MOST_SIGNALS = 200, 50


async def run_view(visit: Visit, *, problem: Problem | None = None) -> Response:
    """Return the page of the run of the path; with a problem, what could not be done stands first.

    Raises NotFound, StoreUnavailable. A run that cannot be read has a page that says so.
    """
    identifier = visit.request.path_params["run"]
    status = 200 if problem is None else problem.status
    found = await as_stored(visit.services.store.run(visit.project, identifier))
    if found is None:
        raise NotFound("run", identifier)
    if isinstance(found, Unreadable):
        shape = UnreadableShape.of_all([found])[0]
        return visit.page("runs/unreadable.html", status=status, problem=problem, unreadable=shape)
    run = found.value
    shown = RunResource.of(run)
    # Whoever reads the page again shows the log already.
    limit = 1 if visit.is_partial else FIRST_LINES
    lines, last_line = await lines_after(visit, run, since=0, limit=limit)
    return visit.page(
        "runs/run.html",
        status=status,
        problem=problem,
        wrong=wrong_fields(problem),
        run=shown,
        verbs=await possible_verbs(visit.services, run),
        story=[sentence_markup(each, visit=visit) for each in story(shown, now=visit.now)],
        question=open_question(shown),
        bars=bars(timeline(shown, now=visit.now)),
        lineage=lineage(shown),
        traceback=await traceback_of(visit, run),
        signals=await _signals(visit, run),
        lines=lines,
        last_line=last_line,
        seen=history(run)[-1].seq,
        key=form_key(visit, problem),
    )


def form_key(visit: Visit, problem: Problem | None) -> str:
    """Return the idempotency key of the page's forms: so a form that is sent twice does one thing once.

    A form that was refused keeps its key, unless the key is what was refused.
    """
    is_used = problem is not None and problem.code == "key_reused"
    return ("" if is_used else visit.form.text("key")) or visit.services.random.token()


def wrong_fields(problem: Problem | None) -> dict[str, str]:
    """Return what is wrong with each field of a form, by its name in the form."""
    return {} if problem is None else {each.field.partition(".")[0]: each.message for each in problem.errors}


async def _signals(visit: Visit, run: Run) -> list[SignalResource]:
    if not run.signals:
        return []
    since = max(run.signals - MOST_SIGNALS, 0)
    found = await visit.services.store.signals(visit.project, run.id, since=since, limit=MOST_SIGNALS)
    return [SignalResource.of(each.value) for each in found]
