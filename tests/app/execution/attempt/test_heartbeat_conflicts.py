"""A runner keeps its lease, however often somebody else writes the run at the moment of a heartbeat."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, cast

import pytest

from app.execution.attempt.news import steer
from app.rig import Rig
from app.scripted_executor import Behaviour
from app.single_trigger import one_due_run
from tock.core.run.run import Run
from tock.ports.store import Change, Store, Write

pytestmark = pytest.mark.anyio
#: How many messages come in one heartbeat, each just before the runner writes.
MESSAGES = 5


class BusyStore:
    """A store in which somebody sends the run a message just before each of the next heartbeats."""

    def __init__(self, store: Store, rig: Rig) -> None:
        self._store = store
        self._rig = rig
        #: How many messages still come.
        self.messages = 0

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return cast("Callable[..., Any]", getattr(self._store, name))

    async def commit(self, writes: Sequence[Write]) -> Any:
        runs = [each.after for each in writes if isinstance(each, Change) and isinstance(each.after, Run)]
        if runs and self.messages:
            self.messages -= 1
            await steer(self._rig, runs[0], f"message {self.messages}")
        return await self._store.commit(writes)


async def test_a_heartbeat_that_conflicts_again_and_again_extends_the_lease_at_last(rig: Rig) -> None:
    rig.executor.behaviour = lambda _: Behaviour(works=rig.timing.lease)
    services = rig.services()
    store = BusyStore(services.store, rig)
    run = await one_due_run(rig)
    await rig.deliver(replace(services, store=cast("Store", store)))
    claimed = (await rig.run(run)).lease
    store.messages = MESSAGES

    await rig.advance(rig.timing.heartbeat)
    await rig.quiet()

    lease = (await rig.run(run)).lease
    assert store.messages == 0
    assert claimed is not None
    assert lease is not None
    assert lease.expires_at >= claimed.expires_at + rig.timing.heartbeat
