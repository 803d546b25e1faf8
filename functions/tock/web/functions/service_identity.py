"""Checks that `tick` and `run` are called by this deployment's own service account."""

from starlette.requests import Request

from tock.web.bearer_token import bearer_token
from tock.web.deployment import Deployment
from tock.web.errors import AccessUnset, Forbidden, Unauthenticated
from tock.web.this_machine import require_this_machine

_WANTED = "an OIDC token of the service account"
#: If a request has this header, Cloud Run verifies it, and passes Authorization on unverified.
_VERIFIED_INSTEAD = "x-serverless-authorization"
_SETTINGS = "TOCK_SERVICE_ACCOUNT, TOCK_TICK_AUDIENCE and TOCK_RUN_AUDIENCE"


async def require_service(request: Request, deployment: Deployment, *, audience: str) -> None:
    """Return if the caller is the configured service account.

    Where none is configured, nobody may call, except on the local stack programs of this machine. Raises AccessUnset,
    ForeignHost, Unauthenticated, Forbidden, and Unavailable when the issuer's certificates cannot be read.
    """
    access = deployment.access
    if not access.service_accounts or not audience:
        if access.local and not access.service_accounts:
            require_this_machine(request, access=access)
            return
        raise AccessUnset(settings=_SETTINGS)
    if _VERIFIED_INSTEAD in request.headers:
        problem = f"Authorization is not verified in a request with {_VERIFIED_INSTEAD}"
        raise Unauthenticated(problem, wanted=_WANTED)
    token = bearer_token(request.headers)
    if token is None:
        raise Unauthenticated("The caller is not known", wanted=_WANTED)
    email = await deployment.tokens.email(token, audience=audience)
    if email is None:
        raise Unauthenticated("The token is not valid for this function", wanted=_WANTED)
    request.state.principal = email
    if email not in access.service_accounts:
        raise Forbidden(f"{email} is not the service account of this deployment.")
