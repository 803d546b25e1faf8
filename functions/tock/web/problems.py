"""Errors as answers: one table from every error to a problem document (RFC 9457)."""

import json
import logging
import re
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from tock.app.journal import record
from tock.core import errors as core
from tock.ports.store import DocumentUnreadable
from tock.web import errors as web

MEDIA_TYPE = "application/problem+json"
#: What every answer carries: it is data for the asker alone, never a page.
HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
#: The most characters of a refused value that come back.
LONGEST_VALUE = 200
#: Fields whose values never come back.
_SECRET = re.compile(r"secret|token|password|passwd|authorization|cookie|credential|api[_-]?key", re.IGNORECASE)
_WITHHELD = "(withheld)"
#: Seconds after which a caller may repeat what a part did not answer.
_RETRY_AFTER = 2


class FieldProblem(BaseModel):
    """One field that could not be accepted."""

    model_config = ConfigDict(frozen=True)

    field: str = Field(description="The dotted path, as the caller wrote it.", examples=["schedule.cron"])
    value: Any = Field(default=None, description="The refused value, shortened; never a secret.")
    message: str = Field(description="What to do about it.")


class Problem(BaseModel):
    """A problem document (RFC 9457)."""

    model_config = ConfigDict(frozen=True)

    type: str = Field(examples=["urn:tock:problem:invalid-argument"])
    title: str
    status: int
    detail: str
    instance: str = Field(description="The path of the request.")
    code: str = Field(description="A stable word for programs.", examples=["invalid_argument"])
    transient: bool = Field(description="Whether the same request may succeed later without any change.")
    errors: tuple[FieldProblem, ...] = ()
    active_run: str | None = Field(default=None, description="The active run that is in the way.")
    run: str | None = Field(default=None, description="The run that the Idempotency-Key belongs to.")


@dataclass(frozen=True, slots=True)
class _Kind:
    status: int
    code: str
    title: str


_UNFORESEEN = _Kind(500, "internal", "Something broke in Tock")
#: The most specific class that an error belongs to decides.
_TABLE: dict[type[Exception], _Kind] = {
    core.InvalidArgument: _Kind(400, "invalid_argument", "A field cannot be accepted"),
    core.NotFound: _Kind(404, "not_found", "There is no such thing"),
    core.AlreadyExists: _Kind(409, "already_exists", "The id is taken"),
    core.InUse: _Kind(409, "in_use", "Something else needs it"),
    core.RevisionMismatch: _Kind(412, "revision_mismatch", "It was changed meanwhile"),
    core.ActiveRun: _Kind(409, "active_run", "The subject has an active run"),
    core.KeyReused: _Kind(409, "key_reused", "The idempotency key belongs to another request"),
    core.RunNotSettled: _Kind(409, "run_not_settled", "The run is still active"),
    core.RunSettled: _Kind(400, "run_settled", "The run has ended"),
    core.CommitConflict: _Kind(503, "conflict", "Somebody else was faster"),
    core.Unavailable: _Kind(503, "unavailable", "A part did not answer"),
    DocumentUnreadable: _Kind(500, "unreadable", "What is stored can no longer be read"),
    web.InvalidRequest: _Kind(400, "invalid_argument", "A field cannot be accepted"),
    web.NotJson: _Kind(400, "not_json", "The body is not JSON"),
    web.WrongContentType: _Kind(415, "wrong_content_type", "The body must be JSON"),
    web.BodyTooLarge: _Kind(413, "body_too_large", "The body is too long"),
    web.Unauthenticated: _Kind(401, "unauthenticated", "Who are you?"),
    web.Forbidden: _Kind(403, "forbidden", "This key does not open that"),
    web.AccessUnset: _Kind(503, "access_unset", "Nobody may call this deployment yet"),
    web.NoRoute: _Kind(404, "no_route", "There is no such path"),
    web.WrongMethod: _Kind(405, "wrong_method", "The path takes other methods"),
}


def answer_problem(error: Exception, *, path: str) -> Response:
    """Return the problem document of an error; what nobody foresaw is logged with its trace and tells nothing."""
    kind = _kind_of(error)
    foreseen = kind is not _UNFORESEEN
    if not foreseen:
        trace = "".join(traceback.format_exception(error))
        record("request_broke", level=logging.ERROR, path=path, problem=trace)
    elif kind.status >= _UNFORESEEN.status:
        record("request_failed", level=logging.WARNING, path=path, code=kind.code, problem=str(error))
    transient = kind.status == 503 and not isinstance(error, web.AccessUnset)  # noqa: PLR2004 - Service Unavailable
    problem = Problem(
        type=f"urn:tock:problem:{kind.code.replace('_', '-')}",
        title=kind.title,
        status=kind.status,
        detail=_detail(error)
        if foreseen
        else "The request could not be completed; the log of this deployment says why.",
        instance=path,
        code=kind.code,
        transient=transient,
        errors=_fields(error),
        active_run=_active_run(error),
        run=error.run if isinstance(error, core.KeyReused) else None,
    )
    return Response(
        problem.model_dump_json(exclude_none=True),
        status_code=kind.status,
        media_type=MEDIA_TYPE,
        headers=HEADERS | _headers(error, transient=transient),
    )


def _kind_of(error: Exception) -> _Kind:
    if isinstance(error, HTTPException):
        return _Kind(error.status_code, "http_error", "The request cannot be served")
    for ancestor in type(error).__mro__:
        if ancestor in _TABLE:
            return _TABLE[ancestor]
    return _UNFORESEEN


def _detail(error: Exception) -> str:
    if isinstance(error, HTTPException):
        return str(error.detail)
    return str(error)


def _active_run(error: Exception) -> str | None:
    return error.run if isinstance(error, core.ActiveRun | core.RunNotSettled) else None


def _fields(error: Exception) -> tuple[FieldProblem, ...]:
    match error:
        case core.InvalidArgument():
            findings = [web.Finding(field=error.field, value=error.value, message=error.remedy)]
        case web.InvalidRequest():
            findings = list(error.findings)
        case _:
            return ()
    return tuple(
        FieldProblem(field=finding.field, value=_shown(finding), message=finding.message) for finding in findings
    )


def _shown(finding: web.Finding) -> Any:
    """The value as the caller wrote it, in at most 200 characters, without what looks like a secret."""
    value = _WITHHELD if _SECRET.search(finding.field) else _without_secrets(finding.value)
    if value is None or isinstance(value, bool | int | float):
        text = json.dumps(value)
        return value if len(text) <= LONGEST_VALUE and "N" not in text and "I" not in text else text[:LONGEST_VALUE]
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"


def _without_secrets(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            str(key): _WITHHELD if _SECRET.search(str(key)) else _without_secrets(inner) for key, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [_without_secrets(inner) for inner in value]
    return value


def _headers(error: Exception, *, transient: bool) -> dict[str, str]:
    match error:
        case web.Unauthenticated():
            return {"WWW-Authenticate": "Bearer"}
        case web.WrongMethod():
            return {"Allow": ", ".join(error.allowed)}
        case HTTPException(headers=headers) if headers:
            return dict(headers)
    return {"Retry-After": str(_RETRY_AFTER)} if transient else {}
