"""A project: the tenant that owns agents, triggers, runs and API keys, and what is kept of it once it is deleted."""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from tock.core.fields.later import LATER
from tock.core.fields.types import Concurrency, Identifier, Text, Title
from tock.core.time.stamp import Stamp


class ProjectSpec(BaseModel):
    """The fields of a project that its author writes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Title | None = None
    description: Text = ""
    concurrency: Annotated[Concurrency | None, LATER] = Field(
        default=None, description="How many runs of all its agents may work at once; null: any number."
    )


class Project(ProjectSpec):
    """A project as it is stored; every edit adds one to `revision`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: Identifier
    revision: int = 1
    created: Stamp
    updated: Stamp
    #: Set while the project is being deleted: nothing can be created in it. An edit takes it away.
    deleting: Stamp | None = None


class DeletedProject(BaseModel):
    """What is kept of a deleted project, so that nobody takes its id while its records can be read."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: Identifier
    deleted: Stamp

    def is_readable(self, *, now: datetime, retention: timedelta) -> bool:
        """Return whether a proof could still reach back to the project's revisions."""
        return now < self.deleted.at + retention


class ApiKey(BaseModel):
    """An API key as it is stored: the secret itself is not, only its SHA-256 hash."""

    model_config = ConfigDict(frozen=True)

    project: Identifier
    id: Identifier
    name: str = Field(default="", max_length=256)
    secret_hash: str
    created: Stamp
