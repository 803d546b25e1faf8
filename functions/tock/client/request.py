"""One request to Tock's API."""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from tock.client.encoding import encoded_body, encoded_query
from tock.client.errors import InvalidArgument

_ID = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,255}")
_VISIBLE = re.compile(r"[!-~]{1,255}")


class Revised(Protocol):
    """A resource with a revision, as it was read: a project, an agent or a trigger."""

    @property
    def revision(self) -> int:
        """Counts its edits, from 1."""
        ...


#: What a change may be conditional on: the resource as it was read, its revision, or an ETag.
IfMatch = Revised | int | str


@dataclass(frozen=True, slots=True)
class Request:
    """One request: its path below the server's URL, and what is sent with it."""

    method: str
    path: str
    query: Mapping[str, str | list[str]] = field(default_factory=dict)
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    #: Whether a second one like it does no more than the first.
    repeatable: bool = False
    #: The server's URL if it is not the client's: a function has an address of its own.
    server: str | None = None


def request(
    method: str,
    path: str,
    *,
    query: Mapping[str, Any] | None = None,
    body: Any = None,
    if_match: IfMatch | None = None,
    idempotency_key: str | None = None,
    repeatable: bool = False,
    server: str | None = None,
) -> Request:
    """Return a request. It may be repeated if it only reads, has a revision to match, or an idempotency key.

    Raises InvalidArgument.
    """
    headers = {}
    if if_match is not None:
        headers["If-Match"] = _etag(if_match)
    if idempotency_key is not None:
        _check_key(idempotency_key)
        headers["Idempotency-Key"] = idempotency_key
    if body is not None:
        headers["Content-Type"] = "application/json"
    conditional = headers.get("If-Match", "*") != "*"
    return Request(
        method=method,
        path=path,
        query=encoded_query(query or {}),
        body=None if body is None else encoded_body(body),
        headers=headers,
        repeatable=repeatable or method == "GET" or conditional or idempotency_key is not None,
        server=server,
    )


def path_of(*segments: str, verb: str | None = None) -> str:
    """Return the path of a resource below `/v1`, with a verb behind it. Raises InvalidArgument for what is no id."""
    for segment in segments:
        if not isinstance(segment, str) or _ID.fullmatch(segment) is None:
            remedy = f"{segment!r} is not an id: ids are made of letters, digits, '.', '_' and '-'"
            raise InvalidArgument(field="id", value=segment, remedy=remedy)
    return "/".join(("/v1", *segments)) + (f":{verb}" if verb else "")


def given(**fields: Any) -> dict[str, Any]:
    """Return the fields that are not None."""
    return {name: value for name, value in fields.items() if value is not None}


def key_or_new(idempotency_key: str | None) -> str:
    """Return the key of the caller's choice, or one that no other request has."""
    return uuid.uuid4().hex if idempotency_key is None else idempotency_key


def _etag(if_match: IfMatch) -> str:
    if isinstance(if_match, str):
        if _VISIBLE.fullmatch(if_match) is None:
            remedy = "takes a resource as it was read, its revision, or an ETag such as '\"3\"'"
            raise InvalidArgument(field="if_match", value=if_match, remedy=remedy)
        return if_match
    return f'"{if_match if isinstance(if_match, int) else if_match.revision}"'


def _check_key(key: str) -> None:
    if _VISIBLE.fullmatch(key) is None:
        remedy = f"{key[:80]!r} has not 1 to 255 visible ASCII characters: use letters, digits and punctuation"
        raise InvalidArgument(field="idempotency_key", value=key, remedy=remedy)
