"""The route of the versions of a trigger."""

from tock.app.manage.triggers.list_versions import list_versions
from tock.web.api.routing import PageQuery, UseServices, api_router
from tock.web.api.triggers.triggers import TRIGGER
from tock.web.resources.page import UnreadableShape
from tock.web.resources.triggers.revision import RevisionPage, RevisionResource

router = api_router(tag="triggers")


@router.get(f"{TRIGGER}/revisions")
async def list_revisions(*, project: str, trigger: str, paging: PageQuery, services: UseServices) -> RevisionPage:
    """List the versions of a trigger that were in force in the last 90 days, newest first.

    Each says who made it and which fields it changed. A deleted trigger has them too.
    """
    page = await list_versions(services, project=project, trigger=trigger, limit=paging.page_size, token=paging.token)
    return RevisionPage(
        revisions=tuple(map(RevisionResource.of, page.items)),
        unreadable=UnreadableShape.of_all(page.unreadable),
        next_page_token=page.next_token,
    )
