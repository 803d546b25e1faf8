"""The project in which something is created: it must exist, and must not be deleted meanwhile."""

from tock.app.services import Services
from tock.core.errors import BeingDeleted, NotFound
from tock.core.project import Project
from tock.ports.store import Change, Versioned


async def owner_of(services: Services, project: str) -> Versioned[Project]:
    """Return the project. Raises NotFound, BeingDeleted, DocumentUnreadable."""
    found = await services.store.project(project)
    if found is None:
        raise NotFound("project", project)
    if found.value.deleting is not None:
        raise BeingDeleted(project)
    return found


def unchanged(owner: Versioned[Project]) -> Change:
    """Return the write that makes a Commit conflict if the project was edited or deleted since it was read."""
    return Change(before=owner, after=owner.value)
