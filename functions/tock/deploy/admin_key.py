"""Creates the admin key, which opens every project of a deployment."""

import hashlib
import secrets
from dataclasses import dataclass, field

#: The prefix by which people and secret scanners recognise a key in a log or a repository.
_PREFIX = "tock-admin-"
_RANDOM_BYTES = 32


@dataclass(frozen=True, slots=True)
class AdminKey:
    """A random admin key. It is shown once and never stored; only its hash is stored."""

    text: str = field(repr=False)

    @classmethod
    def new(cls) -> "AdminKey":
        """Return a new random key."""
        return cls(_PREFIX + secrets.token_urlsafe(_RANDOM_BYTES))

    @property
    def hash(self) -> str:
        """The key's SHA-256 in hexadecimal. A plain hash is enough, because the key is random and 32 bytes long."""
        return hashlib.sha256(self.text.encode()).hexdigest()
