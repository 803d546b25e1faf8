"""Turns every error into a response with a problem document (RFC 9457), by one table."""

import json
import logging
import traceback
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from tock.app.log import log_event
from tock.core import errors as core
from tock.version import VERSION
from tock.web import errors as web
from tock.web.problem_document import FieldProblem, Problem, field_problem, without_userinfo
from tock.web.refusal_log import log_refusal
from tock.web.validation_errors import invalid_request

MEDIA_TYPE = "application/problem+json"
#: The headers of every response: nobody may cache it or guess another media type, and clients learn Tock's version.
HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Tock-Version": VERSION}
#: The most characters of a detail, or of the request's path, in a problem document.
LONGEST_TEXT = 1000
#: Seconds after which a caller may repeat a request whose error is transient.
_RETRY_AFTER = 2


@dataclass(frozen=True, slots=True)
class _Kind:
    status: int
    code: str
    title: str
    #: Whether the same request may succeed later without any change.
    transient: bool = False


_UNFORESEEN = _Kind(500, "internal", "Internal error")
#: The most specific class of an error decides.
_TABLE: dict[type[Exception], _Kind] = {
    core.InvalidArgument: _Kind(400, "invalid_argument", "A field cannot be accepted"),
    core.FailedPrecondition: _Kind(409, "failed_precondition", "The state of a resource does not allow this"),
    core.NotFound: _Kind(404, "not_found", "The resource does not exist"),
    core.AlreadyExists: _Kind(409, "already_exists", "The id is taken"),
    core.IdRetained: _Kind(409, "id_retained", "Records of a deleted project have this id"),
    core.InUse: _Kind(409, "in_use", "Another resource needs this one"),
    core.BeingDeleted: _Kind(409, "being_deleted", "The project is being deleted"),
    core.RevisionMismatch: _Kind(412, "revision_mismatch", "The resource was changed meanwhile"),
    core.ActiveRun: _Kind(409, "active_run", "The subject has an active run"),
    core.KeyReused: _Kind(409, "key_reused", "The idempotency key belongs to another request"),
    core.RunNotSettled: _Kind(409, "run_not_settled", "The run is still active"),
    core.RunSettled: _Kind(409, "run_settled", "The run has ended"),
    core.SessionMoved: _Kind(409, "session_moved", "The session went on in another run"),
    core.RunNotWaiting: _Kind(409, "run_not_waiting", "The run does not wait for this"),
    core.RunBusy: _Kind(503, "run_busy", "An attempt of the run is at work", transient=True),
    core.AbilityMissing: _Kind(409, "ability_missing", "Agents of this kind cannot do this"),
    core.CommitConflict: _Kind(503, "conflict", "A concurrent change was faster", transient=True),
    core.Unavailable: _Kind(503, "unavailable", "A service that Tock needs did not answer", transient=True),
    core.DocumentUnreadable: _Kind(409, "unreadable", "A stored document cannot be read"),
    web.InvalidRequest: _Kind(400, "invalid_argument", "A field cannot be accepted"),
    web.NotJson: _Kind(400, "not_json", "The body is not JSON"),
    web.WrongContentType: _Kind(415, "wrong_content_type", "The body must be JSON"),
    web.BodyTooLarge: _Kind(413, "body_too_large", "The body is too long"),
    web.Unauthenticated: _Kind(401, "unauthenticated", "The caller is not known"),
    web.Forbidden: _Kind(403, "forbidden", "The caller may not do this"),
    web.AccessUnset: _Kind(503, "access_unset", "This deployment accepts no callers yet"),
    web.DeliverAgain: _Kind(503, "deliver_again", "The task must be delivered again", transient=True),
    web.NoRoute: _Kind(404, "no_route", "There is no such path"),
    web.WrongMethod: _Kind(405, "wrong_method", "The path does not take this method"),
}


def problem_response(error: Exception, request: Request) -> Response:
    """Return the problem document of an error as a response, and log it as `answered_problem` does."""
    return _response(answered_problem(error, request=request), headers=problem_headers(error, request=request))


