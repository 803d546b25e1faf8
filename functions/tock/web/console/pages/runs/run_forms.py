"""The forms of what can be done with a run: as dialogs of its page, and each as a page of its own."""

from starlette.responses import Response

from tock.app.as_stored import as_stored
from tock.app.start.possible_verbs import Verb, require_verb
from tock.app.start.resume import DEFAULT_FEEDBACK
from tock.core.errors import TockError
from tock.core.run.run import Run
from tock.core.unreadable import Unreadable
from tock.web.console.pages.runs.found_run import found_run
from tock.web.console.pages.runs.run_view import form_key, run_view, wrong_fields
from tock.web.console.routing import Handler
from tock.web.console.visit import Visit
from tock.web.error_responses import answered_problem
from tock.web.problem_document import Problem
from tock.web.resources.runs.run import RunResource

#: The verbs whose form is a page, with its fields.
FIELDS = {
    Verb.CANCEL: frozenset({"reason"}),
    Verb.RETRY: frozenset({"model", "config"}),
    Verb.RESUME: frozenset({"feedback", "model"}),
    Verb.EXEC: frozenset({"command", "arguments", "timeout"}),
}


def form_page(verb: Verb) -> Handler:
    """Return what shows the form of a verb; a run that does not take it now is shown instead, with the reason."""

    async def show(visit: Visit) -> Response:
        run = await found_run(visit)
        try:
            await require_verb(visit.services, run, verb)
        except TockError as exc:
            return await run_view(visit, problem=answered_problem(exc, request=visit.request))
        return await _form(visit, run, verb, problem=None)

    return show


async def refused(visit: Visit, verb: Verb | None, problem: Problem) -> Response:
    """Return the answer to a refused form: the form again if its fields are wrong, or else the run as it is now."""
    fields = {each.field.partition(".")[0] for each in problem.errors}
    if verb is not None and fields and fields <= FIELDS.get(verb, frozenset()):
        return await _form(visit, await found_run(visit), verb, problem=problem)
    return await run_view(visit, problem=problem)


async def _form(visit: Visit, run: Run, verb: Verb, *, problem: Problem | None) -> Response:
    return visit.page(
        f"runs/forms/{verb}.html",
        status=200 if problem is None else problem.status,
        run=RunResource.of(run),
        problem=problem,
        wrong=wrong_fields(problem),
        key=form_key(visit, problem),
        has_current=verb is Verb.RETRY and await _has_current(visit, run),
        default_feedback=DEFAULT_FEEDBACK,
    )


async def _has_current(visit: Visit, run: Run) -> bool:
    """Whether there is a current configuration with which the run can be repeated: that of its trigger."""
    if run.trigger is None:
        return False
    found = await as_stored(visit.services.store.trigger(visit.project, run.trigger))
    return found is not None and not isinstance(found, Unreadable)
