"""The cookies of the console: no script reads them, and other sites do not make a browser send them with a form."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from tock.web.deployment import Access


def cookie_of(request: Request, name: str, *, access: Access) -> str:
    """Return the value of a cookie that this console set, or an empty text."""
    return request.cookies.get(_full_name(name, access=access), "")


def set_cookie(response: Response, name: str, value: str, *, lasts: timedelta, access: Access) -> None:
    """Set a cookie for the whole console. A deployment's browsers send it over TLS only; a local stack has none."""
    response.set_cookie(
        _full_name(name, access=access),
        value,
        max_age=int(lasts.total_seconds()),
        path="/",
        secure=not access.local,
        httponly=True,
        samesite="lax",
    )


def forget_cookie(response: Response, name: str, *, access: Access) -> None:
    """Make the browser forget a cookie."""
    full_name = _full_name(name, access=access)
    response.delete_cookie(full_name, path="/", secure=not access.local, httponly=True, samesite="lax")


def _full_name(name: str, *, access: Access) -> str:
    # Browsers take a cookie of this prefix from the site itself only, not from another one below the same domain
    # (RFC 6265bis, "Cookie Name Prefixes"), and over TLS only.
    return name if access.local else f"__Host-{name}"
