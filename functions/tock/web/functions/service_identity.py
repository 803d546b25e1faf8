"""The check that `tick` and `run` are called by this deployment's own service identity."""

from starlette.requests import Request

from tock.web.deployment import Deployment
from tock.web.errors import AccessUnset, Forbidden, Unauthenticated

_SCHEME = "Bearer "
_WANTED = "an OIDC token of the service account"
#: Where there is one, Cloud Run verifies it, and lets Authorization through as it is.
_CHECKED_INSTEAD = "x-serverless-authorization"
_SETTINGS = "TOCK_SERVICE_ACCOUNT, TOCK_TICK_AUDIENCE and TOCK_RUN_AUDIENCE"


async def require_service(request: Request, deployment: Deployment, *, audience: str) -> None:
    """Return if the caller is the configured service identity.

    Without a configured one nobody may come in, except beside a local emulator. Raises AccessUnset, Unauthenticated,
    Forbidden, and Unavailable when the issuer's certificates cannot be read.
    """
    access = deployment.access
    if not access.service_accounts or not audience:
        if access.local and not access.service_accounts:
            return
        raise AccessUnset(settings=_SETTINGS)
    if _CHECKED_INSTEAD in request.headers:
        problem = f"Authorization proves nothing beside {_CHECKED_INSTEAD}"
        raise Unauthenticated(problem, wanted=_WANTED)
    header = request.headers.get("authorization", "")
    if not header.startswith(_SCHEME):
        raise Unauthenticated("The caller is not known", wanted=_WANTED)
    email = await deployment.tokens.email(header.removeprefix(_SCHEME), audience=audience)
    if email is None:
        raise Unauthenticated("The token does not hold for this function", wanted=_WANTED)
    if email not in access.service_accounts:
        raise Forbidden(f"{email} is not the service account of this deployment.")
