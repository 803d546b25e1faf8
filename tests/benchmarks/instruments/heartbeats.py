"""Watches the heartbeats of many runs at work, from outside: in the stored runs, by the times of their Commits."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from google.cloud.firestore import AsyncClient
from google.cloud.firestore_v1.base_query import FieldFilter

#: How often the runs are read between two heartbeats, so that none is overlooked.
LOOKS = 5


@dataclass(slots=True)
class Heartbeats:
    """What was seen of the runs of one project.

    A heartbeat is due `heartbeat` after the Commit before it, which is the claim or another heartbeat. Its delay is how
    much later its own Commit was. Both times are the server's, so the delay holds all that a heartbeat waits for.
    """

    client: AsyncClient
    project: str
    heartbeat: timedelta
    #: Seconds by which heartbeats were late.
    delays: list[float] = field(default_factory=list)
    #: The most runs that were at work at once.
    at_once: int = 0
    #: The end of the lease of each run, and when it was written.
    _leases: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)

    async def watch(self) -> None:
        """Look at the runs until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(self.heartbeat.total_seconds() / LOOKS)

    async def look(self) -> None:
        """Read the runs at work, and note the heartbeats since the last look."""
        runs = self.client.collection("projects", self.project, "runs").where(
            filter=FieldFilter("status", "==", "running")
        )
        at_work = 0
        async for document in runs.select(["lease"]).stream():
            at_work += 1
            expires, written = document.get("lease")["expires_at"], document.update_time
            before = self._leases.get(document.id)
            if before is None or before[0] != expires:
                self._leases[document.id] = (expires, written)
            if before is not None and before[0] != expires:
                self.delays.append((written - before[1] - self.heartbeat).total_seconds())
        self.at_once = max(self.at_once, at_work)
