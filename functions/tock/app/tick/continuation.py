"""Enqueue continuations for the shards of a crowd, or of a backlog that one tick cannot claim within its budget."""

import logging
from collections.abc import Iterable
from datetime import UTC, datetime

import anyio

from tock.app.log import log_event
from tock.app.services import Services
from tock.core.errors import QueueUnavailable
from tock.core.ids.derived import tick_id
from tock.ports.queue import TickContinuation

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


async def continue_tick(services: Services, *, shards: Iterable[int]) -> list[int]:
    """Enqueue a continuation for each shard, and return the shards whose continuation the queue did not accept.

    A continuation is named after its shard and the current period: time since 1970 is divided into periods as long as
    a tick's budget (50 s). So a shard gets one continuation in each period, however many ticks ask for it: a delivery
    that comes twice, or the minute's tick while a continuation is still at work. A continuation works for its whole
    budget before it asks for the next one, so the next period has begun by then. If the clocks of two instances
    differ, the name may still be taken; then the shard waits for the next minute's tick.

    A queue that does not answer loses nothing: the triggers are still due at the next minute's tick.
    """
    period = (services.clock.now() - _EPOCH) // services.timing.tick_budget
    refused: list[int] = []

    async def continue_shard(shard: int) -> None:
        continuation = TickContinuation(name=tick_id(shard=shard, period=period), shards=(shard,))
        try:
            await services.queue.continue_tick(continuation)
        except QueueUnavailable as exc:
            refused.append(shard)
            log_event(
                "tick_continuation_failed", level=logging.WARNING, shard=shard, tick=continuation.name, problem=str(exc)
            )
        else:
            log_event("tick_continued", shard=shard, tick=continuation.name)

    async with anyio.create_task_group() as tasks:
        for shard in shards:
            tasks.start_soon(continue_shard, shard)
    return sorted(refused)
