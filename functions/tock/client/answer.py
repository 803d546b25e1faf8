"""The gate for what a server answers: one of the API's models, or the error that the answer stands for."""

from collections.abc import Mapping
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from tock.client.codes import class_of
from tock.client.errors import ApiError, InvalidRequest, NotTock, TockClientError, UnknownOperation
from tock.client.other_version import other_version, version_of
from tock.core.fields.types import STORED
from tock.web.problem_document import FieldProblem, Problem
from tock.web.resources.health import Health

EVENT_STREAM = "text/event-stream"
_JSON = ("application/json", "application/problem+json")
_CHECK_SERVER = "Check the URL: server= or TOCK_SERVER."
_OTHER_VERSION = "If it is, it has another version than this client: install the client of its version."
_RESTRICTED = "If api_callers restricts this API, give an identity token: identity_token= or TOCK_IDENTITY_TOKEN."
_Model = TypeVar("_Model", bound=BaseModel)


def model_of(answer: httpx.Response, model: type[_Model], *, server: str) -> _Model:
    """Return the answer as a model, without fields that the model does not know.

    Raises the error that the answer stands for; NotTock if it is not what Tock's API of this version answers.
    """
    if is_refusal(answer):
        raise error_of(answer, server=server)
    return _validated(answer, model, server=server)


def _validated(answer: httpx.Response, model: type[_Model], *, server: str) -> _Model:
    found = _json(answer)
    if answer.is_informational or not isinstance(found, Mapping):
        raise _stranger(answer, f"it answered {answer.status_code} with {_kind(answer)}", server=server)
    try:
        # What the server shows was measured before it was stored, as in the store.
        return model.model_validate(found, extra="ignore", context=STORED)
    except (ValidationError, RecursionError) as exc:
        raise _stranger(answer, _misfit(exc), server=server) from exc


def require_success(answer: httpx.Response, *, server: str) -> None:
    """Raise the error that the answer stands for, unless it is a success without content."""
    if is_refusal(answer):
        raise error_of(answer, server=server)
    if answer.is_informational or answer.content:
        raise _stranger(answer, f"it answered {answer.status_code} with {_kind(answer)}", server=server)


def health_of(answer: httpx.Response, *, server: str) -> Health:
    """Return the state of the scheduler, which comes with the status 503 if no tick succeeded lately.

    Raises as `model_of` does.
    """
    is_late = answer.status_code == httpx.codes.SERVICE_UNAVAILABLE and problem_of(answer) is None
    return _validated(answer, Health, server=server) if is_late else model_of(answer, Health, server=server)


def is_refusal(answer: httpx.Response) -> bool:
    """Whether the answer stands for an error."""
    return answer.is_redirect or answer.is_error


def error_of(answer: httpx.Response, *, server: str) -> TockClientError:
    """Return the error that a refusal, or an answer without what was asked for, stands for."""
    if answer.is_redirect:
        to = answer.headers.get("location", "nowhere")
        remedy = "If that is Tock, give its URL, without the path behind the host: server= or TOCK_SERVER."
        said = f"{server} redirects to {to!r}, which Tock's API never does."
        return NotTock(said, remedy=remedy, status=answer.status_code)
    if not answer.is_error:
        return _stranger(answer, f"it answered {answer.status_code} with {_kind(answer)}", server=server)
    if (problem := problem_of(answer)) is not None:
        return _refusal(answer, problem)
    if answer.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        said = f"{server} answered {answer.status_code} before Tock could."
        return NotTock(said, remedy=f"{_RESTRICTED} {_CHECK_SERVER}", status=answer.status_code)
    return NotTock(
        f"{server} answered {answer.status_code}, but not as Tock does, with {_kind(answer)}.",
        remedy=f"{_CHECK_SERVER} If the URL is right, something before Tock answered: try again.",
        status=answer.status_code,
    )


def problem_of(answer: httpx.Response) -> Problem | None:
    """Return the problem document of an answer, or None if it is none of Tock's."""
    found = _json(answer)
    if not isinstance(found, Mapping) or not isinstance(found.get("code"), str):
        return None
    try:
        return Problem.model_validate(found, extra="ignore")
    except ValidationError:
        said = found.get("detail") or found.get("title") or answer.status_code
        errors = found.get("errors")
        return Problem(
            type=str(found.get("type")),
            title=str(found.get("title")),
            status=answer.status_code,
            detail=str(said),
            code=found["code"],
            transient=found.get("transient") is True,
            errors=tuple(map(_field, errors if isinstance(errors, list) else ())),
        )


def _refusal(answer: httpx.Response, problem: Problem) -> ApiError:
    kind = class_of(problem)
    # A server of another version may not know the operation, or a field of it.
    may_explain = issubclass(kind, UnknownOperation) or (
        issubclass(kind, InvalidRequest) and version_of(answer.headers) is not None
    )
    remedy = other_version(answer.headers) if may_explain else ""
    return kind(problem, etag=answer.headers.get("etag"), remedy=remedy)


def _field(error: Any) -> FieldProblem:
    found = error if isinstance(error, Mapping) else {}
    return FieldProblem(field=str(found.get("field")), value=found.get("value"), message=str(found.get("message")))


def _json(answer: httpx.Response) -> Any:
    """Return the JSON, or None if the answer is not JSON."""
    if answer.headers.get("content-type", "").partition(";")[0].strip() not in _JSON:
        return None
    try:
        return answer.json()
    except (ValueError, RecursionError):
        return None


def _misfit(error: ValidationError | RecursionError) -> str:
    if isinstance(error, RecursionError):
        return "its answer is nested too deeply"
    first = error.errors(include_url=False, include_input=False)[0]
    field = ".".join(map(str, first["loc"]))
    return f"its answer has no {field!r}" if first["type"] == "missing" else f"{field!r} of its answer: {first['msg']}"


def _stranger(answer: httpx.Response, problem: str, *, server: str) -> NotTock:
    if version_of(answer.headers) is not None and (remedy := other_version(answer.headers)):
        said = f"{server} does not answer as this version of Tock does: {problem}."
        return NotTock(said, remedy=remedy, status=answer.status_code)
    said = f"{server} is not Tock's API: {problem}."
    return NotTock(said, remedy=f"{_CHECK_SERVER} {_OTHER_VERSION}", status=answer.status_code)


def _kind(answer: httpx.Response) -> str:
    kind = answer.headers.get("content-type", "no content type").partition(";")[0]
    begin = " ".join(answer.text.split())[:60]
    return f"{kind}: {begin!r}" if begin else kind
