"""An executor whose agents behave as a test says, and which records what they did."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import anyio

from app.clocks import SteppedClock
from tock.core.run.outcome import Succeeded, Usage, Workspace
from tock.ports.executor import Ability, RunContext

DONE = Succeeded(result="done")


@dataclass(frozen=True)
class Behaviour:
    """What an agent does in one attempt: emit events, work for a time, wait for `release`, then end with an outcome."""

    #: What the agent returns or raises, which may be no outcome at all.
    outcome: Any = DONE
    works: timedelta = timedelta()
    until_released: bool = False
    #: How many events it emits, or the kind and data of each.
    emits: int | Sequence[tuple[Any, Any]] = 0
    #: What it leaves in its workspace, however it ends.
    leaves: Workspace | None = None
    #: What it reports, once it has emitted its events, that it consumed.
    uses: Sequence[Usage] = ()
    #: How long the work goes on after a cancellation.
    stops_after: timedelta = timedelta()


@dataclass
class Started:
    """An attempt that an agent started, and how it ended."""

    run: str
    attempt: int
    scheduled_for: datetime
    at: datetime
    #: How many attempts of the same run were working at that moment, this one included.
    beside: int
    ended: datetime | None = None
    stopped: bool = False


@dataclass
class ScriptedExecutor:
    """Keeps the port's contract; `behaviour` returns what each attempt does."""

    clock: SteppedClock
    behaviour: Callable[[RunContext], Behaviour] = lambda _: Behaviour()
    started: list[Started] = field(default_factory=list)
    #: The context that each of them was given.
    contexts: list[RunContext] = field(default_factory=list)
    kind: str = "scripted"
    _gates: dict[tuple[str, int], anyio.Event] = field(default_factory=dict)
    _open: set[str] = field(default_factory=set)

    def abilities(self, _config: Mapping[str, Any]) -> frozenset[Ability]:
        return frozenset(Ability)

    def check(self, config: Mapping[str, Any], *, project: str) -> None:
        pass

    async def execute(self, _config: Mapping[str, Any], context: RunContext) -> Any:
        beside = 1 + sum(1 for other in self.started if other.run == context.run and other.ended is None)
        record = Started(context.run, context.attempt, context.scheduled_for, self.clock.now(), beside)
        self.started.append(record)
        self.contexts.append(context)
        does = self.behaviour(context)
        try:
            for kind, data in _events(does.emits):
                context.emit(kind, data)
            for used in does.uses:
                context.host.use(used)
            await self.clock.sleep(does.works)
            if does.until_released and context.run not in self._open:
                await self._gate(context.run, context.attempt).wait()
        except BaseException:
            record.stopped = True
            with anyio.CancelScope(shield=True):
                await self.clock.sleep(does.stops_after)
            raise
        finally:
            record.ended = self.clock.now()
            if does.leaves is not None:
                context.host.leave(does.leaves)
        if isinstance(does.outcome, BaseException):
            raise does.outcome
        return does.outcome

    def release(self, run: str, *, attempt: int | None = None) -> None:
        """Let this attempt of the run end; without a number, every attempt of it, now and later."""
        if attempt is not None:
            self._gate(run, attempt).set()
            return
        self._open.add(run)
        for (released, _), gate in self._gates.items():
            if released == run:
                gate.set()

    @property
    def at_work(self) -> list[Started]:
        """The attempts that have started and not ended."""
        return [record for record in self.started if record.ended is None]

    @property
    def starts(self) -> Counter[tuple[str, int]]:
        """How often each attempt of each run was started, by run and number."""
        return Counter((record.run, record.attempt) for record in self.started)

    def of(self, run: str) -> list[Started]:
        """Return the attempts of this run that were started, in order."""
        return [record for record in self.started if record.run == run]

    def _gate(self, run: str, attempt: int) -> anyio.Event:
        return self._gates.setdefault((run, attempt), anyio.Event())


def _events(emits: int | Sequence[tuple[Any, Any]]) -> Iterable[tuple[Any, Any]]:
    return (("progress", number) for number in range(emits)) if isinstance(emits, int) else emits
