"""The proof of a trigger as readers see it."""

from pydantic import BaseModel, ConfigDict, Field

from tock.core.proof.occurrence import Occurrence, OccurrenceStatus
from tock.core.proof.proof import Finding, Proof
from tock.core.time import Instant


class ProofQuery(BaseModel):
    """Which occurrences are to be proved."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=False)

    since: Instant | None = Field(
        default=None,
        alias="from",
        description="Fire times at or after it; when left out, a day before the end, or the trigger's creation.",
    )
    until: Instant | None = Field(default=None, alias="to", description="Fire times before it; now when left out.")
    occurrences: bool = Field(default=True, description="Whether to list every occurrence, or only to count them.")


class OccurrenceShape(BaseModel):
    """One occurrence that was owed."""

    model_config = ConfigDict(frozen=True)

    fire_time: Instant
    status: OccurrenceStatus
    run: str | None = Field(description="The record that says so; null when there is none.")

    @classmethod
    def of(cls, occurrence: Occurrence) -> "OccurrenceShape":
        """Return the occurrence as readers see it."""
        return cls.model_construct(fire_time=occurrence.fire_time, status=occurrence.status, run=occurrence.run)


class FindingShape(BaseModel):
    """Something to explain."""

    model_config = ConfigDict(frozen=True)

    fire_time: Instant
    run: str | None = Field(description="The record it is about; null when there is none.")
    problem: str

    @classmethod
    def of_all(cls, findings: tuple[Finding, ...]) -> tuple["FindingShape", ...]:
        """Return the findings as readers see them."""
        return tuple(cls(fire_time=each.fire_time, run=each.run, problem=each.problem) for each in findings)


class Faults(BaseModel):
    """All that must not be; the proof holds when every list is empty."""

    model_config = ConfigDict(frozen=True)

    lost: tuple[FindingShape, ...] = Field(description="Owed, decided, and without any record.")
    extra: tuple[FindingShape, ...] = Field(description="Recorded as an occurrence that no revision owed.")
    doubled: tuple[FindingShape, ...] = Field(description="Recorded twice, or started again although nothing failed.")
    unexplained: tuple[FindingShape, ...] = Field(description="Let go without a reason, or not ended and forgotten.")


class ProofResource(BaseModel):
    """The occurrences that a trigger owed in an interval, and what became of each."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    project: str
    trigger: str
    since: Instant = Field(serialization_alias="from")
    until: Instant = Field(serialization_alias="to")
    holds: bool = Field(description="Whether every occurrence is accounted for, once.")
    expected: int = Field(description="How many occurrences the trigger's revisions owed.")
    counts: dict[OccurrenceStatus, int] = Field(
        description="How many of them have each status; they add up to `expected`."
    )
    faults: Faults
    late: tuple[FindingShape, ...] = Field(description="Started over a minute late; no fault: a catch-up does.")
    occurrences: tuple[OccurrenceShape, ...] | None = Field(description="Oldest first; null unless asked for.")

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
            ),
            late=FindingShape.of_all(proof.late),
            occurrences=tuple(map(OccurrenceShape.of, proof.occurrences)) if with_occurrences else None,
        )
