"""What the console keeps in cookies: texts that only this deployment can read and make, for a limited time."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken

from tock.core.run.run_token import RunTokens

#: How long a person stays signed in.
SESSION_LENGTH = timedelta(hours=12)
#: How long a message may wait for the page that shows it.
NOTICE_LENGTH = timedelta(minutes=1)
_NONCE = 16


@dataclass(frozen=True, slots=True)
class Seal:
    """Seals texts for one purpose, encrypted and signed (Fernet), with a key derived from that of the run tokens.

    So each purpose has a key of its own, no key is configured besides, and every instance opens what another sealed.
    """

    tokens: RunTokens
    purpose: str
    lasts: timedelta

    def seal(self, text: str, *, now: datetime) -> str:
        """Return the text, sealed, in characters that a cookie may hold."""
        return self._fernet.encrypt_at_time(text.encode(), int(now.timestamp())).decode()

    def opens(self, sealed: str, *, now: datetime) -> str | None:
        """Return the text, or None if it has expired or was not sealed here for this purpose."""
        try:
            opened = self._fernet.decrypt_at_time(
                sealed.encode(), ttl=int(self.lasts.total_seconds()), current_time=int(now.timestamp())
            )
        except InvalidToken:
            return None
        return opened.decode()

    @property
    def _fernet(self) -> Fernet:
        return Fernet(urlsafe_b64encode(derived_key(self.tokens, purpose=self.purpose)))


def session_seal(tokens: RunTokens) -> Seal:
    """Return what seals the key of a person who has signed in."""
    return Seal(tokens, purpose="console session", lasts=SESSION_LENGTH)


def notice_seal(tokens: RunTokens) -> Seal:
    """Return what seals the message that the next page shows."""
    return Seal(tokens, purpose="console notice", lasts=NOTICE_LENGTH)


def form_token(tokens: RunTokens, *, browser: str, nonce: str) -> str:
    """Return the token that proves that a form comes from a page that this deployment showed this browser.

    Each page has another nonce, so that its compressed size says nothing about the token.
    """
    nonce = nonce[:_NONCE]
    signed = f"{browser}\n{nonce}".encode()
    signature = hmac.new(derived_key(tokens, purpose="console form"), signed, hashlib.sha256)
    return f"{nonce}.{signature.hexdigest()}"


def is_form_token(token: str, tokens: RunTokens, *, browser: str) -> bool:
    """Whether the token was made for this browser."""
    made = form_token(tokens, browser=browser, nonce=token.partition(".")[0])
    return hmac.compare_digest(made.encode(), token.encode())


def derived_key(tokens: RunTokens, *, purpose: str) -> bytes:
    """Return 32 bytes that only holders of the key of the run tokens can compute, others for each purpose."""
    return hmac.new(tokens.key.encode(), f"tock {purpose} 1".encode(), hashlib.sha256).digest()
