"""Checks which headers an agent's configuration may add to its requests."""

import re
from collections.abc import Mapping

from tock.core.errors import InvalidArgument

_MAX_HEADERS = 20
_MAX_HEADER_VALUE = 1_024
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_HEADER_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
#: Headers that would hold a secret, or that the connection or the signature depends on.
_RESERVED_HEADER = re.compile(
    r"webhook-.*|proxy-.*|x-serverless-authorization|x-goog-iap-.*|authorization|cookie|host|content-length|content-type|content-encoding|transfer-encoding"
    r"|connection|keep-alive|te|trailer|upgrade|expect|accept-encoding|idempotency-key",
    re.IGNORECASE,
)


def check_headers(headers: object) -> None:
    """Check that this is None or a small object of headers; raises InvalidArgument, which never quotes a value."""
    if headers is None:
        return
    if not isinstance(headers, Mapping) or len(headers) > _MAX_HEADERS:
        raise InvalidArgument(
            field="config.headers", value=None, remedy=f"write an object of at most {_MAX_HEADERS} headers"
        )
    for name, value in headers.items():
        if not isinstance(name, str) or _HEADER_NAME.fullmatch(name) is None:
            raise InvalidArgument(field="config.headers", value=name, remedy="this is not the name of a header")
        if _RESERVED_HEADER.fullmatch(name) is not None:
            raise InvalidArgument(
                field=f"config.headers.{name}",
                value=None,
                remedy="leave it out: this header is not allowed, or Tock sets it itself",
            )
        if not isinstance(value, str) or len(value) > _MAX_HEADER_VALUE or _HEADER_VALUE.fullmatch(value) is None:
            raise InvalidArgument(
                field=f"config.headers.{name}",
                value=None,
                remedy=f"write printable ASCII of 1 to {_MAX_HEADER_VALUE} characters",
            )
