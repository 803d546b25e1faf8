"""The project and its API keys as readers see them, and as they are asked for."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from tock.app.manage.projects import IssuedKey
from tock.core.agent import Stamp
from tock.core.field_types import Identifier
from tock.core.project import ApiKey, Project, ProjectSpec
from tock.web.resources.page import Listed


class NewProject(ProjectSpec):
    """A project to create."""

    id: Identifier

    @property
    def spec(self) -> ProjectSpec:
        """What the author wrote, without the id."""
        return ProjectSpec.model_construct(name=self.name, description=self.description)


class ProjectResource(ProjectSpec):
    """A project."""

    id: str
    revision: int
    created: Stamp
    updated: Stamp

    @classmethod
    def of(cls, project: Project) -> "ProjectResource":
        """Return the project as readers see it."""
        return cls.model_construct(**{field: getattr(project, field) for field in cls.model_fields})


class ProjectPage(Listed):
    """A page of projects, by id."""

    projects: tuple[ProjectResource, ...]


class NewKey(BaseModel):
    """An API key to issue."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(default="", max_length=256, description="What or whom it is for.")


class KeyResource(BaseModel):
    """An API key, without its secret."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    project: str
    id: str
    name: str
    created: Stamp

    @classmethod
    def of(cls, key: ApiKey) -> Self:
        """Return the key as readers see it."""
        return cls(project=key.project, id=key.id, name=key.name, created=key.created)


class NewKeyResource(KeyResource):
    """A key that was just issued; its token is shown this once."""

    token: str = Field(description="The bearer token. Keep it: it is not shown again.")

    @classmethod
    def issued(cls, issued: IssuedKey) -> Self:
        """Return the key with its token."""
        return cls(**dict(KeyResource.of(issued.key)), token=issued.token)


class KeyPage(Listed):
    """A page of API keys, by id."""

    api_keys: tuple[KeyResource, ...]
