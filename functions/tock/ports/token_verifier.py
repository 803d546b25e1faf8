"""The contract of identity: who is behind a bearer token."""

from typing import Protocol


class TokenVerifier(Protocol):
    """Verifies identity tokens (OIDC, signed by the configured issuer)."""

    async def email(self, token: str, *, audience: str) -> str | None:
        """Return the verified email that the token was issued to for this audience, or None when it does not hold."""
        ...
