"""Routes of a project's API keys."""

from tock.app.manage.projects.api_keys import issue_key, revoke_key
from tock.web.api.routing import PROJECT, Caller, PageQuery, UseServices, api_router
from tock.web.resources.page import UnreadableShape
from tock.web.resources.projects.api_key import KeyPage, KeyResource, NewKey, NewKeyResource

router = api_router(tag="api-keys")


@router.post(f"{PROJECT}/api-keys", status_code=201)
async def issue(*, project: str, caller: Caller, services: UseServices, body: NewKey | None = None) -> NewKeyResource:
    """Issue an API key of the project. Only this response shows its token."""
    issued = await issue_key(services, project=project, name=(body or NewKey()).name, by=caller.author)
    return NewKeyResource.issued(issued)


@router.get(f"{PROJECT}/api-keys")
async def list_api_keys(*, project: str, paging: PageQuery, services: UseServices) -> KeyPage:
    """List the project's API keys by id, without their secrets."""
    page = await services.store.api_keys(project, limit=paging.page_size, token=paging.token)
    return KeyPage(
        api_keys=tuple(KeyResource.of(key) for key in page.items),
        unreadable=UnreadableShape.of_all(page.unreadable),
        next_page_token=page.next_token,
    )


@router.delete(f"{PROJECT}/api-keys/{{key:segment}}", status_code=204)
async def revoke(*, project: str, key: str, caller: Caller, services: UseServices) -> None:
    """Revoke an API key; no request with it is accepted from then on."""
    await revoke_key(services, project=project, key=key, by=caller.author)
