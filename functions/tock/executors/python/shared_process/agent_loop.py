"""The event loop of a process's async agents, in a thread of its own: an agent that blocks it delays no heartbeat."""

import asyncio
import contextvars
import os
import threading
from collections.abc import Awaitable, Callable
from typing import Any
from weakref import WeakKeyDictionary

from tock.core.run.outcome import AgentOutcome, Succeeded
from tock.executors.python.agent_output import AgentOutput
from tock.executors.python.shared_process.agent_task import OWNER, AgentTask
from tock.executors.python.shared_process.blocked_loop import watch
from tock.executors.python.shared_process.event_loop import AgentEventLoop
from tock.executors.python.shared_process.routed_output import route_output
from tock.executors.python.shared_process.start_audit import note_starts
from tock.ports.executor import RunContext

Work = Callable[[], Awaitable[AgentOutcome]]


class AgentLoop:
    """An event loop in a daemon thread, and the attempts that are under way in it."""

    def __init__(self) -> None:
        note_starts()
        self.pid = os.getpid()
        self._loop = AgentEventLoop()
        self._loop.set_task_factory(self._create_task)
        self._owners: WeakKeyDictionary[asyncio.Task[Any], AgentTask] = WeakKeyDictionary()
        self._under_way: dict[AgentTask, None] = {}
        self._busy = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._loop.run_forever, name="tock-agents", daemon=True)
        self._thread.start()
        threading.Thread(target=watch, args=[self], name="tock-agents-watch", daemon=True).start()

    def start(self, work: Work, *, context: RunContext, output: AgentOutput, name: str) -> AgentTask:
        """Start an attempt, whose task gets this name; call this in the loop that waits for its end."""
        route_output()
        started = AgentTask(context=context, output=output, ended=asyncio.get_running_loop().create_future())
        with self._lock:
            self._under_way[started] = None
            self._busy.set()
        self._loop.call_soon_threadsafe(self._begin, work, started, name)
        return started

    def stop(self, attempt: AgentTask) -> None:
        """Cancel the attempt, and every task that it started, at their next await."""
        attempt.stopped = True
        self._loop.call_soon_threadsafe(_cancel_all, attempt)

    def call_soon(self, callback: Callable[[], object]) -> None:
        """Call the function in the agents' loop, as soon as no agent blocks it; any thread may ask for it."""
        self._loop.call_soon_threadsafe(callback)

    def under_way(self) -> list[AgentTask]:
        """Return the attempts that have not ended; any thread may ask."""
        with self._lock:
            return list(self._under_way)

    def wait_until_busy(self) -> None:
        """Block the calling thread until an attempt is under way."""
        self._busy.wait()

    def current(self) -> tuple[AgentTask | None, int]:
        """Return the attempt whose code the loop runs at this moment, and the number of the loop's thread."""
        task = asyncio.current_task(self._loop)
        return (None if task is None else self._owners.get(task)), self._thread.ident or 0

    def _begin(self, work: Work, attempt: AgentTask, name: str) -> None:
        if attempt.stopped:
            self._end(attempt, None)
            return
        inside = contextvars.copy_context()
        inside.run(OWNER.set, attempt)
        task = inside.run(self._loop.create_task, _outcome(work), name=name)
        task.add_done_callback(lambda done: self._end(attempt, None if done.cancelled() else done.result()))

    def _end(self, attempt: AgentTask, outcome: AgentOutcome | None) -> None:
        if not isinstance(outcome, Succeeded) and not attempt.stopped:
            # Nothing of this attempt may work beside the next one.
            _cancel_all(attempt)
        with self._lock:
            del self._under_way[attempt]
            if not self._under_way:
                self._busy.clear()
        attempt.ended.get_loop().call_soon_threadsafe(_resolve, attempt.ended, outcome)

    def _create_task(self, loop: asyncio.AbstractEventLoop, work: Any, **options: Any) -> asyncio.Task[Any]:
        task: asyncio.Task[Any] = asyncio.Task(work, loop=loop, **options)
        context: contextvars.Context | None = options.get("context")
        attempt = OWNER.get() if context is None else context.get(OWNER)
        if attempt is not None:
            self._owners[task] = attempt
            attempt.tasks.add(task)
            task.add_done_callback(attempt.tasks.discard)
        return task


_agent_loop: AgentLoop | None = None


def agent_loop() -> AgentLoop:
    """Return this process's loop for agents; the first call starts it."""
    global _agent_loop  # noqa: PLW0603 - one per process: agents share module-level clients, which belong to one loop
    if _agent_loop is None or _agent_loop.pid != os.getpid():
        _agent_loop = AgentLoop()
    return _agent_loop


async def _outcome(work: Work) -> AgentOutcome:
    return await work()


def _cancel_all(attempt: AgentTask) -> None:
    for task in list(attempt.tasks):
        task.cancel()


def _resolve(ended: "asyncio.Future[AgentOutcome | None]", outcome: AgentOutcome | None) -> None:
    if not ended.done():
        ended.set_result(outcome)
