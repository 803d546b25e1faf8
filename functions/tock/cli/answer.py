"""Reads what a server answered, and finds out whether it is Tock."""

import functools
from typing import Any

import httpx

from tock.cli.errors import CommandError, Refused

_JSON = ("application/json", "application/problem+json")
_CHECK_SERVER = "Check the URL: --server or TOCK_SERVER."
_RESTRICTED = "If api_callers restricts this API, give an identity token: --identity-token or TOCK_IDENTITY_TOKEN."


class Answer(dict[str, Any]):
    """A JSON object of an answer. A field that Tock's API always has and this object has not raises CommandError."""

    def __init__(self, fields: dict[str, Any], *, server: str) -> None:
        super().__init__(fields)
        self._server = server

    def __missing__(self, field: str) -> Any:
        raise _stranger(self._server, problem=f"its answer has no {field!r}")


def read_answer(answer: httpx.Response, *, server: str) -> Answer:
    """Return the JSON object of a successful answer, empty if the answer is.

    Raises CommandError with the message of Tock's error, or if the answer is not one of Tock's.
    """
    if answer.is_redirect:
        to = answer.headers.get("location", "nowhere")
        hint = "If that is Tock, give its URL, without the path behind the host: --server or TOCK_SERVER."
        raise CommandError(f"{server} redirects to {to!r}, which Tock's API never does.", details=(hint,))
    found = _json(answer, server=server)
    if answer.is_error:
        raise _refusal(answer, found, server=server)
    if answer.is_informational or not (isinstance(found, Answer) or not answer.content):
        raise _stranger(server, problem=f"it answered {answer.status_code} with {_kind(answer)}")
    return Answer({}, server=server) if found is None else found


def _json(answer: httpx.Response, *, server: str) -> Any:
    """Return the JSON with every object as an Answer, or None if the answer is not JSON."""
    if answer.headers.get("content-type", "").partition(";")[0].strip() not in _JSON:
        return None
    try:
        return answer.json(object_hook=functools.partial(Answer, server=server))
    except (ValueError, RecursionError):
        return None


def _refusal(answer: httpx.Response, problem: Any, *, server: str) -> CommandError:
    if not isinstance(problem, Answer) or not isinstance(problem.get("code"), str):
        if answer.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
            said = f"{server} answered {answer.status_code} before Tock could"
            return CommandError(said, details=(_RESTRICTED, _CHECK_SERVER))
        return CommandError(
            f"{server} answered {answer.status_code}, but not as Tock does, with {_kind(answer)}",
            details=(_CHECK_SERVER, "If the URL is right, something before Tock answered: try again."),
        )
    message = str(problem.get("detail") or problem.get("title") or answer.status_code)
    errors = problem.get("errors")
    findings = [
        f"{error.get('field')}: {error.get('message')}"
        for error in (errors if isinstance(errors, list) else [])
        if isinstance(error, Answer)
    ]
    details = tuple(finding for finding in findings if finding not in message)
    return Refused(message, code=problem["code"], details=details)


def _stranger(server: str, *, problem: str) -> CommandError:
    return CommandError(f"{server} is not Tock's API: {problem}.", details=(_CHECK_SERVER,))


def _kind(answer: httpx.Response) -> str:
    kind = answer.headers.get("content-type", "no content type").partition(";")[0]
    begin = " ".join(answer.text.split())[:60]
    return f"{kind}: {begin!r}" if begin else kind
