"""An agent, as its author writes it and as it is stored."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from tock.core.agent.evidence import Evidence
from tock.core.fields.later import LATER
from tock.core.fields.types import Concurrency, Identifier, JsonObject, Labels, Text, Title
from tock.core.policies import ProgressEvery
from tock.core.time.stamp import Stamp

#: The label that names the owner of what `tock apply` created.
MANAGED_BY = "managed-by"
#: What labels are for.
LABELS = (
    "Words of your own, such as team: shop. `tock apply` puts managed-by on what it creates, and deletes nothing "
    "without it."
)


class AgentSpec(BaseModel):
    """The fields of an agent that its author writes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Title | None = None
    description: Text = ""
    kind: str = Field(min_length=1, max_length=64, description="The executor that runs it, such as python.")
    config: JsonObject = Field(default_factory=dict, description="The configuration of that executor; see its page.")
    enabled: bool = Field(default=True, strict=True)
    concurrency: Annotated[Concurrency | None, LATER] = Field(
        default=None, description="How many of its runs may work at once; null: any number."
    )

    evidence: Annotated[Evidence | None, LATER] = Field(
        default=None, description="What its runs must show to succeed; a trigger may ask for something else."
    )
    progress_every: Annotated[ProgressEvery | None, LATER] = Field(
        default=None,
        description="How long an attempt may go on without an event, usage, a checkpoint or a line of output before it "
        "is stopped; a trigger may say otherwise. null: as long as its timeout.",
    )
    labels: Annotated[Labels, LATER] = Field(default={}, description=LABELS)


class Agent(AgentSpec):
    """An agent as it is stored; every edit adds one to `revision`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    project: Identifier
    id: Identifier
    revision: int = 1
    #: The limit of its project, so that no run reads that. Whoever edits the project passes it on.
    project_concurrency: Annotated[int | None, LATER] = None
    created: Stamp
    updated: Stamp
