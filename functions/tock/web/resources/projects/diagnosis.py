"""What keeps a project from running on time, as readers see it."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from tock.app.tick.stuck_runs import ActiveRuns, StuckRun
from tock.core.health.orphan import Orphan, OrphanKind, OrphanReason
from tock.core.run.status import RunStatus
from tock.core.time.instant import Instant
from tock.web.resources.page import UnreadableShape

#: When not all stuck runs are known.
MORE_STUCK = (
    "Whether more runs may be stuck: of the runs of all projects that a sweep should have looked at, only the 1,000 "
    "that wait longest were looked at."
)


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


class OrphanShape(BaseModel):
    """Something that is stored although nothing needs it, or although what it needs is missing."""

    model_config = ConfigDict(frozen=True)

    kind: OrphanKind
    id: str
    reason: OrphanReason
    problem: str = Field(description="What is wrong, as the end of a sentence.")


class DiagnosisResource(BaseModel):
    """The runs of a project that have not ended, those of them that are stuck, and what lacks its counterpart."""

    model_config = ConfigDict(frozen=True)

    project: str
    at: Instant = Field(description="The time by the server's clock.")
    active: int = Field(description="How many runs have not ended, counting to 1,200.")
    more: bool = Field(description="Whether there are more runs that have not ended, with earlier fire times.")
    stuck: tuple[StuckShape, ...] = Field(
        description="Runs that a sweep should have looked at, whatever their fire time, and counted runs that no sweep "
        "would ever look at."
    )
    more_stuck: bool = Field(description=MORE_STUCK)
    unreadable: tuple[UnreadableShape, ...] = Field(description="Runs that have not ended and cannot be read.")
    orphans: tuple[OrphanShape, ...] = Field(
        description="What is stored although nothing needs it, or although what it needs is missing, among these runs "
        "and the newest 1,000 triggers; all there is of a project that does not exist."
    )

    @classmethod
    def of(cls, found: ActiveRuns, orphans: Sequence[Orphan], *, project: str, now: datetime) -> "DiagnosisResource":
        """Return the diagnosis as readers see it."""
        return cls(
            project=project,
            at=now,
            active=len(found.runs),
            more=found.more,
            stuck=StuckShape.of_all(found.stuck),
            more_stuck=found.more_stuck,
            unreadable=UnreadableShape.of_all(found.unreadable),
            orphans=tuple(OrphanShape(**asdict(each)) for each in orphans),
        )


class RepairResource(BaseModel):
    """The runs that were stuck, and what is left of them."""

    model_config = ConfigDict(frozen=True)

    project: str
    repaired: tuple[StuckShape, ...] = Field(description="Those that were stuck and are on their way, or have ended.")
    ended: tuple[UnreadableShape, ...] = Field(
        description="Those that could not be read and were ended as failed, because no sweep had ended them."
    )
    still_stuck: tuple[StuckShape, ...] = Field(description="Those that could not be repaired; try again.")
    more_stuck: bool = Field(description=f"{MORE_STUCK} Then repeat the request.")

    @classmethod
    def of(cls, before: ActiveRuns, after: ActiveRuns, *, project: str) -> "RepairResource":
        """Return what a repair did, from the runs before and after it."""
        stuck = {each.run.id for each in after.stuck}
        unreadable = {each.id for each in after.unreadable}
        return cls(
            project=project,
            repaired=StuckShape.of_all([each for each in before.stuck if each.run.id not in stuck]),
            ended=UnreadableShape.of_all([each for each in before.unreadable_stuck if each.id not in unreadable]),
            still_stuck=StuckShape.of_all(after.stuck),
            more_stuck=after.more_stuck,
        )
