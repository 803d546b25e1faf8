"""What the agent of a run is told after it sent something."""

from pydantic import BaseModel, ConfigDict, Field

from tock.core.run.run import Run
from tock.core.run.status import RunStatus


class Received(BaseModel):
    """The run after what its agent sent; the agent may not read more of it."""

    model_config = ConfigDict(frozen=True)

    run: str
    status: RunStatus
    events_sent: int = Field(description="How many events the agent has sent.")

    @classmethod
    def of(cls, run: Run) -> "Received":
        """Return what an agent is told of its run."""
        return cls(run=run.id, status=run.status, events_sent=run.events_sent)
