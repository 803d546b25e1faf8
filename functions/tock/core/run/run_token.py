"""Run tokens: what an agent that works elsewhere shows to act for its one run."""

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field

#: The fewest characters of the key: 32 random bytes in base64 have 43, and fewer than 32 characters can be guessed.
SHORTEST_KEY = 32
_PREFIX = "tock-run."
_ID, _SIGNATURE = "[A-Za-z0-9._-]{1,255}", "[A-Za-z0-9_-]{43}"
_TOKEN = re.compile(rf"tock-run\.(?P<project>{_ID})/(?P<run>{_ID})/(?P<signature>{_SIGNATURE})")
#: What a token looks like in a text, also as JSON and URLs write it: for what masks secrets.
TOKEN_PATTERN = rf"tock-run\.{_ID}(?:\\?/|%2F){_ID}(?:\\?/|%2F){_SIGNATURE}"


@dataclass(frozen=True, slots=True)
class RunTokens:
    """Makes and reads the tokens of runs: project and run, signed with the deployment's key by HMAC (RFC 2104).

    A token is never stored: every process with the key makes the same one. It says nothing of the run's status;
    whoever reads it must refuse it once the run has ended.
    """

    key: str = field(repr=False)

    def token(self, *, project: str, run: str) -> str:
        """Return the token of a run, in visible ASCII characters."""
        # A project's id has no slash, so no other project and run give the same text.
        signed = hmac.new(self.key.encode(), f"tock run token 1\n{project}/{run}".encode(), hashlib.sha256)
        return f"{_PREFIX}{project}/{run}/{urlsafe_b64encode(signed.digest()).decode().rstrip('=')}"

    def opens(self, token: str) -> tuple[str, str] | None:
        """Return the project and the run that the token is for, or None if no process with this key made it."""
        match = _TOKEN.fullmatch(token)
        if match is None:
            return None
        made = self.token(project=match["project"], run=match["run"])
        return (match["project"], match["run"]) if hmac.compare_digest(made, token) else None


def is_run_token(token: str) -> bool:
    """Whether the text begins as a run token does, whoever made it."""
    return token.startswith(_PREFIX)
