"""Identity tokens of this function's service account, from Google Cloud's metadata server."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import anyio

#: How long before its expiry a token is no longer used.
SPARE = timedelta(minutes=5)
Fetch = Callable[[str], Awaitable[str]]


class NoIdentityToken(Exception):
    """The metadata server gave no identity token: it does not answer, or this is not Google Cloud."""


class IdentityTokens:
    """Tokens by audience, each used until five minutes before it expires; `fetch` gets a new one."""

    def __init__(self, *, now: Callable[[], datetime], fetch: Fetch | None = None) -> None:
        self._now = now
        self._fetch = fetch or fetch_identity_token
        self._tokens: dict[str, tuple[str, datetime]] = {}

    async def token(self, audience: str) -> str:
        """Return a token for this audience. Raises NoIdentityToken."""
        token, expires = self._tokens.get(audience, ("", datetime.min.replace(tzinfo=UTC)))
        if self._now() + SPARE < expires:
            return token
        token = await self._fetch(audience)
        self._tokens = {known: kept for known, kept in self._tokens.items() if self._now() < kept[1]}
        self._tokens[audience] = (token, _expiry(token))
        return token


async def fetch_identity_token(audience: str) -> str:
    """Return a new token for this audience (`GCE_METADATA_HOST` names another server). Raises NoIdentityToken."""
    return await anyio.to_thread.run_sync(_fetch, audience)


def _fetch(audience: str) -> str:
    from google.auth.compute_engine import IDTokenCredentials  # noqa: PLC0415 imported lazily: few agents need it
    from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415 as above
    from google.auth.transport.requests import Request  # noqa: PLC0415 as above

    try:
        # Without a request the constructor does not ask the metadata server for the account's name, which nobody needs.
        credentials = IDTokenCredentials(None, audience, use_metadata_identity_endpoint=True)
        credentials.refresh(Request())
    except (GoogleAuthError, ValueError, KeyError) as exc:
        raise NoIdentityToken(f"The metadata server gave no identity token for {audience}: {exc}") from exc
    return str(credentials.token)


def _expiry(token: str) -> datetime:
    """Return the time in the token's claim `exp` (RFC 7519); its signature is for the called service to check."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return datetime.fromtimestamp(claims["exp"], tz=UTC)
    except (IndexError, ValueError, KeyError, TypeError, OverflowError) as exc:
        raise NoIdentityToken(f"The metadata server gave a token that cannot be read: {type(exc).__name__}") from exc
