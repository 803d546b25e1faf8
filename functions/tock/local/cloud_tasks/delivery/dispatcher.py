"""Starts attempts when they are due, and retries or removes their tasks afterwards."""

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
    """Dispatches tasks with one alarm per queue and one coroutine per attempt in progress, however many tasks wait."""

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
        """Start the attempts that the queue may start now, and set its alarm for the next one.

        Must be called whenever the queue or its tasks have changed.
        """
        if queue in self._alarms:
            self._alarms.pop(queue).cancel()
        delay_queue = self._catalog.delay_queues.get(queue)
        while delay_queue:
            match delay_queue.pop_due(now=self._clock.now()):
                case Task() as task:
                    self._start(task, delay_queue=delay_queue, forced_at=None)
                case datetime() as instant:
                    self._alarms[queue] = self._clock.call_at(instant, callback=lambda: self.wake(queue))
                    return
                case None:
                    return

    def force(self, task: Task) -> Task:
        """Start an attempt now, regardless of the queue's state, limits and timetable; return the dispatched task."""
        delay_queue = self._catalog.delay_queue(parent_of(task.name))
        return self._start(task, delay_queue=delay_queue, forced_at=self._clock.now())

    def _start(self, task: Task, *, delay_queue: DelayQueue, forced_at: datetime | None) -> Task:
        now = self._clock.now()
        if task.expired(now):
            self._catalog.remove_task(task, event="task_expired")
            return task
        dispatched = task.dispatched(now=now)
        self._catalog.update_task(dispatched)
        delay_queue.begin_attempt(dispatched)
        _log.info("task_dispatched task=%s attempt=%d", task.name, dispatched.dispatch_count)
        attempt = asyncio.create_task(self._attempt(dispatched, delay_queue=delay_queue, forced_at=forced_at))
        self._attempts.add(attempt)
        attempt.add_done_callback(self._attempts.discard)
        return dispatched

    async def _attempt(self, task: Task, *, delay_queue: DelayQueue, forced_at: datetime | None) -> None:
        outcome = await self._sender.send(task)
        other_in_progress = delay_queue.end_attempt(task)
        current = delay_queue.find(name=task.name, serial=task.serial)
        if current:
            self._settle(
                current,
                outcome=outcome,
                delay_queue=delay_queue,
                forced_at=forced_at,
                other_in_progress=other_in_progress,
            )
        self.wake(delay_queue.queue.name)

    def _settle(
        self,
        task: Task,
        *,
        outcome: Outcome,
        delay_queue: DelayQueue,
        forced_at: datetime | None,
        other_in_progress: bool,
    ) -> None:
        """Remove the task if it succeeded or its retries are used up; otherwise schedule its next attempt.

        If another attempt of the task is in progress (RunTask starts one at any time), this one only records its
        failure; the other decides.
        """
        if isinstance(outcome, Answered) and outcome.succeeded:
            self._catalog.remove_task(task, event="task_succeeded")
            return
        now = self._clock.now()
        failed = task.failed(outcome, now=now)
        policy = task.retry or delay_queue.queue.retry
        if other_in_progress:
            self._catalog.update_task(failed)
            return
        age = now - (task.first_dispatch or now)
        wait = policy.delay(max(1, task.dispatch_count))
        if isinstance(outcome, Answered):
            wait = max(wait, outcome.retry_after)
        again = failed.rescheduled((forced_at or now) + wait)
        if policy.is_exhausted(attempts=task.dispatch_count, age=age) or task.expired(again.schedule_time):
            self._catalog.remove_task(failed, event="task_given_up")
            return
        self._catalog.reschedule_task(again)
        reason, at = outcome.message, again.schedule_time.isoformat()
        _log.info("task_failed task=%s reason=%r next=%s", task.name, reason, at)
