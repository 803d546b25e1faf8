"""Adds up what runs consumed: by agent, trigger, day or model."""

from collections.abc import Iterable
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from tock.core.usage.day import UsageDay


class Grouping(StrEnum):
    """What usage is added up by."""

    AGENT = "agent"
    #: The trigger; runs without one are a group of their own.
    TRIGGER = "trigger"
    #: The UTC day on which the attempts ended.
    DAY = "day"
    #: The model that the agents named last; those that named none are a group of their own.
    MODEL = "model"


class UsageSum(BaseModel):
    """What several attempts consumed together."""

    model_config = ConfigDict(frozen=True)

    attempts: int = Field(
        default=0, description="How many attempts consumed something; one that used two models counts for each."
    )
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = Field(default=0.0, description="US dollars.")
    unpriced_tokens: int = Field(
        default=0,
        description="How many of the tokens the cost does not cover, because no price of their model is known.",
    )

    def add(self, day: UsageDay) -> "UsageSum":
        """Return the sum with a day's usage added."""
        return UsageSum(
            attempts=self.attempts + day.attempts,
            input_tokens=self.input_tokens + day.input_tokens,
            output_tokens=self.output_tokens + day.output_tokens,
            cost=self.cost + day.cost,
            unpriced_tokens=self.unpriced_tokens + day.unpriced_tokens,
        )


class UsageSums:
    """The sum of each group, and of all."""

    def __init__(self, grouping: Grouping) -> None:
        self._grouping = grouping
        self._groups: dict[str | None, UsageSum] = {}
        self.total = UsageSum()

    def add(self, days: Iterable[UsageDay]) -> None:
        """Add usage to its groups."""
        for day in days:
            name = _group_of(day, self._grouping)
            self._groups[name] = self._groups.get(name, UsageSum()).add(day)
            self.total = self.total.add(day)

    @property
    def groups(self) -> list[tuple[str | None, UsageSum]]:
        """Each group with its sum: days in their order, other groups with the most expensive first."""
        if self._grouping is Grouping.DAY:
            return sorted(self._groups.items(), key=lambda group: group[0] or "")
        return sorted(self._groups.items(), key=_expense)


def _group_of(day: UsageDay, grouping: Grouping) -> str | None:
    match grouping:
        case Grouping.AGENT:
            return day.agent
        case Grouping.TRIGGER:
            return day.trigger
        case Grouping.DAY:
            return day.day.date().isoformat()
        case Grouping.MODEL:
            return day.model


def _expense(group: tuple[str | None, UsageSum]) -> tuple[float, int, str]:
    name, total = group
    return -total.cost, -(total.input_tokens + total.output_tokens), name or ""
