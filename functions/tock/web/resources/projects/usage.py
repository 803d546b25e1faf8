"""What a project's runs consumed, as readers see it."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from tock.core.usage.sums import Grouping, UsageSum, UsageSums

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _day_of(value: Any) -> Any:
    """Return the day that a text names; pydantic alone would take a number of seconds too."""
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value) if _DAY.fullmatch(value) else _refuse()
    except (TypeError, ValueError):
        return _refuse()


def _refuse() -> None:
    raise ValueError("is no day: write one such as 2027-01-31")


Day = Annotated[
    date, BeforeValidator(_day_of), WithJsonSchema({"type": "string", "format": "date", "examples": ["2027-01-31"]})
]


class UsageQuery(BaseModel):
    """Which usage to add up."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=False)

    first: Day | None = Field(
        default=None, alias="from", description="The first day, in UTC; by default 29 days before the last one."
    )
    last: Day | None = Field(default=None, alias="to", description="The last day, in UTC, included; by default today.")
    group_by: Grouping = Field(default=Grouping.AGENT, description="What to add the usage up by.")


class UsageGroup(UsageSum):
    """What one agent, trigger, day or model consumed."""

    group: str | None = Field(
        description="The id of the agent or trigger, the day, or the model; null for runs without a trigger or a model."
    )


class UsageResource(BaseModel):
    """What a project's runs consumed on some days."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    project: str
    first: date = Field(alias="from")
    last: date = Field(alias="to")
    group_by: Grouping
    groups: tuple[UsageGroup, ...] = Field(description="Days in their order; other groups, the most expensive first.")
    total: UsageSum

    @classmethod
    def of(cls, sums: UsageSums, *, project: str, days: tuple[date, date], grouping: Grouping) -> "UsageResource":
        """Return the sums as readers see them."""
        groups = tuple(UsageGroup(group=name, **dict(total)) for name, total in sums.groups)
        return cls(project=project, first=days[0], last=days[1], group_by=grouping, groups=groups, total=sums.total)
