"""Access by key: who calls, and which projects the caller's key opens; and access by the token of one run."""

import hashlib
import hmac
import re
from dataclasses import dataclass

from starlette.requests import Request

from tock.app.as_stored import as_stored
from tock.app.manage.projects.api_keys import secret_hash
from tock.core.errors import NotFound
from tock.core.run.run_token import is_run_token
from tock.ports.store import Store, Versioned
from tock.web.bearer_token import bearer_token
from tock.web.deployment import Access, Deployment
from tock.web.errors import AccessUnset, Forbidden, ForeignProject, RunTokenEnded, Unauthenticated
from tock.web.this_machine import require_this_machine

#: What opens the routes of agents that work elsewhere.
_RUN_TOKEN = "the token that the run's agent was given"  # noqa: S105 - a sentence, not a token
_PROJECT_KEY = re.compile(
    r"tock\.(?P<project>[A-Za-z0-9._-]{1,255})/(?P<key>[A-Za-z0-9._-]{1,255})/(?P<secret>\S{1,512})"
)


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller: the name that records carry, and the one project that the key opens, or None for every project."""

    author: str
    project: str | None = None

    def require(self, project: str) -> None:
        """Raise ForeignProject for a project that the key does not open: to this caller it does not exist."""
        if self.project is not None and self.project != project:
            raise ForeignProject(project)

    def require_deployment(self) -> None:
        """Raise Forbidden unless the key opens every project."""
        if self.project is not None:
            raise Forbidden(f"A key of project {self.project!r} opens only that project: use the admin key.")


async def principal(request: Request, *, deployment: Deployment, project: str | None) -> Principal:
    """Return the caller, if the caller's key opens the project; `project` is None where the path names none.

    1. Where no admin key is configured, nobody may call; on the local stack everybody of this machine may.
    2. The admin key opens every project.
    3. An API key opens its own project; every other project is NotFound, and so is one that does not exist (any more).

    The request's state names the caller from then on, for the log of refusals. Raises AccessUnset, Unauthenticated,
    ForeignHost, ForeignPage, NotFound, StoreUnavailable.
    """
    caller = await _caller(request, deployment=deployment)
    request.state.principal = caller.author
    if project is not None:
        await require_project(caller, project, store=deployment.services.store)
    return caller


async def run_principal(request: Request, *, deployment: Deployment, project: str, run: str) -> Principal:
    """Return `run:ID` as the caller, if the caller shows the token of this run and the run has not ended.

    No key opens these routes, not even on the local stack. The run is read, because a token says nothing of its status.
    Raises AccessUnset, Unauthenticated, RunTokenEnded, NotFound (the token is another run's), StoreUnavailable.
    """
    if deployment.access.run_tokens is None:
        raise AccessUnset(settings="TOCK_RUN_TOKEN_KEY", callers="run tokens")
    token = bearer_token(request.headers)
    if token is None:
        given = "authorization" in request.headers
        problem = "The Authorization header is not a bearer token" if given else "There is no run token"
        raise Unauthenticated(problem, wanted=_RUN_TOKEN)
    opened = deployment.access.run_tokens.opens(token)
    if opened is None:
        raise Unauthenticated("The run token is not valid", wanted=_RUN_TOKEN)
    caller = Principal(author=f"run:{opened[1]}", project=opened[0])
    request.state.principal = caller.author
    caller.require(project)
    if opened[1] != run:
        raise NotFound("run", run)
    found = await deployment.services.store.run(project, run)
    if found is None:
        raise NotFound("run", run)
    if found.value.status.terminal:
        raise RunTokenEnded(run, status=found.value.status)
    return caller


async def require_project(caller: Principal, project: str, *, store: Store) -> None:
    """Raise NotFound unless the caller's key opens the project and the project exists, readable or not."""
    caller.require(project)
    # An API key is deleted with its project; only a key that opens every project could reach what a deleted one left.
    if caller.project is None and await as_stored(store.project(project)) is None:
        raise NotFound("project", project)


async def _caller(request: Request, *, deployment: Deployment) -> Principal:
    if (anybody := anybody_of(request, access=deployment.access)) is not None:
        return anybody
    token = bearer_token(request.headers)
    if token is None:
        given = "authorization" in request.headers
        raise Unauthenticated("The Authorization header is not a bearer token" if given else "There is no key")
    return await holder_of(token, deployment=deployment)


def anybody_of(request: Request, *, access: Access) -> Principal | None:
    """Return the caller that everybody of this machine is on a local stack without keys; None where callers need a key.

    Raises AccessUnset where no admin key is configured: there nobody may call. Raises ForeignHost and ForeignPage for a
    page of another site that calls the local stack.
    """
    if access.admin_key_hash or access.keys:
        return None
    if not access.local:
        raise AccessUnset
    require_this_machine(request, access=access)
    return Principal(author="local")


async def holder_of(key: str, *, deployment: Deployment) -> Principal:
    """Return whoever holds this key: the admin key, or an API key of a project. Raises Unauthenticated."""
    access = deployment.access
    if is_run_token(key):
        problem = "A run's token opens only its callback, its events, its checkpoint and its agent's own triggers"
        raise Unauthenticated(problem)
    presented = hashlib.sha256(key.encode()).hexdigest()
    if access.admin_key_hash and hmac.compare_digest(presented, access.admin_key_hash.lower()):
        return Principal(author="deployment-key")
    claimed = None
    if access.keys and (match := _PROJECT_KEY.fullmatch(key)) is not None:
        project, name = match["project"], match["key"]
        stored = await _secret_hash(deployment.services.store, project=project, key=name)
        if hmac.compare_digest(secret_hash(match["secret"]), stored):
            return Principal(author=f"key:{name}", project=project)
        claimed = f"key:{name}" if stored else None
    raise Unauthenticated("The key is not known", claimed=claimed)


async def _secret_hash(store: Store, *, project: str, key: str) -> str:
    """Return the hash of the key's secret, or an empty text, which is no hash, if no such key can be read."""
    found = await as_stored(store.api_key(project, key))
    return found.value.secret_hash if isinstance(found, Versioned) else ""
