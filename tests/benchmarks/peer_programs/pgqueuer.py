"""pgqueuer on PostgreSQL: its scheduler, whose schedules enqueue a job each, and its queue manager."""

import asyncio
import json

import asyncpg
from pgqueuer.adapters.drivers.asyncpg import AsyncpgPoolDriver
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.core.qm import QueueManager
from pgqueuer.core.sm import SchedulerManager
from pgqueuer.domain.models import CronExpressionEntrypoint, Job, Schedule

from benchmarks.peer_programs.program import INPUT, Measured, check, main, measured

#: As many at once as an instance of Cloud Run takes by default; pgqueuer wants batches of at most half of them.
_CONCURRENCY = 80
_CONNECTIONS = 10
_PAYLOAD = json.dumps(INPUT).encode()


async def due(database: str, count: int) -> Measured:
    """Pick the due schedules, and let each enqueue a job: what the scheduler does in one turn of its loop."""
    async with asyncpg.create_pool(database, min_size=_CONNECTIONS, max_size=_CONNECTIONS) as pool:
        queries = Queries(AsyncpgPoolDriver(pool))
        await queries.install()
        scheduler = SchedulerManager(queries)

        async def enqueue(_: Schedule) -> None:
            await queries.enqueue("nothing", _PAYLOAD)

        for number in range(count):
            scheduler.schedule(f"t{number}", "* * * * *")(enqueue)
        await queries.insert_schedule({key: each.next_in() for key, each in scheduler.registry.items()})
        await pool.execute("UPDATE pgqueuer_schedules SET next_run = now() - interval '1 second'")
        with measured() as result:
            picked = await queries.fetch_schedule({key: each.next_in() for key, each in scheduler.registry.items()})
            await asyncio.gather(*(_dispatch(scheduler, schedule) for schedule in picked))
    await check(database, "SELECT count(*) FROM pgqueuer", expected=count)
    return result


async def settled(database: str, count: int) -> Measured:
    """Execute the jobs of a queue with one queue manager until the last has ended and is logged."""
    async with asyncpg.create_pool(database, min_size=_CONNECTIONS, max_size=_CONNECTIONS) as pool:
        queries = Queries(AsyncpgPoolDriver(pool))
        await queries.install()
        await queries.enqueue(["nothing"] * count, [_PAYLOAD] * count, [0] * count)
        manager = QueueManager(queries)
        left = count

        @manager.entrypoint("nothing")
        async def nothing(_: Job) -> None:
            nonlocal left
            left -= 1
            if not left:
                manager.shutdown.set()

        with measured() as result:
            await manager.run(batch_size=_CONCURRENCY // 2, max_concurrent_tasks=_CONCURRENCY)
    await check(database, "SELECT count(*) FROM pgqueuer_log WHERE status = 'successful'", expected=count)
    return result


async def _dispatch(scheduler: SchedulerManager, schedule: Schedule) -> None:
    key = CronExpressionEntrypoint(schedule.entrypoint, schedule.expression)
    await scheduler.dispatch(scheduler.registry[key], schedule)


if __name__ == "__main__":
    main({"due": due, "settled": settled})
