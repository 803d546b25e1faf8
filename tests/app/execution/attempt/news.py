"""What tests of a runner that listens have in common."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio

from app.rig import Rig
from tock.app.start.send_signal import send_signal
from tock.core.run.messages.signal import SignalKind
from tock.core.run.run import Run
from tock.ports.changes import News, Subject
from waiting import TIMEOUT


class CountedChanges:
    """Changes that note who listened, and whom the test tells."""

    def __init__(self) -> None:
        self.listened: list[Subject] = []
        self.news: list[News] = []

    @asynccontextmanager
    async def listen(self, *subjects: Subject) -> AsyncIterator[News]:
        self.listened += subjects
        self.news.append(News())
        yield self.news[-1]


async def steer(rig: Rig, run: Run, message: str) -> None:
    await send_signal(
        rig.services(), project="p", run=run.id, kind=SignalKind.STEER, message=message, key=None, by="ada"
    )


async def settled(rig: Rig, run: Run) -> None:
    """Return once the run is settled, without moving the clock."""
    with anyio.fail_after(TIMEOUT):
        while not (await rig.run(run)).status.terminal:
            await rig.quiet()
