"""The versions of a trigger: who changed what, and when."""

from starlette.responses import Response

from tock.app.manage.triggers.list_versions import list_versions
from tock.core.trigger.version import Version
from tock.core.unreadable import Unreadable
from tock.web.console.pages.triggers.detail.differences import Difference, differences
from tock.web.console.pages.triggers.found import heading_of, stored_trigger
from tock.web.console.routing import get
from tock.web.console.visit import Visit
from tock.web.requests import parse
from tock.web.resources.page import Paging


async def show_history(visit: Visit) -> Response:
    """Show the versions of a trigger that were in force while its runs are kept, newest first; it may be deleted."""
    trigger, paging = visit.request.path_params["trigger"], parse(Paging, dict(visit.request.query_params))
    page = await list_versions(
        visit.services, project=visit.project, trigger=trigger, limit=paging.page_size, token=paging.token
    )
    return visit.page(
        "triggers/detail/history.html",
        trigger=trigger,
        head=await heading_of(visit, await stored_trigger(visit)),
        versions=[(each, _changes(each)) for each in page.found],
        next_token=page.next_token,
        page_size=str(paging.page_size),
        first_page=paging.token is None,
    )


def _changes(version: Version | Unreadable) -> tuple[Difference, ...]:
    if isinstance(version, Unreadable) or version.before is None or version.revision.spec is None:
        return ()
    return differences(version.before, version.revision.spec)


ROUTES = (get("/projects/{project}/triggers/{trigger}/history", show_history),)
