"""The store's answers overtake one another: a runner never goes back to a run that is older than what it knows."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest

from app.execution.attempt.news import CountedChanges, settled, steer
from app.rig import Rig
from app.scripted_executor import ScriptedExecutor
from app.single_trigger import one_due_run
from tock.app.execution.attempt.leased_attempt import LISTEN_AFTER
from tock.core.run.messages.signal import Signal
from tock.core.run.outcome import AgentOutcome, Succeeded
from tock.core.run.run import Run
from tock.ports.executor import RunContext
from tock.ports.store import Change, Store, Write
from waiting import until

pytestmark = pytest.mark.anyio


class Hearer(ScriptedExecutor):
    """Runs an agent that takes two messages, the second only when it is let."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.heard: list[str] = []
        self.again = asyncio.Event()

    async def execute(self, _config: Mapping[str, Any], context: RunContext) -> AgentOutcome:
        while len(self.heard) < 2:
            self.heard += [message.message for message in await context.messages()]
            await self.again.wait()
        return Succeeded(result=self.heard)


@dataclass
class Held:
    """One answer that is held back: whether the store has it, and whether the runner may have it."""

    there: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    async def hold(self) -> None:
        self.there.set()
        await self.released.wait()


class LateStore:
    """A store that holds back a request or an answer, if the test asks for it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        #: Holds the answer to the next read of the run.
        self.read: Held | None = None
        #: Holds the request that marks a message as taken.
        self.taking: Held | None = None
        #: Holds the answer to the next heartbeat that is stored.
        self.heartbeat: Held | None = None

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return cast("Callable[..., Any]", getattr(self._store, name))

    async def run(self, project: str, run: str) -> Any:
        found = await self._store.run(project, run)
        held, self.read = self.read, None
        if held is not None:
            await held.hold()
        return found

    async def commit(self, writes: Sequence[Write]) -> Any:
        changed = [write.after for write in writes if isinstance(write, Change)]
        if self.taking is not None and any(isinstance(each, Signal) for each in changed):
            held, self.taking = self.taking, None
            await held.hold()
        version = await self._store.commit(writes)
        if self.heartbeat is not None and len(changed) == 1 and isinstance(changed[0], Run):
            held, self.heartbeat = self.heartbeat, None
            await held.hold()
        return version


async def test_a_read_that_is_answered_late_gives_no_message_again(rig: Rig) -> None:
    store, changes, agent, run = await _at_work(rig)
    taking = store.taking = Held()
    await steer(rig, run, "left")
    changes.news[0].tell()
    await until(taking.there.is_set)
    read = store.read = Held()
    changes.news[0].tell()
    await until(read.there.is_set)
    taking.released.set()
    await until(lambda: agent.heard == ["left"])

    agent.again.set()
    read.released.set()
    await rig.quiet()
    await steer(rig, run, "right")
    changes.news[0].tell()

    await settled(rig, run)
    assert (await rig.run(run)).result == ["left", "right"]


async def test_a_heartbeat_that_is_answered_late_gives_no_message_again(rig: Rig) -> None:
    store, changes, agent, run = await _at_work(rig)
    heartbeat = store.heartbeat = Held()
    taking = store.taking = Held()
    await steer(rig, run, "left")
    await rig.advance(rig.timing.heartbeat)
    await until(lambda: heartbeat.there.is_set() and taking.there.is_set())
    taking.released.set()
    await until(lambda: agent.heard == ["left"])

    heartbeat.released.set()
    await rig.quiet()
    agent.again.set()
    await rig.quiet()
    await steer(rig, run, "right")
    changes.news[0].tell()

    await settled(rig, run)
    assert (await rig.run(run)).result == ["left", "right"]


async def _at_work(rig: Rig) -> tuple[LateStore, CountedChanges, Hearer, Run]:
    """Let an agent work until its runner listens."""
    agent = rig.executor = Hearer(rig.clock)
    rig.changes = changes = CountedChanges()
    services = rig.services()
    store = LateStore(services.store)
    run = await one_due_run(rig)
    await rig.deliver(replace(services, store=cast("Store", store)))
    await rig.advance(LISTEN_AFTER)
    return store, changes, agent, run
