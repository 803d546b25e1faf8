"""An executor that does what a test tells it to, and keeps the record of what agents really did."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import anyio

from app.world import SteppedClock
from tock.core.run.outcome import Outcome, Succeeded
from tock.ports.executor import RunContext

DONE = Succeeded(result="done")


@dataclass(frozen=True)
class Play:
    """One attempt: emit, work for a time by the clock, wait to be released, then come to this end."""

    outcome: Outcome | Exception = DONE
    works: timedelta = timedelta()
    until_released: bool = False
    emits: int = 0
    #: How long the work goes on after it was told to stop.
    stops_after: timedelta = timedelta()


@dataclass
class Started:
    """An attempt that an agent really began."""

    run: str
    attempt: int
    scheduled_for: datetime
    at: datetime
    #: How many attempts of the same run were at work then, this one included.
    beside: int
    ended: datetime | None = None
    stopped: bool = False


@dataclass
class ScriptedExecutor:
    """Keeps the port's contract; `plays` says what each attempt does."""

    clock: SteppedClock
    plays: Callable[[RunContext], Play] = lambda _: Play()
    started: list[Started] = field(default_factory=list)
    #: What each of them was given.
    contexts: list[RunContext] = field(default_factory=list)
    kind: str = "scripted"
    _gates: dict[tuple[str, int], anyio.Event] = field(default_factory=dict)
    _open: set[str] = field(default_factory=set)

    def check(self, config: Mapping[str, Any]) -> None:
        pass

    async def execute(self, _config: Mapping[str, Any], context: RunContext) -> Outcome:
        beside = 1 + sum(1 for other in self.started if other.run == context.run and other.ended is None)
        record = Started(context.run, context.attempt, context.scheduled_for, self.clock.now(), beside)
        self.started.append(record)
        self.contexts.append(context)
        play = self.plays(context)
        try:
            for number in range(play.emits):
                context.emit("progress", number)
            await self.clock.sleep(play.works)
            if play.until_released and context.run not in self._open:
                await self._gate(context.run, context.attempt).wait()
        except BaseException:
            record.stopped = True
            with anyio.CancelScope(shield=True):
                await self.clock.sleep(play.stops_after)
            raise
        finally:
            record.ended = self.clock.now()
        if isinstance(play.outcome, Exception):
            raise play.outcome
        return play.outcome

    def release(self, run: str, *, attempt: int | None = None) -> None:
        """Let this attempt of the run come to its end; without a number, all there are and will be."""
        if attempt is not None:
            self._gate(run, attempt).set()
            return
        self._open.add(run)
        for (released, _), gate in self._gates.items():
            if released == run:
                gate.set()

    @property
    def at_work(self) -> list[Started]:
        """The attempts that have begun and not ended."""
        return [record for record in self.started if record.ended is None]

    @property
    def starts(self) -> Counter[tuple[str, int]]:
        """How often each attempt of each run was begun."""
        return Counter((record.run, record.attempt) for record in self.started)

    def of(self, run: str) -> list[Started]:
        """What was begun for this run, in order."""
        return [record for record in self.started if record.run == run]

    def _gate(self, run: str, attempt: int) -> anyio.Event:
        return self._gates.setdefault((run, attempt), anyio.Event())
