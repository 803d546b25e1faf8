"""Reads an identity token: three parts of base64url, a header and claims of the expected types, or no token at all."""

import base64
import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tock.core.json.strict import NotStrictJson, strict_json

#: What Cloud Run writes in place of a signature that it has verified (Cloud Run, "Service-to-service authentication").
SIGNATURE_REMOVED = "SIGNATURE_REMOVED_BY_GOOGLE"
#: Base64url without padding (RFC 7515, section 2), in three parts.
_TOKEN = re.compile(
    r"(?P<signed>(?P<header>[A-Za-z0-9_-]+)\.(?P<claims>[A-Za-z0-9_-]+))\.(?P<signature>[A-Za-z0-9_-]+)"
)
#: A NumericDate (RFC 7519): seconds since 1970, up to the end of the year 9999.
_NumericDate = Annotated[float, Field(ge=0, le=253_402_300_799, allow_inf_nan=False)]


class _Header(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")

    alg: Literal["RS256"]
    kid: Annotated[str, Field(min_length=1, max_length=256)]


class Claims(BaseModel):
    """The claims that Tock looks at. Their types are strict: a text with digits is no number."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    iss: str
    aud: str
    email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\z", max_length=320)]
    email_verified: Literal[True]
    iat: _NumericDate
    exp: _NumericDate


@dataclass(frozen=True, slots=True)
class IdentityToken:
    """A token whose parts are well-formed; nothing says yet that its claims are true."""

    key: str
    claims: Claims
    #: What the signature covers, and the signature.
    signed: bytes
    signature: bytes
    #: Whether Cloud Run put its mark in the place of the signature.
    signature_removed: bool


def identity_token(text: str) -> IdentityToken | None:
    """Return the token that the text holds, or None if a part of it is not what an issuer writes."""
    match = _TOKEN.fullmatch(text)
    if match is None:
        return None
    try:
        header = _Header.model_validate(_json(match["header"]))
        claims = Claims.model_validate(_json(match["claims"]))
        signature = _decoded(match["signature"])
    except (NotStrictJson, ValidationError, ValueError):
        return None
    return IdentityToken(
        key=header.kid,
        claims=claims,
        signed=match["signed"].encode(),
        signature=signature,
        signature_removed=match["signature"] == SIGNATURE_REMOVED,
    )


def _json(part: str) -> Any:
    return strict_json(_decoded(part))


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
