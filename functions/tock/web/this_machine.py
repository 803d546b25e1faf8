"""Who may call a local stack that asks for no key: programs and pages of this machine, and no page of another site.

A web page can have its own name point to 127.0.0.1 (DNS rebinding): then the `Host` of its requests is that name. It
can send a form to 127.0.0.1 as well: then its `Origin` says from where.
"""

import re

from starlette.requests import Request

from tock.web.deployment import Access
from tock.web.errors import ForeignHost, ForeignPage

#: The names of the address that a local stack listens on.
_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
_HOST = re.compile(r"(?:\[(?P<address>[0-9a-fA-F:]+)\]|(?P<name>[^:@\[\]]+))(?::[0-9]{1,5})?")
_ORIGIN = re.compile(r"https?://(?P<host>.+)")
#: The methods that change nothing (RFC 9110, section 9.2.1).
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def require_this_machine(request: Request, *, access: Access) -> None:
    """Raise ForeignHost or ForeignPage unless a program or a page of this machine calls.

    The hosts of the URLs that the stack is configured with are names of this machine too.
    """
    own = _NAMES | (set(map(host_name, access.own_hosts)) - {""})
    if host_name(request.headers.get("host", "")) not in own:
        raise ForeignHost(request.headers.get("host", ""))
    origin = request.headers.get("origin")
    if origin is None or request.method in _SAFE:
        return
    match = _ORIGIN.fullmatch(origin)
    if match is None or host_name(match["host"]) not in own:
        raise ForeignPage(origin)


def host_name(host: str) -> str:
    """Return the name or address in `name:port` without its port and brackets; empty if it is neither."""
    match = _HOST.fullmatch(host)
    return "" if match is None else (match["address"] or match["name"]).lower()
