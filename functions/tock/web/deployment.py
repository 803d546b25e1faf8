"""What the edges need of this deployment: its parts, and who may call what."""

from dataclasses import dataclass

from tock.app.services import Services
from tock.ports.token_verifier import TokenVerifier


@dataclass(frozen=True, slots=True)
class Access:
    """Who may call what; with nothing configured nobody may, except against a local emulator."""

    #: A local emulator stands behind the store: what is not configured is open.
    local: bool = False
    #: The emails of the service accounts that may call `tick` and `run`.
    service_accounts: frozenset[str] = frozenset()
    #: What the tokens for `tick` and `run` must be issued for; empty when not configured.
    tick_audience: str = ""
    run_audience: str = ""
    #: The SHA-256 (hex) of the deployment's own key, which opens every project; empty when there is none.
    admin_key_hash: str = ""
    #: Whether keys of projects are required of callers of `api`, `trigger` and `retry`.
    keys: bool = False


@dataclass(frozen=True, slots=True)
class Deployment:
    """One process's deployment."""

    services: Services
    access: Access
    tokens: TokenVerifier
