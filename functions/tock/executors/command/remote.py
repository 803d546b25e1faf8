"""Where a repository is, and what opens it."""

import base64
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tock.executors.command.allowed import Repository


@dataclass(frozen=True, slots=True)
class Remote:
    """Where git reaches a repository, and the secret that opens it, or None."""

    repository: Repository
    secret: str | None = field(default=None, repr=False)

    @property
    def config(self) -> dict[str, str]:
        """The configuration of calls that reach it, which git reads from its environment: no argument holds it."""
        if self.secret is None:
            return {}
        return {f"http.{self._origin}.extraHeader": f"Authorization: Basic {self._credentials}"}

    @property
    def secrets(self) -> tuple[str, ...]:
        """The secret, and the credentials made of it."""
        return () if self.secret is None else (self.secret, self._credentials)

    @property
    def scheme(self) -> str:
        """The only protocol that git may use for it."""
        return urlsplit(self.repository.url).scheme

    @property
    def _origin(self) -> str:
        parts = urlsplit(self.repository.url)
        return f"{parts.scheme}://{parts.netloc}/"

    @property
    def _credentials(self) -> str:
        return base64.b64encode(f"{self.repository.user}:{self.secret}".encode()).decode()
