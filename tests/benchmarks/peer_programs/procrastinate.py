"""procrastinate on PostgreSQL: its periodic deferrer, and its worker."""

import time

from procrastinate import App, PsycopgConnector
from procrastinate.periodic import PeriodicDeferrer

from benchmarks.peer_programs.program import INPUT, Measured, check, main, measured

#: As many at once as an instance of Cloud Run takes by default.
_CONCURRENCY = 80
_CONNECTIONS = 10


def _app(database: str) -> App:
    return App(connector=PsycopgConnector(conninfo=database, min_size=_CONNECTIONS, max_size=_CONNECTIONS))


async def due(database: str, count: int) -> Measured:
    """Defer the jobs of schedules that are due: one transaction each, as the worker's deferrer does."""
    app = _app(database)
    task = app.task(_nothing, name="nothing")
    for number in range(count):
        app.periodic(cron="* * * * *", periodic_id=f"t{number}", task_kwargs=dict(INPUT))(task)
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        deferrer = PeriodicDeferrer(registry=app.periodic_registry)
        with measured() as result:
            await deferrer.defer_jobs(deferrer.get_previous_tasks(at=time.time()))  # noqa: TID251 - its clock
    await check(database, "SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'", expected=count)
    return result


async def settled(database: str, count: int) -> Measured:
    """Execute the jobs of a queue with one worker until none is left."""
    app = _app(database)
    task = app.task(_nothing, name="nothing")
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        await task.batch_defer_async(*({"timestamp": 0} | INPUT for _ in range(count)))
        with measured() as result:
            await app.run_worker_async(concurrency=_CONCURRENCY, wait=False, install_signal_handlers=False)
    await check(database, "SELECT count(*) FROM procrastinate_jobs WHERE status = 'succeeded'", expected=count)
    return result


async def _nothing(timestamp: int, message: str, payload: dict[str, object]) -> dict[str, bool]:  # noqa: ARG001
    return {"done": True}


if __name__ == "__main__":
    main({"due": due, "settled": settled})
