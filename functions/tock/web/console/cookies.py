"""The cookies of the console: no script reads them, and other sites do not make a browser send them with a form."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from starlette.requests import Request
from starlette.responses import Response

from tock.web.deployment import Access

_PORT = re.compile(r":(?P<port>[0-9]{1,5})$")


@dataclass(frozen=True, slots=True)
class Cookies:
    """The cookies that a request came with, and how its answer changes them, by their names within the console."""

    given: Mapping[str, str]
    #: Whether they belong to a local stack, which is reached without TLS.
    is_local: bool
    #: The port of the address that the browser asked for; empty if that names none.
    port: str

    @classmethod
    def of(cls, request: Request, *, access: Access) -> Self:
        """Return the cookies of a request."""
        match = _PORT.search(request.headers.get("host", ""))
        return cls(request.cookies, is_local=access.local, port=match["port"] if match else "")

    def value(self, name: str) -> str:
        """Return the value of a cookie that this console set, or an empty text."""
        return self.given.get(self._full_name(name), "")

    def keep(self, response: Response, name: str, value: str, *, lasts: timedelta) -> None:
        """Set a cookie for the whole console. A deployment's browsers send it over TLS only; a local stack has none."""
        response.set_cookie(
            self._full_name(name),
            value,
            max_age=int(lasts.total_seconds()),
            path="/",
            secure=not self.is_local,
            httponly=True,
            samesite="lax",
        )

    def forget(self, response: Response, name: str) -> None:
        """Make the browser forget a cookie."""
        response.delete_cookie(self._full_name(name), path="/", secure=not self.is_local, httponly=True, samesite="lax")

    def _full_name(self, name: str) -> str:
        if self.is_local:
            # A browser sends the cookies of 127.0.0.1 to each of its ports (RFC 6265, section 8.5): to every stack.
            return f"{name}_{self.port}"
        # Browsers take a cookie of this prefix from the site itself only, not from another one below the same domain
        # (RFC 6265bis, "Cookie Name Prefixes"), and over TLS only.
        return f"__Host-{name}"
