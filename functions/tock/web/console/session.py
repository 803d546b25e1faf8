"""The session of a person who has signed in: what a cookie holds, sealed, and who that is."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from tock.core.run.run_token import RunTokens
from tock.web.authentication import Principal, holder_of
from tock.web.console.sealed import session_seal
from tock.web.deployment import Deployment


class SessionKind(StrEnum):
    """How a person has signed in; each kind has a proof of its own."""

    #: With a key. The proof is the key itself, which is looked up at each request: a deleted one opens nothing.
    KEY = "key"


@dataclass(frozen=True, slots=True)
class Session:
    """A person who has signed in."""

    kind: SessionKind
    proof: str

    def sealed(self, tokens: RunTokens, *, now: datetime) -> str:
        """Return the session as a cookie holds it."""
        return session_seal(tokens).seal(f"{self.kind} {self.proof}", now=now)

    @classmethod
    def opened(cls, sealed: str, tokens: RunTokens, *, now: datetime) -> Self | None:
        """Return the session of a cookie, or None if it has expired, was not made here, or is of no known kind."""
        opened = session_seal(tokens).opens(sealed, now=now)
        kind, space, proof = (opened or "").partition(" ")
        return cls(SessionKind(kind), proof) if space and kind in set(SessionKind) else None


async def caller_of(session: Session, *, deployment: Deployment) -> Principal:
    """Return who has the session. Raises Unauthenticated, StoreUnavailable."""
    match session.kind:
        case SessionKind.KEY:
            return await holder_of(session.proof, deployment=deployment)
