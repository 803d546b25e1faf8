"""A cache of agents that were read a few seconds ago, so that a warm instance reads only the run."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tock.core.agent.agent import Agent
from tock.ports.store import Store

#: How long an agent stays in the cache, and so how long a warm instance may miss an edit of it.
FRESH = timedelta(seconds=10)
#: The most agents in the cache.
MAX_KEPT = 1000


@dataclass(slots=True)
class AgentCache:
    """A small cache in front of the store; it does not remember that an agent does not exist."""

    #: How long an agent stays; zero reads it each time.
    fresh: timedelta = FRESH
    _seen: dict[tuple[str, str], tuple[datetime, Agent]] = field(default_factory=dict)

    async def find(self, store: Store, *, project: str, agent: str, now: datetime) -> Agent | None:
        """Return the agent as it is now or was less than `fresh` ago; None if it does not exist."""
        key = (project, agent)
        if key in self._seen:
            read_at, cached = self._seen[key]
            if now - read_at < self.fresh:
                return cached
        found = await store.agent(project, agent)
        self._seen.pop(key, None)
        if found is None:
            return None
        if len(self._seen) >= MAX_KEPT:
            self._seen.pop(next(iter(self._seen)))
        self._seen[key] = (now, found.value)
        return found.value
