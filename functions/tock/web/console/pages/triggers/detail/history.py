"""The versions of a trigger: who changed what, and when."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from tock.core.errors import NotFound
from tock.core.trigger.revision import Revision
from tock.core.unreadable import Unreadable
from tock.web.console.pages.triggers.detail.differences import Difference, differences
from tock.web.console.routing import get
from tock.web.console.visit import Visit

#: The most versions that the page shows.
_MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Version:
    """One version, and what it changed."""

    revision: Revision | Unreadable
    #: `created`, `changed`, `enabled`, `disabled`, `deleted`, or `first kept` if the one before it is not known.
    event: str
    changes: tuple[Difference, ...] = ()


async def show_history(visit: Visit) -> Response:
    """Show the versions of a trigger that were in force while its runs are kept, newest first; it may be deleted."""
    trigger = visit.request.path_params["trigger"]
    since = visit.now - visit.services.timing.retention
    stored = await visit.services.store.revisions(visit.project, trigger, since=since)
    if not stored:
        raise NotFound("trigger", trigger)
    return visit.page(
        "triggers/detail/history.html",
        trigger=trigger,
        versions=versions(stored)[:_MOST_SHOWN],
        left_out=max(0, len(stored) - _MOST_SHOWN),
    )


def versions(stored: Sequence[Revision | Unreadable]) -> tuple[Version, ...]:
    """Return what each revision changed, the newest first, from the revisions, the oldest first."""
    befores = [None, *stored[:-1]]
    return tuple(_version(revision, before) for before, revision in zip(befores, stored, strict=True))[::-1]


def _version(revision: Revision | Unreadable, before: Revision | Unreadable | None) -> Version:
    if isinstance(revision, Unreadable):
        return Version(revision, "unreadable")
    if revision.spec is None:
        return Version(revision, "deleted")
    if revision.number == 1 or (isinstance(before, Revision) and before.spec is None):
        return Version(revision, "created")
    if not isinstance(before, Revision) or before.spec is None:
        return Version(revision, "first kept")
    changes = differences(before.spec, revision.spec)
    if [each.field for each in changes] == ["enabled"]:
        return Version(revision, "enabled" if revision.spec.enabled else "disabled", changes)
    return Version(revision, "changed", changes)


ROUTES = (get("/projects/{project}/triggers/{trigger}/history", show_history),)
