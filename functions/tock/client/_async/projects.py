"""The projects of a deployment."""

from typing import Unpack

from tock.client._async.listing import AsyncListing
from tock.client._async.sender import AsyncSender
from tock.client.fields import ProjectFields
from tock.client.request import IfMatch, path_of, request
from tock.web.resources.projects.diagnosis import DiagnosisResource, RepairResource
from tock.web.resources.projects.project import ProjectPage, ProjectResource


class AsyncProjects:
    """Projects; `project` is the client's own by default. To create one, the admin key is needed."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    def list(
        self, *, page_size: int | None = None, page_token: str | None = None
    ) -> AsyncListing[ProjectResource, ProjectPage]:
        """List the projects that the key opens, by id."""
        return AsyncListing(
            self._sender,
            path_of("projects"),
            page=ProjectPage,
            items=lambda page: page.projects,
            query={"page_size": page_size, "page_token": page_token},
        )

    async def get(self, project: str | None = None) -> ProjectResource:
        """Return a project."""
        return await self._sender.fetch(request("GET", self._sender.path(project=project)), ProjectResource)

    async def create(self, project: str, **fields: Unpack[ProjectFields]) -> ProjectResource:
        """Create a project with this id."""
        body = {"id": project, **fields}
        return await self._sender.fetch(request("POST", path_of("projects"), body=body), ProjectResource)

    async def put(
        self, project: str | None = None, *, if_match: IfMatch | None = None, **fields: Unpack[ProjectFields]
    ) -> ProjectResource:
        """Replace a project as a whole, also one that cannot be read; fields that are left out get their defaults."""
        sent = request("PUT", self._sender.path(project=project), body=fields, if_match=if_match)
        return await self._sender.fetch(sent, ProjectResource)

    async def update(
        self, project: str | None = None, *, if_match: IfMatch | None = None, **changes: Unpack[ProjectFields]
    ) -> ProjectResource:
        """Change fields of a project; None clears its name and its concurrency."""
        sent = request("PATCH", self._sender.path(project=project), body=changes, if_match=if_match)
        return await self._sender.fetch(sent, ProjectResource)

    async def delete(self, project: str, *, if_match: IfMatch | None = None) -> None:
        """Delete a project without agents, triggers and active runs, and its API keys."""
        await self._sender.perform(request("DELETE", self._sender.path(project=project), if_match=if_match))

    async def diagnosis(self, project: str | None = None) -> DiagnosisResource:
        """Return a project's runs that have not ended, and those of them that no sweep has moved on in time."""
        path = self._sender.path("diagnosis", project=project)
        return await self._sender.fetch(request("GET", path), DiagnosisResource)

    async def repair(self, project: str | None = None) -> RepairResource:
        """Repair a project's stuck runs now, as the sweep of each tick does."""
        path = self._sender.path(project=project, verb="repair")
        return await self._sender.fetch(request("POST", path, repeatable=True), RepairResource)
