"""The header `Authorization` of an HTTP agent's requests, which its configuration asks for by `auth`."""

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from tock.core.errors import InvalidArgument
from tock.executors.outbound.identity_token import IdentityTokens
from tock.executors.outbound.named_secret import NamedSecrets

_REMEDY = (
    'write one of {"bearer": "PROJECT/NAME"}, {"basic": "PROJECT/NAME"} and {"google_id_token": "https://HOST"}, '
    "where PROJECT/NAME names a secret of TOCK_SECRETS"
)
#: What a bearer token consists of (RFC 6750, section 2.1).
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")
#: A user without a colon, and a password (RFC 7617), in printable ASCII.
_CREDENTIALS = re.compile(r"[\x20-\x39\x3b-\x7e]*:[\x20-\x7e]*")


class Authorization:
    """Makes the header: a named secret as a bearer token or as basic credentials, or an identity token.

    An identity token goes only to the host that it is for. Otherwise an agent's author could have one sent to a server
    of their own and use it at another service, in the name of this function.
    """

    def __init__(self, *, secrets: NamedSecrets, tokens: IdentityTokens) -> None:
        self._secrets = secrets
        self._tokens = tokens

    def check(self, auth: object, *, project: str, urls: Sequence[str]) -> None:
        """Check the configuration of an agent with this project and these URLs, of which the first is its own.

        Raises InvalidArgument, which quotes no secret.
        """
        match auth:
            case None:
                return
            case {"bearer": name, **rest} if not rest:
                self._secrets.check(
                    name, project=project, field="config.auth.bearer", valid=_is_token, means="a bearer token"
                )
            case {"basic": name, **rest} if not rest:
                self._secrets.check(
                    name, project=project, field="config.auth.basic", valid=_is_credentials, means="'user:password'"
                )
            case {"google_id_token": audience, **rest} if not rest:
                _check_audience(audience, urls=urls)
            case _:
                raise InvalidArgument(field="config.auth", value=None, remedy=_REMEDY)

    async def header(self, auth: Mapping[str, Any] | None, *, project: str) -> str | None:
        """Return the value of the header, or None if there is none.

        Raises InvalidArgument if the secret is another project's or not there, and NoIdentityToken.
        """
        match auth:
            case {"bearer": name}:
                return f"Bearer {self._secrets.own(name, project=project, field='config.auth.bearer')}"
            case {"basic": name}:
                credentials = self._secrets.own(name, project=project, field="config.auth.basic")
                return f"Basic {b64encode(credentials.encode()).decode()}"
            case {"google_id_token": audience}:
                return f"Bearer {await self._tokens.token(audience)}"
        return None


def _is_token(secret: str) -> bool:
    return _TOKEN.fullmatch(secret) is not None


def _is_credentials(secret: str) -> bool:
    return _CREDENTIALS.fullmatch(secret) is not None


def _check_audience(audience: object, *, urls: Sequence[str]) -> None:
    same = isinstance(audience, str) and all(_origin(audience) == _origin(url) for url in urls)
    if not isinstance(audience, str) or not same or not audience.startswith("https://"):
        raise InvalidArgument(
            field="config.auth.google_id_token",
            value=audience if isinstance(audience, str) else None,
            remedy="name the service that all URLs of the agent lead to, such as https://review-123456789012.run.app: "
            "Tock sends a token only to the host that it is for",
        )


def _origin(url: str) -> tuple[str, str | None, int | None] | None:
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname, parts.port or {"https": 443}.get(parts.scheme)
    except ValueError:
        return None
