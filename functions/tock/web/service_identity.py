"""The check that `tick` and `run` are called by this deployment's own service identity."""

from starlette.requests import Request

from tock.web.deployment import Access, Deployment

_SCHEME = "Bearer "


async def refusal(request: Request, deployment: Deployment, *, audience: str) -> tuple[int, str] | None:
    """Return why the caller may not come in, as an HTTP status and a sentence, or None when it may.

    Without a configured identity nobody may (503), except beside a local emulator. Raises Unavailable when the
    certificates of the issuer cannot be read.
    """
    access = deployment.access
    if not _configured(access, audience):
        if access.local and not access.services:
            return None
        return 503, (
            "No service identity is configured: set TOCK_SERVICE_ACCOUNT, TOCK_TICK_AUDIENCE and TOCK_RUN_AUDIENCE."
        )
    header = request.headers.get("authorization", "")
    if not header.startswith(_SCHEME):
        return 401, "An OIDC token of the configured service account is needed: Authorization: Bearer TOKEN."
    email = await deployment.tokens.email(header.removeprefix(_SCHEME), audience=audience)
    if email is None:
        return 401, "The token is not a valid OIDC token for this audience."
    if email not in access.services:
        return 403, f"{email} is not the configured service account."
    return None


def _configured(access: Access, audience: str) -> bool:
    return bool(access.services and audience)
