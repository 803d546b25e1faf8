"""Whether the API of a local stack needs a key, and whether the key that was given is its admin key."""

import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass

_VARIABLE = "TOCK_ADMIN_KEY_HASH"


@dataclass(frozen=True, slots=True)
class Access:
    """What the caller's key is to the stack: without TOCK_ADMIN_KEY_HASH no key is needed."""

    needs_key: bool
    #: The admin key; empty if none is needed, or if the caller gave none or another.
    admin_key: str = ""

    @classmethod
    def of(cls, key: str, *, environment: Mapping[str, str]) -> "Access":
        """Return what the key is to a stack whose functions get this environment beside this process's own."""
        wanted = environment.get(_VARIABLE, os.environ.get(_VARIABLE, ""))
        if not wanted:
            return cls(needs_key=False)
        given = hashlib.sha256(key.encode(errors="surrogateescape")).hexdigest()
        return cls(needs_key=True, admin_key=key if hmac.compare_digest(given, wanted) else "")

    @property
    def opens_all(self) -> bool:
        """Whether requests may create projects."""
        return bool(self.admin_key) or not self.needs_key

    @property
    def headers(self) -> dict[str, str]:
        """The headers of requests."""
        return {"Authorization": f"Bearer {self.admin_key}"} if self.admin_key else {}
