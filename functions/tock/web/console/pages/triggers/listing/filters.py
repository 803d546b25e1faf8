"""Which triggers a list shows: what stands in its address, and what of it the store cannot choose."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tock.core.errors import InvalidArgument
from tock.core.trigger.trigger import Trigger

_STATES = ("enabled", "disabled")


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of a list of triggers; an empty text means any."""

    agent: str = ""
    #: `enabled` or `disabled`.
    state: str = ""
    #: `team=shop`, or `team` for any value.
    label: str = ""
    #: A part of the name or the id, in upper or lower case.
    text: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Filters":
        """Return the filters that an address names. Raises InvalidArgument for a state that there is not."""
        given = {field: query.get(field, "").strip() for field in ("agent", "state", "label", "text")}
        if given["state"] and given["state"] not in _STATES:
            raise InvalidArgument(field="state", value=given["state"], remedy="takes enabled or disabled")
        return cls(**given)

    @property
    def query(self) -> dict[str, str]:
        """The filters as an address names them, without those that are empty."""
        named = {"agent": self.agent, "state": self.state, "label": self.label, "text": self.text}
        return {field: value for field, value in named.items() if value}

    @property
    def looks_at_each(self) -> bool:
        """Whether triggers have to be read to know which of them are shown: the store chooses by agent only."""
        return bool(self.state or self.label or self.text)

    def keeps(self, trigger: Trigger, *, now: datetime) -> bool:
        """Whether the list shows this trigger of the agent."""
        enabled = trigger.until_last_fire_time(now).enabled
        return (
            self.state in {"", "enabled" if enabled else "disabled"}
            and self._has_label(trigger.labels)
            and self.text.casefold() in f"{trigger.name or ''}\n{trigger.id}".casefold()
        )

    def _has_label(self, labels: Mapping[str, str]) -> bool:
        name, equals, value = self.label.partition("=")
        return not name or (name.strip() in labels and (not equals or labels[name.strip()] == value.strip()))
