"""What became of a trigger at one time, as readers see it."""

from pydantic import BaseModel, ConfigDict, Field

from tock.core.proof.why import Verdict, Why
from tock.core.time.instant import Instant
from tock.web.resources.plausible import PlausibleInstant


class WhyQuery(BaseModel):
    """Which time to explain."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=False)

    time: PlausibleInstant = Field(alias="at", description="The time, of the past 90 days or to come.")


class WhyResource(BaseModel):
    """What became of a trigger at one time, and why."""

    model_config = ConfigDict(frozen=True)

    project: str
    trigger: str
    at: Instant
    verdict: Verdict
    sentence: str = Field(description="The verdict and its reason in words.")
    run: str | None = Field(description="The run that records it; null when there is none.")
    nearest_before: Instant | None = Field(description="The nearest fire time before it, by the schedule of that time.")
    nearest_after: Instant | None = Field(description="The nearest fire time after it, by the schedule of that time.")

    @classmethod
    def of(cls, found: Why, *, project: str, trigger: str) -> "WhyResource":
        """Return the explanation as readers see it."""
        return cls(
            project=project,
            trigger=trigger,
            at=found.time,
            verdict=found.verdict,
            sentence=found.sentence,
            run=found.run,
            nearest_before=found.before,
            nearest_after=found.after,
        )
