"""What the HTTP handlers need of this deployment: its services, and who may call what."""

from dataclasses import dataclass
from datetime import datetime

from tock.app.services import Services
from tock.core.run.run_token import RunTokens
from tock.ports.token_verifier import TokenVerifier


@dataclass(frozen=True, slots=True)
class Access:
    """Who may call what. Where nothing is configured, nobody may, except on the local stack."""

    #: Whether the store is a local emulator: then no key and no token is needed unless one is configured.
    local: bool = False
    #: The hosts of the URLs that a local stack is configured with: names of this machine, as 127.0.0.1 is.
    own_hosts: frozenset[str] = frozenset()
    #: The emails of the service accounts that may call `tick` and `run`.
    service_accounts: frozenset[str] = frozenset()
    #: The audiences that tokens for `tick` and `run` must be issued for; empty when not configured.
    tick_audience: str = ""
    run_audience: str = ""
    #: The SHA-256 (hex) of the admin key, which opens every project; empty when there is none.
    admin_key_hash: str = ""
    #: Whether callers of `api`, `trigger` and `retry` need a key, which may be an API key of a project.
    keys: bool = False
    #: Reads the tokens of runs; None where no key for them is configured.
    run_tokens: RunTokens | None = None


@dataclass(frozen=True, slots=True)
class Deployment:
    """The deployment of one process: its services, who may call it, and what verifies tokens."""

    services: Services
    access: Access
    tokens: TokenVerifier
    #: When the local stack started, which then has no tick for up to a minute; None where ticks have always come.
    started: datetime | None = None
