# Made from the file of this name in `_async` by `make client`: change that one.
"""The projects of a deployment."""

from typing import Unpack

from tock.client._sync.listing import Listing
from tock.client._sync.sender import Sender
from tock.client.fields import ProjectFields
from tock.client.request import IfMatch, path_of, request
from tock.web.resources.projects.diagnosis import DiagnosisResource, RepairResource
from tock.web.resources.projects.project import ProjectPage, ProjectResource


class Projects:
    """Projects; `project` is the client's own by default. To create one, the admin key is needed."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def list(
        self, *, page_size: int | None = None, page_token: str | None = None
    ) -> Listing[ProjectResource, ProjectPage]:
        """List the projects that the key opens, by id."""
        return Listing(
            self._sender,
            path_of("projects"),
            page=ProjectPage,
            items=lambda page: page.projects,
            query={"page_size": page_size, "page_token": page_token},
        )

    def get(self, project: str | None = None) -> ProjectResource:
        """Return a project."""
        return self._sender.fetch(request("GET", self._sender.path(project=project)), ProjectResource)

    def create(self, project: str, **fields: Unpack[ProjectFields]) -> ProjectResource:
        """Create a project with this id."""
        body = {"id": project, **fields}
        return self._sender.fetch(request("POST", path_of("projects"), body=body), ProjectResource)

    def put(
        self, project: str | None = None, *, if_match: IfMatch | None = None, **fields: Unpack[ProjectFields]
    ) -> ProjectResource:
        """Replace a project as a whole, also one that cannot be read; fields that are left out get their defaults."""
        sent = request("PUT", self._sender.path(project=project), body=fields, if_match=if_match)
        return self._sender.fetch(sent, ProjectResource)

    def update(
        self, project: str | None = None, *, if_match: IfMatch | None = None, **changes: Unpack[ProjectFields]
    ) -> ProjectResource:
        """Change fields of a project; None clears its name and its concurrency."""
        sent = request("PATCH", self._sender.path(project=project), body=changes, if_match=if_match)
        return self._sender.fetch(sent, ProjectResource)

    def delete(self, project: str, *, if_match: IfMatch | None = None) -> None:
        """Delete a project without agents, triggers and active runs, and its API keys."""
        self._sender.perform(request("DELETE", self._sender.path(project=project), if_match=if_match))

    def diagnosis(self, project: str | None = None) -> DiagnosisResource:
        """Return a project's runs that have not ended, and those of them that no sweep has moved on in time."""
        path = self._sender.path("diagnosis", project=project)
        return self._sender.fetch(request("GET", path), DiagnosisResource)

    def repair(self, project: str | None = None) -> RepairResource:
        """Repair a project's stuck runs now, as the sweep of each tick does."""
        path = self._sender.path(project=project, verb="repair")
        return self._sender.fetch(request("POST", path, repeatable=True), RepairResource)
