"""The project as readers see it, and as its author writes it."""

from tock.core.fields.types import Identifier
from tock.core.project import Project, ProjectSpec
from tock.core.time.stamp import Stamp
from tock.web.resources.page import Listed


class NewProject(ProjectSpec):
    """A project to create."""

    id: Identifier

    @property
    def spec(self) -> ProjectSpec:
        """What the author wrote, without the id."""
        return ProjectSpec.model_construct(**{field: getattr(self, field) for field in ProjectSpec.model_fields})


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
