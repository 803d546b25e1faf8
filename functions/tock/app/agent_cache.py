"""Agents as they were read a few seconds ago, so that a warm instance reads only the run."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tock.core.agent import Agent
from tock.ports.store import Store

#: How long an edit of an agent may take to be seen by a warm instance.
FRESH = timedelta(seconds=10)
#: The most agents that are kept.
MAX_KEPT = 1000


@dataclass(slots=True)
class AgentCache:
    """A small cache in front of the store; an agent that is not there is looked up anew each time."""

    _seen: dict[tuple[str, str], tuple[datetime, Agent]] = field(default_factory=dict)

    async def find(self, store: Store, *, project: str, agent: str, now: datetime) -> Agent | None:
        """Return the agent as it is, or was at most ten seconds ago; None when there is none."""
        key = (project, agent)
        if key in self._seen:
            read_at, known = self._seen[key]
            if now - read_at < FRESH:
                return known
        found = await store.agent(project, agent)
        self._seen.pop(key, None)
        if found is None:
            return None
        if len(self._seen) >= MAX_KEPT:
            self._seen.pop(next(iter(self._seen)))
        self._seen[key] = (now, found.value)
        return found.value
