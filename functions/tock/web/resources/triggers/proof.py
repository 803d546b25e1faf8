"""The proof of a trigger as readers see it."""

from pydantic import BaseModel, ConfigDict, Field

from tock.core.proof.occurrence import Occurrence, OccurrenceStatus
from tock.core.proof.proof import Finding, Proof
from tock.core.time.instant import Instant


class ProofQuery(BaseModel):
    """Which occurrences to prove."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=False)

    since: Instant | None = Field(
        default=None,
        alias="from",
        description="Only fire times at or after it; by default a day before the end, or the trigger's creation.",
    )
    until: Instant | None = Field(default=None, alias="to", description="Only fire times before it; by default now.")
    occurrences: bool = Field(default=True, description="Whether to list every occurrence, or only to count them.")


class OccurrenceShape(BaseModel):
    """One expected occurrence."""

    model_config = ConfigDict(frozen=True)

    fire_time: Instant
    status: OccurrenceStatus
    run: str | None = Field(description="The run that records it; null when there is none.")

    @classmethod
    def of(cls, occurrence: Occurrence) -> "OccurrenceShape":
        """Return the occurrence as readers see it."""
        return cls.model_construct(fire_time=occurrence.fire_time, status=occurrence.status, run=occurrence.run)


class FindingShape(BaseModel):
    """A fault of the proof, or a late start."""

    model_config = ConfigDict(frozen=True)

    fire_time: Instant | None = Field(description="Null if it cannot be read.")
    run: str | None = Field(description="The run in question; null when there is none.")
    problem: str

    @classmethod
    def of_all(cls, findings: tuple[Finding, ...]) -> tuple["FindingShape", ...]:
        """Return the findings as readers see them."""
        return tuple(cls(fire_time=each.fire_time, run=each.run, problem=each.problem) for each in findings)


class Faults(BaseModel):
    """The faults of a proof, which holds when every list is empty."""

    model_config = ConfigDict(frozen=True)

    lost: tuple[FindingShape, ...] = Field(description="Expected and no longer due, but without a record.")
    extra: tuple[FindingShape, ...] = Field(description="Recorded as an occurrence that no revision demands.")
    doubled: tuple[FindingShape, ...] = Field(
        description="Recorded twice, or started again although nothing had failed."
    )
    unexplained: tuple[FindingShape, ...] = Field(
        description="Ended without a reason, or not ended and never looked at again."
    )
    unreadable: tuple[FindingShape, ...] = Field(
        description="Stored, but cannot be read: a record, the trigger, or one of its revisions."
    )
    overlapping: tuple[FindingShape, ...] = Field(
        description="At work beside another run of the trigger although the overlap policy forbids it."
    )


class ProofResource(BaseModel):
    """The expected occurrences of a trigger in an interval, and the status of each."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    project: str
    trigger: str
    since: Instant = Field(alias="from")
    until: Instant = Field(alias="to")
    holds: bool = Field(description="Whether every expected occurrence is accounted for exactly once.")
    expected: int = Field(description="How many occurrences the trigger's revisions demand.")
    counts: dict[OccurrenceStatus, int] = Field(
        description="How many of them have each status; they add up to `expected`."
    )
    faults: Faults
    late: tuple[FindingShape, ...] = Field(
        description="Started over a minute late. Not a fault: a catch-up starts late."
    )
    occurrences: tuple[OccurrenceShape, ...] | None = Field(
        description="Oldest first; null if the query asks not to list them."
    )

    @classmethod
    def of(cls, proof: Proof, *, project: str, trigger: str, with_occurrences: bool) -> "ProofResource":
        """Return the proof as readers see it."""
        return cls(
            project=project,
            trigger=trigger,
            since=proof.since,
            until=proof.until,
            holds=proof.holds,
            expected=len(proof.occurrences),
            counts={status: proof.counts[status] for status in OccurrenceStatus},
            faults=Faults(
                lost=FindingShape.of_all(proof.lost),
                extra=FindingShape.of_all(proof.extra),
                doubled=FindingShape.of_all(proof.doubled),
                unexplained=FindingShape.of_all(proof.unexplained),
                unreadable=FindingShape.of_all(proof.unreadable),
                overlapping=FindingShape.of_all(proof.overlapping),
            ),
            late=FindingShape.of_all(proof.late),
            occurrences=tuple(map(OccurrenceShape.of, proof.occurrences)) if with_occurrences else None,
        )
