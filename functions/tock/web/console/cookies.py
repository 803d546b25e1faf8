"""The cookies of the console: no script reads them, and other sites do not make a browser send them with a form."""

from datetime import timedelta

from starlette.responses import Response

from tock.web.deployment import Access


def set_cookie(response: Response, name: str, value: str, *, lasts: timedelta, access: Access) -> None:
    """Set a cookie for the whole console. A deployment's browsers send it over TLS only; a local stack has none."""
    response.set_cookie(
        name,
        value,
        max_age=int(lasts.total_seconds()),
        path="/",
        secure=not access.local,
        httponly=True,
        samesite="lax",
    )
