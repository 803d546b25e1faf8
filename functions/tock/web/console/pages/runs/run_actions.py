"""What people do with a run: each form is parsed into the API's request and calls the API's use case."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.responses import Response

from tock.app.execution.cancel import cancel
from tock.app.manage.delete_run import delete_run
from tock.app.start.answer import answer
from tock.app.start.launch import Launched
from tock.app.start.possible_verbs import Verb
from tock.app.start.resume import ResumeOptions, resume
from tock.app.start.retry import RetryOptions, retry
from tock.app.start.run_command import CommandOptions, run_command
from tock.app.start.send_signal import send_signal
from tock.core.errors import InvalidArgument, TockError
from tock.core.run.messages.signal import SignalKind
from tock.core.run.outcome import WaitFor
from tock.core.run.status import RunStatus
from tock.web.console.forms.written import json_of
from tock.web.console.pages.runs.found_run import run_page
from tock.web.console.pages.runs.run_forms import form_page, refused
from tock.web.console.routing import Handler, get, post
from tock.web.console.visit import Visit
from tock.web.error_responses import answered_problem
from tock.web.requests import parse
from tock.web.resources.runs.verb_request import CancelRequested, Given, SteerRequest, Verdict

_RUN = "/projects/{project}/runs/{run}"


async def cancel_run(visit: Visit) -> Response:
    """Cancel the run."""
    request = parse(CancelRequested, _filled(visit, "reason"))
    done = await cancel(visit.services, **_run(visit), reason=request.reason, by=visit.known.author)
    is_over = done.run.status is RunStatus.CANCELLED
    notice = "The run is cancelled." if is_over else "The run was asked to stop: it does within seconds."
    return visit.go_on(run_page(visit), notice=notice)


async def steer_run(visit: Visit) -> Response:
    """Send the agent a message."""
    request = parse(SteerRequest, {"message": visit.form.text("message"), **_filled(visit, "mode")})
    await send_signal(
        visit.services,
        **_run(visit),
        kind=SignalKind(request.mode),
        message=request.message,
        key=_key(visit),
        by=visit.known.author,
    )
    return visit.go_on(run_page(visit), notice="The message was sent.")


async def approve_run(visit: Visit) -> Response:
    """Approve what the run waits for."""
    return await _decide(visit, approved=True)


async def reject_run(visit: Visit) -> Response:
    """Reject what the run waits for."""
    return await _decide(visit, approved=False)


async def answer_run(visit: Visit) -> Response:
    """Give the run the value that it waits for, as a text or as JSON."""
    text = visit.form.text("value")
    value = _json(text) if visit.form.text("as") == "json" else text
    given = parse(Given, {"value": value, **_filled(visit, "note", "attempt")})
    await answer(
        visit.services,
        project=visit.project,
        run=visit.request.path_params["run"],
        wait_for=WaitFor.INPUT,
        by=visit.known.author,
        note=given.note,
        value=given.value,
        attempt=given.attempt,
    )
    return visit.go_on(run_page(visit), notice="The answer was given: the run goes on.")


async def retry_run(visit: Visit) -> Response:
    """Start a run that repeats this one."""
    options = parse(RetryOptions, _filled(visit, "model", "config"))
    launched = await retry(visit.services, **_run(visit), options=options, key=_key(visit), by=visit.known.author)
    return _go_to(visit, launched, notice=f"This run repeats run {_short(visit)}.")


async def resume_run(visit: Visit) -> Response:
    """Start a run that goes on with the conversation of this one."""
    options = parse(ResumeOptions, _filled(visit, "feedback", "model"))
    launched = await resume(visit.services, **_run(visit), options=options, key=_key(visit), by=visit.known.author)
    return _go_to(visit, launched, notice=f"This run goes on with the conversation of run {_short(visit)}.")


async def exec_run(visit: Visit) -> Response:
    """Start a command in the workspace of this run."""
    lines = tuple(line for line in visit.form.text("arguments").split("\n") if line)
    given = {"command": visit.form.text("command").strip(), "arguments": lines, **_filled(visit, "timeout")}
    options = parse(CommandOptions, given)
    launched = await run_command(visit.services, **_run(visit), options=options, key=_key(visit), by=visit.known.author)
    return _go_to(visit, launched, notice=f"This run works in the workspace of run {_short(visit)}.")


async def delete_record(visit: Visit) -> Response:
    """Delete the record of a run that cannot be read."""
    await delete_run(visit.services, **_run(visit), by=visit.known.author)
    run = visit.request.path_params["run"]
    return visit.go_on(visit.path("runs"), notice=f"The record of the run {run} is deleted.")


async def _decide(visit: Visit, *, approved: bool) -> Response:
    given = parse(Verdict, _filled(visit, "note", "attempt"))
    await answer(
        visit.services,
        project=visit.project,
        run=visit.request.path_params["run"],
        wait_for=WaitFor.APPROVAL,
        by=visit.known.author,
        approved=approved,
        note=given.note,
        attempt=given.attempt,
    )
    word = "approved" if approved else "rejected"
    return visit.go_on(run_page(visit), notice=f"It is {word}: the run goes on.")


def _guarded(act: Callable[[Visit], Awaitable[Response]], verb: Verb | None) -> Handler:
    """Return what does it, and answers a refusal with the form, or with the run as it is now."""

    async def do(visit: Visit) -> Response:
        try:
            return await act(visit)
        except TockError as exc:
            return await refused(visit, verb, answered_problem(exc, request=visit.request))

    return do


def _run(visit: Visit) -> dict[str, str]:
    return {"project": visit.project, "run": visit.request.path_params["run"]}


def _short(visit: Visit) -> str:
    """Return the id of the run of the path as pages write it."""
    return _run(visit)["run"][:8]


def _key(visit: Visit) -> str | None:
    return visit.form.text("key") or None


def _filled(visit: Visit, *names: str) -> dict[str, Any]:
    """Return those of the fields that hold something; an empty one takes the default."""
    given = {name: visit.form.text(name) for name in names if visit.form.text(name).strip()}
    attempt = given.get("attempt", "")
    return given | ({"attempt": int(attempt)} if attempt.isdecimal() and len(attempt) < len("1000000") else {})


def _json(text: str) -> Any:
    try:
        return json_of(text)
    except ValueError as exc:
        raise InvalidArgument(field="value", value=text, remedy=f"{exc}; correct it, or choose Text") from exc


def _go_to(visit: Visit, launched: Launched, *, notice: str) -> Response:
    return visit.go_on(run_page(visit, launched.run.id), notice=notice)


_ACTIONS = {
    "cancel": (Verb.CANCEL, cancel_run),
    "steer": (Verb.STEER, steer_run),
    "approve": (Verb.DECIDE, approve_run),
    "reject": (Verb.DECIDE, reject_run),
    "answer": (Verb.ANSWER, answer_run),
    "retry": (Verb.RETRY, retry_run),
    "resume": (Verb.RESUME, resume_run),
    "exec": (Verb.EXEC, exec_run),
}
ROUTES = (
    *(get(f"{_RUN}/{verb}", form_page(verb)) for verb in (Verb.CANCEL, Verb.RETRY, Verb.RESUME, Verb.EXEC)),
    *(post(f"{_RUN}/{word}", _guarded(act, verb)) for word, (verb, act) in _ACTIONS.items()),
    post(f"{_RUN}/delete", _guarded(delete_record, None)),
)
