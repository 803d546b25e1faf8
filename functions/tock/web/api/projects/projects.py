"""Routes of projects."""

from fastapi import Response

from tock.app.as_stored import as_stored
from tock.app.manage.projects.delete_project import delete_project
from tock.app.manage.projects.projects import create_project, edit_project, replace_project
from tock.core.errors import NotFound
from tock.core.project import Project, ProjectSpec
from tock.core.unreadable import Unreadable
from tock.ports.store import Versioned
from tock.web.api.merge_patch import Changes, apply_patch, patch_body
from tock.web.api.routing import PROJECT, Caller, PageQuery, Revision, UseServices, api_router, mark_revision
from tock.web.resources.page import UnreadableShape
from tock.web.resources.projects.project import NewProject, ProjectPage, ProjectResource

router = api_router(tag="projects")


@router.post("/v1/projects", status_code=201)
async def create(*, body: NewProject, response: Response, caller: Caller, services: UseServices) -> ProjectResource:
    """Create a project. Needs the admin key."""
    caller.require_deployment()
    project = await create_project(services, identifier=body.id, spec=body.spec, by=caller.author)
    response.headers["Location"] = f"/v1/projects/{project.id}"
    return _with_etag(project, response)


@router.get("/v1/projects")
async def list_projects(*, paging: PageQuery, caller: Caller, services: UseServices) -> ProjectPage:
    """List the projects that the caller's key opens, by id."""
    if caller.project is not None:
        own = await as_stored(services.store.project(caller.project))
        return ProjectPage(
            projects=(ProjectResource.of(own.value),) if isinstance(own, Versioned) else (),
            unreadable=UnreadableShape.of_all([own] if isinstance(own, Unreadable) else []),
            next_page_token=None,
        )
    page = await services.store.projects(limit=paging.page_size, token=paging.token)
    return ProjectPage(
        projects=tuple(ProjectResource.of(project) for project in page.items),
        unreadable=UnreadableShape.of_all(page.unreadable),
        next_page_token=page.next_token,
    )


@router.get(PROJECT)
async def read(*, project: str, response: Response, services: UseServices) -> ProjectResource:
    """Return a project, with its revision as ETag."""
    found = await services.store.project(project)
    if found is None:
        raise NotFound("project", project)
    return _with_etag(found.value, response)


@router.patch(PROJECT, openapi_extra=patch_body(ProjectSpec))
async def patch(
    *, project: str, changes: Changes, response: Response, caller: Caller, services: UseServices, revision: Revision
) -> ProjectResource:
    """Change fields of a project; null clears its name and its concurrency."""
    edited = await apply_patch(
        changes,
        spec=ProjectSpec,
        named=("project", project),
        revision=revision,
        read=lambda: services.store.project(project),
        edit=lambda changes, revision: edit_project(
            services, project=project, changes=changes, by=caller.author, revision=revision
        ),
        replace=lambda spec: replace_project(services, project=project, spec=spec, by=caller.author, revision=revision),
    )
    return _with_etag(edited, response)


@router.put(PROJECT)
async def put(
    *, project: str, body: ProjectSpec, response: Response, caller: Caller, services: UseServices, revision: Revision
) -> ProjectResource:
    """Replace a project as a whole, also one that cannot be read; absent fields get their defaults."""
    replaced = await replace_project(services, project=project, spec=body, by=caller.author, revision=revision)
    return _with_etag(replaced, response)


@router.delete(PROJECT, status_code=204)
async def delete(*, project: str, caller: Caller, services: UseServices, revision: Revision) -> None:
    """Delete a project without agents, triggers and active runs, and its API keys.

    Nobody can read its records any more, and its id stays taken until they have expired (90 days).
    """
    await delete_project(services, project=project, by=caller.author, revision=revision)


def _with_etag(project: Project, response: Response) -> ProjectResource:
    mark_revision(response, project.revision)
    return ProjectResource.of(project)
