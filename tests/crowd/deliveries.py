"""Cloud Tasks and the function `run`: tasks wait in queues, are delivered within the quotas, and start runs.

A run is what `make bench-ops` and `make bench-throughput` count of it: its processor time and its writes. A million
runs of the real use case would take hours.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from math import inf

from crowd.costs import Costs
from crowd.firestore import LATENCY, TIMEOUT, Firestore, run_fields
from crowd.function import Function, Instance
from crowd.quotas import TASK_REQUESTS, Rate
from crowd.timeline import Timeline
from tock.core.ids.derived import shard_of
from tock.ports.queue import Task, TickContinuation

#: Every how many seconds a queue looks for tasks to deliver.
PUMP_SECONDS = 0.1
#: How many seconds pass until a delivery that failed comes again: at first, and at most.
BACKOFF, LONGEST_BACKOFF = 1.0, 60.0


#: What is known of a task: its run's project and shard, and how often it was delivered.
_Known = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Agent:
    """How long an agent works, and how often its runner extends the lease; both in seconds."""

    seconds: float
    heartbeat: float


@dataclass(slots=True)
class _Queue:
    """A queue of runs: those whose time has come, and how many deliveries are in progress."""

    ready: deque[_Known] = field(default_factory=deque)
    in_progress: int = 0
    allowance: float = 0.0


@dataclass
class Deliveries:
    """The queues of runs, the queue of continuations, and the function that the runs start in."""

    function: Function
    firestore: Firestore
    timeline: Timeline
    costs: Costs
    agent: Agent
    shards: int
    queues: int
    #: Deliveries a second and at once, of one queue.
    dispatches: float
    most_at_once: int
    #: The rate of creations and deliveries of all queues together, which rises slowly while they are cold.
    group: Rate
    now: Callable[[], datetime]
    call_tick: Callable[[TickContinuation], None]
    #: Deliveries a second of the queue of continuations.
    tick_dispatches: float

    def __post_init__(self) -> None:
        self._queues = [_Queue() for _ in range(self.queues)]
        self._requests = Rate(TASK_REQUESTS)
        self._ticks = Rate(self.tick_dispatches)
        self._tick_names: set[str] = set()
        #: The tasks whose time has not come, by that time.
        self._waiting: defaultdict[datetime, list[tuple[_Queue, _Known]]] = defaultdict(list)

    def creation_wait(self) -> float:
        """Return how many seconds a CreateTask waits that comes now."""
        now = asyncio.get_running_loop().time()
        wait = max(self._requests.wait(now), self.group.wait(now))
        self._requests.take(1, now=now)
        self.group.take(1, now=now)
        return wait

    def accept(self, task: Task, *, now: datetime) -> None:
        """Keep the task until its time."""
        queue = self._queues[shard_of(task.run, shards=len(self._queues))]
        known = task.project, shard_of(task.run, shards=self.shards), 0
        if task.due_at <= now:
            queue.ready.append(known)
            return
        if task.due_at not in self._waiting:
            asyncio.get_running_loop().call_later((task.due_at - now).total_seconds(), self._come, task.due_at)
        self._waiting[task.due_at].append((queue, known))

    def _come(self, due_at: datetime) -> None:
        for queue, known in self._waiting.pop(due_at):
            queue.ready.append(known)

    def continue_tick(self, tick: TickContinuation) -> None:
        """Deliver the continuation, unless one of its name was accepted before."""
        if tick.name in self._tick_names:
            return
        self._tick_names.add(tick.name)
        loop = asyncio.get_running_loop()
        self._ticks.take(1, now=loop.time())
        loop.call_later(self._ticks.wait(loop.time()), self.call_tick, tick)

    async def run(self) -> None:
        """Deliver until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(PUMP_SECONDS)
            for queue in self._queues:
                queue.allowance = min(queue.allowance + self.dispatches * PUMP_SECONDS, self.dispatches)
                while queue.ready and queue.allowance >= 1 and queue.in_progress < self.most_at_once:
                    if self.group.wait(loop.time()) > PUMP_SECONDS:
                        break
                    self.group.take(1, now=loop.time())
                    queue.allowance -= 1
                    queue.in_progress += 1
                    _Delivery(self, queue, *queue.ready.popleft()).begin()


@dataclass(slots=True)
class _Delivery:
    """One delivery: it waits for an instance, starts the run and settles it; or it comes again later."""

    deliveries: Deliveries
    queue: _Queue
    project: str
    shard: int
    tried: int
    instance: Instance | None = None

    def begin(self) -> None:
        self.tried += 1
        self.deliveries.function.request(self._admitted)

    def _admitted(self, instance: Instance | None) -> None:
        if instance is None:
            return self._try_again()
        self.instance = instance
        done = instance.work(self.deliveries.costs.start, now=_loop().time())
        _loop().call_later(done + LATENCY, self._claim)
        return None

    def _try_again(self) -> None:
        """Take the delivery back: the queue gives it again after a pause, behind the tasks that are ready by then."""
        self.queue.in_progress -= 1
        pause = min(BACKOFF * 2 ** (self.tried - 1), LONGEST_BACKOFF)
        _loop().call_later(pause, self.queue.ready.append, (self.project, self.shard, self.tried))

    def _claim(self) -> None:
        if (wait := self._write({"status", "check_at"}, status="running", patience=TIMEOUT)) > TIMEOUT:
            self._release()
            return self._try_again()
        agent = self.deliveries.agent
        _loop().call_later(wait, self._started)
        for number in range(1, int(agent.seconds / agent.heartbeat)):
            _loop().call_later(wait + number * agent.heartbeat, self._heartbeat)
        _loop().call_later(wait + agent.seconds, self._settle)
        return None

    def _started(self) -> None:
        self.deliveries.timeline.started(at=self.deliveries.now())

    def _heartbeat(self) -> None:
        self._write({"check_at"}, status="running")

    def _settle(self) -> None:
        assert self.instance is not None
        done = self.instance.work(self.deliveries.costs.settle, now=_loop().time())
        wait = self._write({"status", "check_at"}, status="succeeded")
        _loop().call_later(done + wait + LATENCY, self._settled)

    def _settled(self) -> None:
        self._release()
        self.queue.in_progress -= 1

    def _release(self) -> None:
        assert self.instance is not None
        self.deliveries.function.release(self.instance)

    def _write(self, changed: set[str], *, status: str, patience: float = inf) -> float:
        """Write these fields of the run, unless that waits longer; return how many seconds it waits."""
        fields = run_fields(self.shard, status=status)
        keys = self.deliveries.firestore.ranges("runs", self.project, fields, changed=changed)
        now = _loop().time()
        if (wait := self.deliveries.firestore.wait(keys, now=now)) <= patience:
            self.deliveries.firestore.take(dict.fromkeys(keys, 1), now=now)
        return wait


def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()
