"""An agent: what is run, as its author wrote it and as it is kept."""

from pydantic import BaseModel, ConfigDict, Field

from tock.core.field_types import Identifier, JsonObject, Text, Title
from tock.core.stamp import Stamp


class AgentSpec(BaseModel):
    """What the author of an agent writes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Title | None = None
    description: Text = ""
    kind: str = Field(min_length=1, max_length=64, description="The executor: python or http.")
    config: JsonObject = Field(default_factory=dict, description="What that executor needs; see its page.")
    enabled: bool = True


class Agent(AgentSpec):
    """An agent as it is kept; `revision` grows by one with every edit."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    project: Identifier
    id: Identifier
    revision: int = 1
    created: Stamp
    updated: Stamp
