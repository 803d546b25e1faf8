"""Checks which headers an agent's configuration may add to its requests."""

import re
from collections.abc import Mapping

from tock.core.errors import InvalidArgument

MAX_HEADERS = 20
MAX_HEADER_VALUE = 1_024
_NAME = r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}"
_VALUE = "[!-~](?:[ -~]*[!-~])?"
#: Headers that would hold a secret, or that the connection, the signature or Google Cloud's own checks depend on.
_RESERVED = (
    *("authorization", "x-serverless-authorization", "cookie", "host", "content-length", "content-type"),
    *("content-encoding", "transfer-encoding", "connection", "keep-alive", "te", "trailer", "upgrade", "expect"),
    *("accept-encoding", "idempotency-key"),
)
_RESERVED_STARTS = ("webhook-", "proxy-", "x-goog-iap-")


def _in_any_case(text: str) -> str:
    # JSON Schema has no flag for upper and lower case.
    return "".join(f"[{letter.upper()}{letter}]" if letter.isalpha() else letter for letter in text)


_RESERVED_NAME = "|".join((*map(_in_any_case, _RESERVED), *(f"{_in_any_case(start)}.*" for start in _RESERVED_STARTS)))
#: The names and values as patterns of JSON Schema.
NAME_PATTERN = f"^(?!(?:{_RESERVED_NAME})$){_NAME}$"
VALUE_PATTERN = f"^{_VALUE}$"


def check_headers(headers: object) -> None:
    """Check that this is None or a small object of headers; raises InvalidArgument, which never quotes a value."""
    if headers is None:
        return
    if not isinstance(headers, Mapping) or len(headers) > MAX_HEADERS:
        raise InvalidArgument(
            field="config.headers", value=None, remedy=f"write an object of at most {MAX_HEADERS} headers"
        )
    for name, value in headers.items():
        if not isinstance(name, str) or re.fullmatch(_NAME, name) is None:
            raise InvalidArgument(field="config.headers", value=name, remedy="this is not the name of a header")
        if re.fullmatch(_RESERVED_NAME, name) is not None:
            raise InvalidArgument(
                field=f"config.headers.{name}",
                value=None,
                remedy="leave it out: this header is not allowed, or Tock sets it itself",
            )
        if not isinstance(value, str) or len(value) > MAX_HEADER_VALUE or re.fullmatch(_VALUE, value) is None:
            raise InvalidArgument(
                field=f"config.headers.{name}",
                value=None,
                remedy=f"write printable ASCII of 1 to {MAX_HEADER_VALUE} characters",
            )
