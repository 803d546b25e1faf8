"""Issue and revoke the API keys of a project."""

import hashlib
from contextlib import suppress
from dataclasses import dataclass

from tock.app.as_stored import as_stored
from tock.app.log import log_event
from tock.app.manage.owner import owner_of, unchanged
from tock.app.services import Services
from tock.core.errors import CommitConflict, NotFound, StoreUnavailable
from tock.core.project import ApiKey
from tock.core.time.stamp import Stamp
from tock.core.unreadable import Unreadable
from tock.ports.store import Create, Delete


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new API key with its secret, which is shown once; only its hash is stored."""

    key: ApiKey
    #: `tock.PROJECT/ID/SECRET`: what a client sends as its bearer token.
    token: str


async def issue_key(services: Services, *, project: str, name: str, by: str) -> IssuedKey:
    """Create an API key of the project, and return it. Raises NotFound, BeingDeleted, StoreUnavailable."""
    owner = await owner_of(services, project)
    identifier = f"k-{services.random.token()[:12]}"
    secret = services.random.token() + services.random.token()
    stamp = Stamp(at=services.clock.now(), by=by)
    key = ApiKey(project=project, id=identifier, name=name, secret_hash=secret_hash(secret), created=stamp)
    try:
        await services.store.commit([Create(value=key), unchanged(owner)])
    except CommitConflict as exc:
        raise StoreUnavailable(f"The project {project!r} was edited or deleted just now: try again.") from exc
    log_event("api_key_issued", project=project, key=identifier, by=by)
    return IssuedKey(key=key, token=f"tock.{project}/{identifier}/{secret}")


async def revoke_key(services: Services, *, project: str, key: str, by: str) -> None:
    """Delete an API key, which is not accepted from then on. Raises NotFound."""
    found = await as_stored(services.store.api_key(project, key))
    if found is None:
        raise NotFound("API key", key)
    await delete_key(services, found if isinstance(found, Unreadable) else found.value)
    log_event("api_key_revoked", project=project, key=key, by=by)


def secret_hash(secret: str) -> str:
    """Return the stored hash of a key's secret; a plain SHA-256 is enough, because the secret is long and random."""
    return hashlib.sha256(secret.encode()).hexdigest()


async def delete_key(services: Services, key: ApiKey | Unreadable) -> None:
    """Delete a key, if it still exists."""
    # A conflict means that another deletion, or an unacknowledged try of this one, has deleted it already.
    with suppress(CommitConflict):
        await services.store.commit([Delete(value=key)])
