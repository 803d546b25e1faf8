"""Reads the bearer token of a request (RFC 6750)."""

import re

from starlette.datastructures import Headers

#: The name of a scheme may be written in any case (RFC 9110, section 11.1).
_BEARER = re.compile(r"bearer (?P<token>\S(?:.*\S)?)", re.IGNORECASE | re.DOTALL)


def bearer_token(headers: Headers) -> str | None:
    """Return the token of the one Authorization header, or None if that is not a bearer token."""
    given = headers.getlist("authorization")
    match = _BEARER.fullmatch(given[0]) if len(given) == 1 else None
    return None if match is None else match["token"]
