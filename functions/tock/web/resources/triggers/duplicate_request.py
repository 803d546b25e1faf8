"""A request to duplicate a trigger."""

from pydantic import BaseModel, ConfigDict, Field

from tock.core.fields.types import Identifier


class DuplicateRequest(BaseModel):
    """The id of the duplicate, and whether it is enabled."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Identifier | None = Field(default=None, description="Its id; Tock chooses one if there is none.")
    enabled: bool = Field(default=False, strict=True, description="Whether it fires; the original goes on as it is.")
