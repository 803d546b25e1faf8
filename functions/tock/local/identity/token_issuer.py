"""The local identity: signs OpenID Connect tokens on this machine, in place of Google."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import crypt, jwt

from tock.local.durable_file import create_file, replace_file

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
    def load(cls, directory: Path, *, log: Callable[[str], None] = lambda _text: None) -> "TokenIssuer":
        """Return the identity that is stored in the directory; the first call creates it.

        Only the owner may read the key's file. Two processes may call this at once: both get the key of the first. A
        damaged key is set aside and replaced, which `log` is told: no token outlives its hour.

        Raises OSError.
        """
        directory.mkdir(parents=True, exist_ok=True)
        key_file = directory / "key.pem"
        if not key_file.exists():
            create_file(key_file, text=_new_key())
        try:
            return cls._of(key_file)
        except ValueError:
            aside = key_file.with_name("key.pem.damaged")
            key_file.replace(aside)
            create_file(key_file, text=_new_key())
            log(f"{key_file} is damaged: it was set aside as {aside.name}, and a new key made; nothing else is lost")
            return cls._of(key_file)

    @classmethod
    def _of(cls, key_file: Path) -> "TokenIssuer":
        """Return the identity in the file. Raises ValueError if the key or its certificate is damaged."""
        pem = key_file.read_text(encoding="ascii")
        certificate = pem[pem.index("-----BEGIN CERTIFICATE-----") :]
        x509.load_pem_x509_certificate(certificate.encode())
        key_id = hashlib.sha256(certificate.encode()).hexdigest()[:40]
        signer = crypt.RSASigner.from_string(pem, key_id)
        certificates = key_file.with_name("certificates.json")
        text = json.dumps({key_id: certificate}, indent=2)
        if not certificates.exists() or certificates.read_bytes() != text.encode():
            replace_file(certificates, text=text)
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
