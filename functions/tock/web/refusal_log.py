"""Logs each refusal as one line: who asked for what, and why it was refused, without anything the caller sent."""

import logging

from starlette.requests import Request

from tock.app.log import log_event
from tock.web.errors import Forbidden, ForeignHost, ForeignProject, Unauthenticated

#: The caller of a request that was refused before its caller was known.
UNKNOWN = "unknown"
#: Refusals that a well-behaved caller does not cause; an attacker does.
_SUSPICIOUS = (Unauthenticated, Forbidden, ForeignHost, ForeignProject)


def log_refusal(error: Exception, *, request: Request, status: int, code: str) -> None:
    """Log `request_refused` with the caller, the method, the route, the status and the code of the problem document.

    The caller is an author such as `key:ID`, `deployment-key` or a service account, never a key. `claimed` names the
    existing key whose id came with a wrong secret. To the caller a project that the key does not open is not found;
    the log says `foreign_project`. The route is a template such as `/v1/projects/{project}`, because ids in a path may
    be anything; it is empty if no route has the path.
    """
    claimed = error.claimed if isinstance(error, Unauthenticated) else None
    log_event(
        "request_refused",
        level=logging.WARNING if isinstance(error, _SUSPICIOUS) else logging.INFO,
        principal=getattr(request.state, "principal", UNKNOWN),
        claimed=claimed,
        method=request.method,
        route=getattr(request.state, "route", ""),
        status=status,
        code="foreign_project" if isinstance(error, ForeignProject) else code,
    )
