"""What the runs of one agent and trigger consumed of one model on one day."""

from datetime import UTC, datetime, time, timedelta

from pydantic import BaseModel, ConfigDict

from tock.core.ids.derived import usage_id
from tock.core.run.outcome import Usage
from tock.core.run.run import Run
from tock.core.time.instant import Instant

#: How long a day's usage is stored: thirteen months, so that a month can be compared with that of the year before.
USAGE_RETENTION = timedelta(days=400)
#: The numbers that each attempt adds to.
COUNTERS = frozenset({"attempts", "input_tokens", "output_tokens", "cost", "unpriced_tokens"})


class UsageDay(BaseModel):
    """One part of a day's usage: the shards of the runs spread it, so that no document is written too often."""

    model_config = ConfigDict(frozen=True)

    project: str
    #: The hash of what it counts.
    id: str
    #: The beginning of the day, UTC.
    day: Instant
    agent: str
    trigger: str | None = None
    #: The model's name; None if the agents named none.
    model: str | None = None
    shard: int
    #: How many attempts consumed something of this model.
    attempts: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    #: US dollars.
    cost: float = 0.0
    #: How many of the tokens the cost does not cover, because no price of their model is known.
    unpriced_tokens: int = 0
    #: When Firestore may delete it (its TTL policy).
    expire_at: Instant

    @classmethod
    def of(cls, run: Run, usage: Usage, *, now: datetime) -> "UsageDay":
        """Return what an attempt of the run, which settles now, adds to the day's usage of a model."""
        day = datetime.combine(now.astimezone(UTC).date(), time(), tzinfo=UTC)
        return cls(
            project=run.project,
            id=usage_id(
                day=day.date().isoformat(), agent=run.agent, trigger=run.trigger, model=usage.model, shard=run.shard
            ),
            day=day,
            agent=run.agent,
            trigger=run.trigger,
            model=usage.model,
            shard=run.shard,
            attempts=1,
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cost=usage.cost,
            unpriced_tokens=usage.unpriced_tokens,
            expire_at=day + USAGE_RETENTION,
        )
