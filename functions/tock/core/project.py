"""A project: the tenant that owns agents, triggers, runs and API keys."""

from pydantic import BaseModel, ConfigDict, Field

from tock.core.field_types import Identifier, Text, Title
from tock.core.stamp import Stamp


class ProjectSpec(BaseModel):
    """The fields of a project that its author writes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Title | None = None
    description: Text = ""


class Project(ProjectSpec):
    """A project as it is stored; every edit adds one to `revision`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: Identifier
    revision: int = 1
    created: Stamp
    updated: Stamp


class ApiKey(BaseModel):
    """An API key as it is stored: the secret itself is not, only its SHA-256 hash."""

    model_config = ConfigDict(frozen=True)

    project: Identifier
    id: Identifier
    name: str = Field(default="", max_length=256)
    secret_hash: str
    created: Stamp
