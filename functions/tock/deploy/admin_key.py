"""The key that opens every project of a deployment."""

import hashlib
import secrets
from dataclasses import dataclass, field

#: So that whoever finds one, in a log or a repository, knows what it is.
_PREFIX = "tock-admin-"
_RANDOM_BYTES = 32


@dataclass(frozen=True, slots=True)
class AdminKey:
    """A key, drawn at random: shown once, never kept; what is kept of it is its hash."""

    text: str = field(repr=False)

    @classmethod
    def new(cls) -> "AdminKey":
        """Return a key that nobody has seen."""
        return cls(_PREFIX + secrets.token_urlsafe(_RANDOM_BYTES))

    @property
    def hash(self) -> str:
        """The SHA-256 of the key, in hexadecimal. The key is random and long, so that protects it."""
        return hashlib.sha256(self.text.encode()).hexdigest()
