"""The local identity: signs OpenID Connect tokens on this machine, in place of Google."""

import hashlib
import json
import os
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import crypt, jwt

_ISSUER = "https://accounts.google.com"
_LIFETIME = timedelta(hours=1)
_BITS = 2048
#: The end of a certificate that never expires (RFC 5280, section 4.1.2.5).
_NO_END = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class TokenIssuer:
    """An RSA key with a self-signed certificate; a function that trusts the certificate accepts the tokens."""

    #: A JSON file {key id: PEM certificate}, in the format of https://www.googleapis.com/oauth2/v1/certs
    certificates: Path
    _signer: Any = field(repr=False)

    @classmethod
    def load(cls, directory: Path) -> "TokenIssuer":
        """Return the identity that is stored in the directory; the first call creates it.

        Only the owner may read the key's file. Two processes may call this at once: both get the key of the first.
        """
        directory.mkdir(parents=True, exist_ok=True)
        key_file = directory / "key.pem"
        if not key_file.exists():
            _write_new(key_file, text=_new_key())
        pem = key_file.read_text()
        certificate = pem[pem.index("-----BEGIN CERTIFICATE-----") :]
        key_id = hashlib.sha256(certificate.encode()).hexdigest()[:40]
        certificates = directory / "certificates.json"
        _replace(certificates, text=json.dumps({key_id: certificate}, indent=2))
        signer = crypt.RSASigner.from_string(pem, key_id)
        return cls(certificates=certificates, _signer=signer)

    def token(self, *, email: str, audience: str, now: datetime) -> str:
        """Return an OpenID Connect token (RS256) of this service account for the audience, valid for an hour."""
        issued = int(now.timestamp())
        claims = {
            "iss": _ISSUER,
            "aud": audience,
            "email": email,
            "email_verified": True,
            "sub": str(int(hashlib.sha256(email.encode()).hexdigest(), 16))[:21],
            "iat": issued,
            "exp": issued + int(_LIFETIME.total_seconds()),
        }
        token: bytes = jwt.encode(self._signer, claims)
        return token.decode()


def _new_key() -> str:
    """Return a new private key and its self-signed certificate, in PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Tock local identity")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_BEGINNING)
        .not_valid_after(_NO_END)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return (private + certificate.public_bytes(serialization.Encoding.PEM)).decode()


def _write_new(path: Path, *, text: str) -> None:
    """Create the file with its whole content, unless another process has created it meanwhile."""
    draft = _draft(path, text=text)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _replace(path: Path, *, text: str) -> None:
    if not path.exists() or path.read_text() != text:
        _draft(path, text=text).replace(path)


def _draft(path: Path, *, text: str) -> Path:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    draft.touch(mode=0o600, exist_ok=False)
    draft.write_text(text)
    return draft
