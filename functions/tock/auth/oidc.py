"""OIDC identity tokens, verified with their issuer's certificates."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any, Protocol

import anyio
from google.auth import exceptions, jwt
from google.auth.transport.requests import Request

from tock.core.errors import Unavailable
from tock.ports.clock import Clock

#: Google's certificates for identity tokens (Google Identity, "Verify the Google ID token").
GOOGLE_CERTIFICATES = "https://www.googleapis.com/oauth2/v1/certs"
ISSUERS = frozenset({"https://accounts.google.com", "accounts.google.com"})
#: Certificates are used this long; Google publishes new ones days before it signs with them.
FRESH = timedelta(hours=1)
#: An unknown key id leads to another look at the certificates at most this often.
LOOK_AGAIN = timedelta(minutes=1)
#: How long Google may take to answer.
PATIENCE_SECONDS = 10
NEVER = datetime.min.replace(tzinfo=UTC)
#: How far the clocks of issuer and verifier may differ.
SKEW_SECONDS = 10
#: What Cloud Run puts in the place of a signature that it verified (Cloud Run, "Service-to-service authentication").
SIGNATURE_REMOVED = "SIGNATURE_REMOVED_BY_GOOGLE"


class Certificates(Protocol):
    """Where an issuer publishes its certificates."""

    async def read(self) -> Mapping[str, str]:
        """Return the PEM certificates by key id. Raises Unavailable."""
        ...


@dataclass(frozen=True, slots=True)
class GoogleCertificates:
    """Google's own, over https."""

    url: str = GOOGLE_CERTIFICATES

    async def read(self) -> Mapping[str, str]:
        """Return the PEM certificates by key id."""
        try:
            return _certificates(await anyio.to_thread.run_sync(self._fetch))
        except (exceptions.TransportError, ValueError) as exc:
            raise Unavailable(f"Google's certificates could not be read: {exc}") from exc

    def _fetch(self) -> str:
        # The clients of Firestore and Cloud Tasks have loaded it; any other would lengthen each cold start.
        answer = Request()(self.url, timeout=PATIENCE_SECONDS)
        if answer.status != HTTPStatus.OK:
            raise ValueError(f"{self.url} answered {answer.status}")
        return bytes(answer.data).decode()


@dataclass(frozen=True, slots=True)
class CertificateFile:
    """Those of a local identity, in a file of the same shape."""

    path: Path

    async def read(self) -> Mapping[str, str]:
        """Return the PEM certificates by key id."""
        try:
            return _certificates(await anyio.Path(self.path).read_text())
        except (OSError, ValueError) as exc:
            raise Unavailable(f"The certificates in {self.path} could not be read: {exc}") from exc


@dataclass(slots=True)
class OidcTokens:
    """Verifies tokens with certificates that are read once an hour, and again for an unknown key.

    `behind_iam` says that nobody reaches this process but through Cloud Run, which lets in only who may invoke the
    service and takes the signature off the token that it verified: of such a one the claims are all there is.
    """

    certificates: Certificates
    clock: Clock
    behind_iam: bool = False
    _known: Mapping[str, str] = field(default_factory=dict)
    _read_at: datetime = NEVER

    async def email(self, token: str, *, audience: str) -> str | None:
        """Return the verified email that the token was issued to for this audience, or None when it does not hold.

        Raises Unavailable when the certificates cannot be read.
        """
        if self.behind_iam and token.endswith(f".{SIGNATURE_REMOVED}"):
            claims = self._verified_already(token, audience=audience)
        else:
            claims = await self._verified(token, audience=audience)
        if claims is None or claims.get("iss") not in ISSUERS or claims.get("email_verified") is not True:
            return None
        email = claims.get("email")
        return email if isinstance(email, str) else None

    async def _verified(self, token: str, *, audience: str) -> Mapping[str, Any] | None:
        await self._refresh(key=_key_of(token))
        try:
            claims: Mapping[str, Any] = jwt.decode(
                token, certs=dict(self._known), audience=audience, clock_skew_in_seconds=SKEW_SECONDS
            )
        except (ValueError, exceptions.GoogleAuthError):
            return None
        return claims

    def _verified_already(self, token: str, *, audience: str) -> Mapping[str, Any] | None:
        try:
            claims: Mapping[str, Any] = jwt.decode(token, verify=False)
            issued, expires = float(claims["iat"]), float(claims["exp"])
        except (ValueError, TypeError, LookupError, exceptions.GoogleAuthError):
            return None
        now = self.clock.now().timestamp()
        holds = issued - SKEW_SECONDS <= now <= expires + SKEW_SECONDS
        return claims if holds and claims.get("aud") == audience else None

    async def _refresh(self, *, key: str | None) -> None:
        age = self.clock.now() - self._read_at
        if age > FRESH or (key not in self._known and age > LOOK_AGAIN):
            self._known = await self.certificates.read()
            self._read_at = self.clock.now()


def _key_of(token: str) -> str | None:
    try:
        header = jwt.decode_header(token)
    except (ValueError, exceptions.GoogleAuthError):
        return None
    key = header.get("kid")
    return key if isinstance(key, str) else None


def _certificates(text: str) -> dict[str, str]:
    found = json.loads(text)
    if not isinstance(found, dict) or not found:
        raise ValueError("no certificates in it")
    return {str(key): str(value) for key, value in found.items()}
