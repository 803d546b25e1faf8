"""Verifies OIDC identity tokens with their issuer's certificates."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Protocol

import anyio
from google.auth import crypt, exceptions
from google.auth.transport.requests import Request

from tock.auth.identity_token import Claims, IdentityToken, identity_token
from tock.core.errors import Unavailable
from tock.ports.clock import Clock

#: Google's certificates for identity tokens (Google Identity, "Verify the Google ID token").
GOOGLE_CERTIFICATES = "https://www.googleapis.com/oauth2/v1/certs"
ISSUERS = frozenset({"https://accounts.google.com", "accounts.google.com"})
#: How long certificates are used once read; Google publishes new ones days before it signs with them.
FRESH = timedelta(hours=1)
#: An unknown key id makes Tock read the certificates again at most this often.
LOOK_AGAIN = timedelta(minutes=1)
#: How long Google may take to answer, in seconds.
TIMEOUT_SECONDS = 10
NEVER = datetime.min.replace(tzinfo=UTC)
#: How far the clocks of the issuer and of this process may differ, in seconds.
SKEW_SECONDS = 10


class Certificates(Protocol):
    """A place where an issuer publishes its certificates."""

    async def read(self) -> Mapping[str, str]:
        """Return the PEM certificates by key id. Raises Unavailable."""
        ...


@dataclass(frozen=True, slots=True)
class GoogleCertificates:
    """Google's own certificates, over https."""

    url: str = GOOGLE_CERTIFICATES

    async def read(self) -> Mapping[str, str]:
        """Return the PEM certificates by key id."""
        try:
            return _certificates(await anyio.to_thread.run_sync(self._fetch))
        except (exceptions.TransportError, ValueError) as exc:
            raise Unavailable(f"Google's certificates could not be read: {exc}") from exc

    def _fetch(self) -> str:
        # The Firestore and Cloud Tasks clients import this HTTP client anyway; another would lengthen each cold start.
        response = Request()(self.url, timeout=TIMEOUT_SECONDS)
        if response.status != HTTPStatus.OK:
            raise ValueError(f"{self.url} answered {response.status}")
        return bytes(response.data).decode()


@dataclass(frozen=True, slots=True)
class CertificateFile:
    """The certificates of a local identity, in a file of the same format."""

    path: Path

    async def read(self) -> Mapping[str, str]:
        """Return the PEM certificates by key id."""
        try:
            return _certificates(await anyio.Path(self.path).read_text())
        except (OSError, ValueError) as exc:
            raise Unavailable(f"The certificates in {self.path} could not be read: {exc}") from exc


@dataclass(slots=True)
class OidcTokens:
    """Verifies tokens with certificates that are read once an hour, and again for an unknown key id.

    `behind_iam` states that every request comes through Cloud Run, which admits only callers that may invoke the
    service, and removes the signature from the token that it verified. Of such a token only the claims are checked.
    """

    certificates: Certificates
    clock: Clock
    behind_iam: bool = False
    _known: Mapping[str, str] = field(default_factory=dict)
    _read_at: datetime = NEVER

    async def email(self, token: str, *, audience: str) -> str | None:
        """Return the verified email that the token was issued to for this audience, or None if the token is not valid.

        Whatever the token holds, the answer is None rather than an error. Raises Unavailable when the certificates
        cannot be read.
        """
        token_read = identity_token(token)
        if token_read is None or not self._hold(token_read.claims, audience=audience):
            return None
        admitted = self.behind_iam and token_read.signature_removed
        return token_read.claims.email if admitted or await self._is_signed(token_read) else None

    def _hold(self, claims: Claims, *, audience: str) -> bool:
        now = self.clock.now().timestamp()
        in_force = claims.iat - SKEW_SECONDS <= now <= claims.exp + SKEW_SECONDS
        return in_force and claims.aud == audience and claims.iss in ISSUERS

    async def _is_signed(self, token: IdentityToken) -> bool:
        await self._refresh(key=token.key)
        certificate = self._known.get(token.key)
        if certificate is None:
            return False
        try:
            verified: bool = crypt.verify_signature(token.signed, token.signature, certificate)
        except ValueError:
            return False
        return verified

    async def _refresh(self, *, key: str) -> None:
        age = self.clock.now() - self._read_at
        if age > FRESH or (key not in self._known and age > LOOK_AGAIN):
            self._known = await self.certificates.read()
            self._read_at = self.clock.now()


def _certificates(text: str) -> dict[str, str]:
    found = json.loads(text)
    if not isinstance(found, dict) or not found:
        raise ValueError("the document holds no certificates")
    return {str(key): str(value) for key, value in found.items()}
