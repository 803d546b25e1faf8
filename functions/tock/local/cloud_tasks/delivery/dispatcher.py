"""Starts attempts when they are due and decides what follows each of them."""

import asyncio
import logging
from datetime import datetime
from types import TracebackType
from typing import Self

from tock.local.cloud_tasks.clock import Alarm, Clock
from tock.local.cloud_tasks.delivery.http_sender import HttpSender
from tock.local.cloud_tasks.names import parent_of
from tock.local.cloud_tasks.outcome import Answered, Outcome
from tock.local.cloud_tasks.state.catalog import Catalog
from tock.local.cloud_tasks.state.delay_queue import DelayQueue
from tock.local.cloud_tasks.task import Task

_log = logging.getLogger(__name__)


class Dispatcher:
    """One alarm per queue and one coroutine per attempt under way, however many tasks wait."""

    def __init__(self, *, catalog: Catalog, sender: HttpSender, clock: Clock) -> None:
        self._catalog = catalog
        self._sender = sender
        self._clock = clock
        self._alarms: dict[str, Alarm] = {}
        self._attempts: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        for queue in self._catalog.delay_queues:
            self.wake(queue)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for alarm in self._alarms.values():
            alarm.cancel()
        self._catalog.delay_queues.clear()
        for attempt in self._attempts:
            attempt.cancel()
        await asyncio.gather(*self._attempts, return_exceptions=True)

    def wake(self, queue: str) -> None:
        """Start what the queue may start now, and set its alarm for what comes next.

        Call it whenever the queue or its tasks have changed.
        """
        if queue in self._alarms:
            self._alarms.pop(queue).cancel()
        delay_queue = self._catalog.delay_queues.get(queue)
        while delay_queue:
            match delay_queue.take(now=self._clock.now()):
                case Task() as task:
                    self._start(task, delay_queue=delay_queue, forced_at=None)
                case datetime() as instant:
                    self._alarms[queue] = self._clock.call_at(instant, callback=lambda: self.wake(queue))
                    return
                case None:
                    return

    def force(self, task: Task) -> Task:
        """Start an attempt now, whatever the queue's state, limits and timetable; the task as dispatched."""
        delay_queue = self._catalog.delay_queue(parent_of(task.name))
        return self._start(task, delay_queue=delay_queue, forced_at=self._clock.now())

    def _start(self, task: Task, *, delay_queue: DelayQueue, forced_at: datetime | None) -> Task:
        now = self._clock.now()
        if task.outlived(now):
            self._catalog.remove_task(task, event="task_expired")
            return task
        dispatched = task.dispatched(now=now)
        self._catalog.replace_task(dispatched)
        delay_queue.leave(dispatched)
        _log.info("task_dispatched task=%s attempt=%d", task.name, dispatched.dispatch_count)
        attempt = asyncio.create_task(self._attempt(dispatched, delay_queue=delay_queue, forced_at=forced_at))
        self._attempts.add(attempt)
        attempt.add_done_callback(self._attempts.discard)
        return dispatched

    async def _attempt(self, task: Task, *, delay_queue: DelayQueue, forced_at: datetime | None) -> None:
        outcome = await self._sender.send(task)
        another = delay_queue.land(task)
        current = delay_queue.held(name=task.name, serial=task.serial)
        if current:
            self._settle(current, outcome=outcome, delay_queue=delay_queue, forced_at=forced_at, another=another)
        self.wake(delay_queue.queue.name)

    def _settle(
        self, task: Task, *, outcome: Outcome, delay_queue: DelayQueue, forced_at: datetime | None, another: bool
    ) -> None:
        """Remove the task if it is done or given up, else schedule its next attempt.

        While another attempt at the task is under way (RunTask starts one at any time), that one decides.
        """
        if isinstance(outcome, Answered) and outcome.succeeded:
            self._catalog.remove_task(task, event="task_succeeded")
            return
        now = self._clock.now()
        failed = task.failed(outcome, now=now)
        policy = task.retry or delay_queue.queue.retry
        if another:
            self._catalog.replace_task(failed)
            return
        age = now - (task.first_dispatch or now)
        wait = policy.delay(max(1, task.dispatch_count))
        if isinstance(outcome, Answered):
            wait = max(wait, outcome.retry_after)
        again = failed.rescheduled((forced_at or now) + wait)
        if policy.gives_up(attempts=task.dispatch_count, age=age) or task.outlived(again.schedule_time):
            self._catalog.remove_task(failed, event="task_given_up")
            return
        self._catalog.reschedule_task(again)
        reason, at = outcome.message, again.schedule_time.isoformat()
        _log.info("task_failed task=%s reason=%r next=%s", task.name, reason, at)
