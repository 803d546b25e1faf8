"""The contract of the token verifier, which tells who sent a bearer token."""

from typing import Protocol


class TokenVerifier(Protocol):
    """Verifies identity tokens (OIDC, signed by the configured issuer)."""

    async def email(self, token: str, *, audience: str) -> str | None:
        """Return the verified email of the token's owner, or None if the token is not valid for this audience."""
        ...
