"""What keeps a project from running on time, as readers see it."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from tock.app.tick.stuck_runs import ActiveRuns, StuckRun
from tock.core.run.status import RunStatus
from tock.core.time import Instant
from tock.web.resources.page import UnreadableShape


class StuckShape(BaseModel):
    """A run that nobody moves on."""

    model_config = ConfigDict(frozen=True)

    run: str
    status: RunStatus
    problem: str = Field(description="What keeps it where it is, as the end of a sentence.")

    @classmethod
    def of_all(cls, stuck: Sequence[StuckRun]) -> tuple["StuckShape", ...]:
        """Return the stuck runs as readers see them."""
        return tuple(cls(run=each.run.id, status=each.run.status, problem=each.problem) for each in stuck)


class DiagnosisResource(BaseModel):
    """The runs of a project that have not ended, and those of them that are stuck."""

    model_config = ConfigDict(frozen=True)

    project: str
    at: Instant = Field(description="The time by the server's clock.")
    active: int = Field(description="How many runs have not ended.")
    more: bool = Field(description="Whether only the 1,200 runs with the latest fire times were looked at.")
    stuck: tuple[StuckShape, ...]
    unreadable: tuple[UnreadableShape, ...] = Field(description="Runs that have not ended and cannot be read.")

    @classmethod
    def of(cls, found: ActiveRuns, *, project: str, now: datetime) -> "DiagnosisResource":
        """Return the diagnosis as readers see it."""
        return cls(
            project=project,
            at=now,
            active=found.count,
            more=found.more,
            stuck=StuckShape.of_all(found.stuck),
            unreadable=UnreadableShape.of_all(found.unreadable),
        )


class RepairResource(BaseModel):
    """The runs that were stuck, and what is left of them."""

    model_config = ConfigDict(frozen=True)

    project: str
    repaired: tuple[StuckShape, ...] = Field(description="Those that were stuck and are on their way, or have ended.")
    still_stuck: tuple[StuckShape, ...] = Field(description="Those that could not be repaired; try again.")

    @classmethod
    def of(cls, before: Sequence[StuckRun], after: Sequence[StuckRun], *, project: str) -> "RepairResource":
        """Return what a repair did, from the stuck runs before and after it."""
        left = {each.run.id for each in after}
        return cls(
            project=project,
            repaired=StuckShape.of_all([each for each in before if each.run.id not in left]),
            still_stuck=StuckShape.of_all(after),
        )
