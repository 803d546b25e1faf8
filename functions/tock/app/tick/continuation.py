"""Hand the shards of a backlog to further ticks, when one tick's budget does not do."""

import logging
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime

import anyio

from tock.app.log import log_event
from tock.app.services import Services
from tock.core.errors import QueueUnavailable
from tock.core.ids import tick_id
from tock.ports.queue import TickContinuation

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


async def continue_tick(services: Services, *, shards: Iterable[int]) -> Counter[str]:
    """Return how many of the shards could not be handed over (`failed`, `refused`), each to a further tick of its own.

    A further tick is named by its shard and the budget's length of time, counted from 1970, in which it is handed over.
    Within it a shard gets one further tick, however many ticks ask: a delivery that comes twice, and the minute's own
    tick beside one that is still at work. None works for less than its budget before it hands over, so a backlog does
    not wait for a free name, unless the clocks of two instances differ: then at most for the next minute's tick.

    A queue that does not answer loses nothing: the triggers are due, and the next minute's tick goes on.
    """
    period = (services.clock.now() - _EPOCH) // services.timing.tick_budget
    tally: Counter[str] = Counter()

    async def one(shard: int) -> None:
        continuation = TickContinuation(name=tick_id(shard=shard, period=period), shards=(shard,))
        try:
            await services.queue.continue_tick(continuation)
        except QueueUnavailable as exc:
            tally.update(("failed", "refused"))
            log_event(
                "tick_continuation_failed", level=logging.WARNING, shard=shard, tick=continuation.name, problem=str(exc)
            )
        else:
            log_event("tick_continued", shard=shard, tick=continuation.name)

    async with anyio.create_task_group() as tasks:
        for shard in shards:
            tasks.start_soon(one, shard)
    return tally
