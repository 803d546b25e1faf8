"""Reads what every handler needs from a request: its JSON body, its idempotency key, the revision it expects."""

import re
from collections import Counter
from collections.abc import Container
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.datastructures import Headers, QueryParams
from starlette.requests import Request

from tock.app.manage.stored import Expected
from tock.core.errors import InvalidArgument
from tock.core.json.strict import NotStrictJson, strict_json
from tock.web.errors import BodyTooLarge, FieldError, InvalidRequest, NotJson, WrongContentType
from tock.web.validation_errors import MOST_ERRORS, invalid_request

#: The most bytes of a body: four times the largest payload.
LARGEST_BODY = 256 * 1024
#: Headers that decide something. Two readers of a request, such as Cloud Run and Tock, may each take another one of
#: several, so a request with two of them is refused.
SINGLE_HEADERS = (
    *("authorization", "x-serverless-authorization", "content-type", "content-length", "content-encoding"),
    *("transfer-encoding", "host", "idempotency-key", "if-match"),
)

_MEDIA_TYPE = re.compile(r"application/([a-z0-9!#$&^_.-]+\+)?json", re.IGNORECASE)
_KEY = re.compile(r"[!-~]{1,255}")
_ETAG = re.compile(r'"(?:(?P<revision>[1-9][0-9]{0,17})|(?P<unreadable>unreadable-[0-9]{1,20}))"')
#: The two headers as patterns of JSON Schema.
KEY_PATTERN = f"^{_KEY.pattern}$"
ETAG_PATTERN = '^"([1-9][0-9]{0,17}|unreadable-[0-9]{1,20})"$'
IF_MATCH_PATTERN = rf"^(\*|{ETAG_PATTERN[1:-1]})$"
_Model = TypeVar("_Model", bound=BaseModel)


def require_single_headers(headers: Headers) -> None:
    """Raise InvalidRequest if a header that decides something comes more than once."""
    repeated = {name: len(headers.getlist(name)) for name in SINGLE_HEADERS if len(headers.getlist(name)) > 1}
    if repeated:
        raise InvalidRequest(
            FieldError(field=name.title(), value=None, message=f"comes {count} times: send it once")
            for name, count in repeated.items()
        )


def require_single_parameters(parameters: QueryParams, *, several: Container[str]) -> None:
    """Raise InvalidRequest if a query parameter comes more than once, unless it is one that may come several times."""
    counts = Counter(name for name, _ in parameters.multi_items() if name not in several)
    repeated = {name: count for name, count in counts.items() if count > 1}
    if repeated:
        raise InvalidRequest(
            FieldError(field=name, value=None, message=f"comes {count} times: give it once")
            for name, count in list(repeated.items())[:MOST_ERRORS]
        )


async def read_body(request: Request) -> bytes:
    """Return a body of JSON. Raises BodyTooLarge as soon as the limit is passed, WrongContentType unless it is JSON."""
    body = await bounded_body(request)
    media_type = request.headers.get("content-type", "").partition(";")[0].strip()
    if body and _MEDIA_TYPE.fullmatch(media_type) is None:
        raise WrongContentType(media_type)
    return body


async def bounded_body(request: Request, *, limit: int = LARGEST_BODY) -> bytes:
    """Return the body, of whatever type. Raises BodyTooLarge as soon as the limit in bytes is passed."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:18]) > limit:
        raise BodyTooLarge(limit=limit)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise BodyTooLarge(limit=limit)
    return bytes(body)


def parse_json(body: bytes) -> Any:
    """Return the JSON value of a body. Raises NotJson, which says where and why."""
    try:
        return strict_json(body)
    except NotStrictJson as exc:
        raise NotJson(str(exc)) from exc


def parse(model: type[_Model], document: Any) -> _Model:
    """Return the body as a model. Raises InvalidRequest, which names every field that cannot be accepted."""
    try:
        return model.model_validate(document)
    except ValidationError as exc:
        raise invalid_request(exc.errors(include_url=False), model=model) from exc


def idempotency_key(request: Request) -> str | None:
    """Return the `Idempotency-Key` header, or None. Raises InvalidArgument unless it is 1 to 255 visible ASCII."""
    given = request.headers.getlist("idempotency-key")
    if not given:
        return None
    if len(given) > 1 or _KEY.fullmatch(given[0]) is None:
        remedy = "takes one value of 1 to 255 visible ASCII characters"
        raise InvalidArgument(field="Idempotency-Key", value=", ".join(given), remedy=remedy)
    return given[0]


def expected_revision(request: Request) -> Expected | None:
    """Return the revision of the `If-Match` header, or the mark of a resource that cannot be read.

    None without a header, or for `*`. Raises InvalidArgument.
    """
    given = request.headers.getlist("if-match")
    if not given or given == ["*"]:
        return None
    match = _ETAG.fullmatch(given[0].strip())
    if len(given) > 1 or match is None:
        remedy = 'takes the ETag of the last response, such as "3" with its quotes, or *'
        raise InvalidArgument(field="If-Match", value=", ".join(given), remedy=remedy)
    return match["unreadable"] or int(match["revision"])