def answered_problem(error: Exception, *, request: Request) -> Problem:
    """Return the problem document of an error that answers the request, and log it.

    A refusal is one line with who asked for what. The trace of an unforeseen error goes to the log, not to the caller.
    """
    _log(_known(error), request=request)
    return problem_of(error, request=request)


def problem_of(error: Exception, *, request: Request) -> Problem:
    """Return the problem document of an error, and log nothing: somebody only asks what would be refused."""
    error = _known(error)
    kind = _kind_of(error)
    return Problem(
        type=f"urn:tock:problem:{kind.code.replace('_', '-')}",
        title=kind.title,
        status=kind.status,
        detail=_detail(error, kind),
        instance=_path(request)[:LONGEST_TEXT] or None,
        code=kind.code,
        transient=kind.transient,
        errors=_field_problems(error),
        active_run=error.run if isinstance(error, core.ActiveRun | core.RunNotSettled) else None,
        run=error.run if isinstance(error, core.KeyReused) else None,
    )


def problem_headers(error: Exception, *, request: Request) -> dict[str, str]:
    """Return the headers that belong to the answer to an error."""
    kind = _kind_of(error)
    match error:
        case core.DocumentUnreadable() if _path(request).endswith(f"/{error.found.id}"):
            # The request is about this very document, so that its mark serves as an If-Match.
            return {"ETag": f'"{error.found.etag}"'}
        case web.Unauthenticated():
            return {"WWW-Authenticate": "Bearer"}
        case web.WrongMethod():
            return {"Allow": ", ".join(error.allowed)}
        case HTTPException(headers=headers) if headers:
            return dict(headers)
    return {"Retry-After": str(_RETRY_AFTER)} if kind.transient else {}


def _log(error: Exception, *, request: Request) -> None:
    kind, path = _kind_of(error), _path(request)
    if kind is _UNFORESEEN:
        trace = "".join(traceback.format_exception(error))
        log_event("unhandled_error", level=logging.ERROR, path=path, problem=trace)
    elif kind.status >= _UNFORESEEN.status:
        log_event("request_failed", level=logging.WARNING, path=path, code=kind.code, problem=str(error))
    else:
        log_refusal(error, request=request, status=kind.status, code=kind.code)


def _known(error: Exception) -> Exception:
    return invalid_request(error.errors(include_url=False)) if isinstance(error, ValidationError) else error


def _path(request: Request) -> str:
    # Not `request.url.path`: a URL drops the line breaks of a path.
    path: str = request.scope["path"]
    return path


def _response(problem: Problem, *, headers: Mapping[str, str]) -> Response:
    text = json.dumps(problem.model_dump(exclude_none=True), ensure_ascii=False, separators=(",", ":"))
    return Response(
        # What a caller sent may hold half of a surrogate pair, which UTF-8 cannot encode.
        text.encode(errors="replace"),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers=HEADERS | dict(headers),
    )


def _kind_of(error: Exception) -> _Kind:
    if isinstance(error, HTTPException):
        return _Kind(error.status_code, "http_error", "The request cannot be served")
    for ancestor in type(error).__mro__:
        if ancestor in _TABLE:
            return _TABLE[ancestor]
    return _UNFORESEEN


def _detail(error: Exception, kind: _Kind) -> str:
    if kind is _UNFORESEEN:
        return "The request could not be completed; the log of this deployment says why."
    text = without_userinfo(str(error.detail) if isinstance(error, HTTPException) else str(error))
    more = f"; and {error.omitted} more" if isinstance(error, web.InvalidRequest) and error.omitted else ""
    longest = LONGEST_TEXT - len(more)
    return f"{text if len(text) <= longest else f'{text[: longest - 1]}…'}{more}"


def _field_problems(error: Exception) -> tuple[FieldProblem, ...]:
    match error:
        case core.InvalidArgument():
            return (field_problem(web.FieldError(field=error.field, value=error.value, message=error.remedy)),)
        case web.InvalidRequest():
            return tuple(field_problem(field_error) for field_error in error.field_errors)
        case _:
            return ()
