"""One simulation: the real use cases on model parts, with faults that a seed decides, then without until all ends."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from model.changes import ModelChanges
from simulation.agents import SimulatedAgents, Work, WorkLog
from simulation.call import Call
from simulation.cloud import TICK, Scheduler, Tasks
from simulation.faults.injector import FaultInjector
from simulation.faults.network_faults import NetworkFaults
from simulation.initial_state import create_initial_state
from simulation.instance import Instance
from simulation.invariants.attempts import AttemptInvariants
from simulation.invariants.conversations import ConversationInvariants
from simulation.invariants.invariants import Invariants
from simulation.invariants.late import LateInvariants
from simulation.invariants.lines import LineInvariants
from simulation.invariants.slots import SlotInvariants
from simulation.invariants.violation import MAX_SKEW, InvariantViolation, error_text
from simulation.observed_parts import ObservedQueue, ObservedStore
from simulation.people.operators import TRIGGERS
from simulation.people.population import Population
from simulation.records import Records
from simulation.seeded_random import SeededRandom
from tock.app.manage.projects.projects import edit_project
from tock.app.manage.triggers.edit_trigger import edit_trigger
from tock.core.errors import TockError
from tock.core.health.scheduler_state import TickCounters
from tock.core.timing import Timing
from tock.ports.executor import Executor
from tock.ports.store import Write

#: When simulations begin: on an ordinary day, or just before a clock change in some time zone.
START_TIMES = (
    datetime(2027, 1, 5, 11, 58, 20, tzinfo=UTC),
    datetime(2027, 3, 28, 0, 50, tzinfo=UTC),
    datetime(2027, 10, 31, 0, 40, tzinfo=UTC),
    datetime(2027, 11, 7, 5, 50, tzinfo=UTC),
    datetime(2027, 4, 3, 14, 50, tzinfo=UTC),
)
#: Virtual minutes until every run must have ended, once there are no more faults.
MAX_MINUTES_TO_END = 180
#: Virtual minutes without faults after which everything overdue must have been looked at.
MINUTES_TO_RECOVER = 10
_FUNCTIONS = {"run": 3, "tick": 2, "api": 2}


@dataclass
class World:
    """Everything that one simulation consists of."""

    seed: object
    tracing: bool = False
    trace: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    commits: int = 0
    #: Whether it has ended; errors of what is still running no longer count.
    over: bool = False

    def __post_init__(self) -> None:
        self.random = SeededRandom(self.seed)
        self.start = self.random.one_of(START_TIMES)
        self.network_faults = NetworkFaults.drawn(self.random)
        self.timing = Timing(
            shards=4,
            tick_budget=self.random.one_of((timedelta(seconds=50), timedelta(seconds=6))),
            # Drawn apart, so that every other draw of a seed stays as it is.
            crowd=SeededRandom(f"{self.seed} crowd").weighted(((Timing().crowd, 6.0), (3, 1.0), (0, 1.0))),
        )
        #: How many triggers a tick reads at once, and how many of them share a Commit.
        self.page, self.group = self.random.one_of(((300, 20), (8, 3)))
        self.has_backlog = self.random.happens(0.1)
        if self.has_backlog:
            self.page, self.group = 8, 3
            self.timing = replace(self.timing, tick_budget=timedelta(seconds=6))
            self.network_faults.max_latency = max(self.network_faults.max_latency, 0.3)
        self.work_log = WorkLog()
        self.records = Records()
        self.attempts = AttemptInvariants(self.work_log, self.records, self.timing)
        self.conversations = ConversationInvariants(
            self.records, self.work_log, tolerance=MAX_SKEW + self.timing.early_tolerance
        )
        self.slots = SlotInvariants(self.work_log, self.records, self.timing)
        self.invariants = Invariants(
            self.records,
            self.attempts,
            LateInvariants(self.records),
            self.conversations,
            self.slots,
            LineInvariants(self.records, self.slots, self.timing),
            self.timing,
        )
        self.store = ObservedStore(self.now, shards=self.timing.shards, observe=self._committed)
        self.changes = ModelChanges(self.store)
        # Half of the simulations have no connection that tells of changes.
        self.changes.down = SeededRandom(f"{self.seed} changes").happens(0.5)
        self.queue = ObservedQueue(self.now, remembered=self.random.one_of((timedelta(hours=1), timedelta(seconds=30))))
        self.projects = tuple(
            f"p{number}" for number in range(1, self.random.whole(2 if self.has_backlog else 1, 3) + 1)
        )
        self.queue.observe = self.checked(self.invariants.enqueued)
        self.launched = self.checked(self.invariants.launched)
        self.population = Population(self)
        self.store.observe_overdue = self.population.answer_at_the_deadline
        self.instances: dict[str, list[Instance]] = {}
        self._created = 0
        self._detached: set[asyncio.Task[Any]] = set()

    def now(self) -> datetime:
        """Return the true time."""
        return self.start + timedelta(seconds=round(asyncio.get_running_loop().time(), 6))

    def record(self, who: str, text: str) -> None:
        """Add a line to the trace, if the simulation is traced."""
        if self.tracing:
            self.trace.append(f"{self.now():%d %H:%M:%S.%f}"[:-3] + f"  {who:<10} {text}")

    def begun(self, call: Call) -> None:
        """Note what a tick finds when it begins, and sometimes edit one of its triggers."""
        if call.name == TICK:
            self.invariants.tick_begun(call, now=self.now())
            if call.due and not self.network_faults.off and self.random.happens(0.5):
                # The worst moment for an edit: between what the tick reads and what it commits.
                soon = self.random.between(0.0, 3 * self.network_faults.max_latency)
                asyncio.get_running_loop().call_later(soon, self.population.ask, self.random.one_of(list(call.due)))

    def ended(self, call: Call, answer: object) -> None:
        """Check what a call did that succeeded."""
        self.checked(self.invariants.ended)(call)
        if isinstance(answer, TickCounters) and call.name == TICK:
            self.checked(self.invariants.tick_ended)(call, answer)

    def failed(self, who: str, error: BaseException) -> None:
        """Note an error that no use case may raise."""
        if not self.over:
            self.problems.append(f"{who}: {error_text(error)}")

    def executor_for(self, instance: Instance) -> Executor:
        """Return the executor of an instance."""
        return SimulatedAgents(
            instance,
            seed=self.seed,
            work_log=self.work_log,
            now=self.now,
            begun=self._agent_started,
            done=self.checked(self.attempts.agent_ended),
            heard=self.checked(self.conversations.agent_heard),
            talks=self.population.talks,
            keeps=self.population.commands,
            slowness=self.population.slowness,
        )

    def _agent_started(self, work: Work) -> None:
        self.checked(self.attempts.agent_started)(work)
        self.checked(self.conversations.agent_started)(work)
        self.checked(self.slots.agent_started)(work)
        self.checked(self.population.commanders.agent_started)(work)
        for other in self.work_log.in_progress:
            stalled = other.run == work.run and other is not work and other.instance.stalled
            if stalled and self.random.happens(0.5):
                # The worst moment to resume: another instance has just started the next attempt.
                asyncio.get_running_loop().call_later(self.random.between(0.0, 2.0), other.instance.resume)

    def run_detached(self, call: Callable[[], Awaitable[Any]], *, after: float) -> None:
        """Carry out, after this many seconds, an effect whose caller no longer waits for it."""

        async def carry_out() -> None:
            await asyncio.sleep(after)
            with suppress(TockError):
                await call()

        task = asyncio.get_running_loop().create_task(carry_out())
        self._detached.add(task)
        task.add_done_callback(self._detached.discard)

    def choose(self, function: str) -> Instance:
        """Return an instance for the next request. One that is dead or has got SIGTERM is replaced."""
        alive = [each for each in self.instances[function] if not each.dead and each.sigterm_at is None]
        while len(alive) < _FUNCTIONS[function]:
            alive.append(self._instance(function))
        self.instances[function] = alive
        return self.random.one_of(alive)

    def stall(self, instance: Instance) -> None:
        """Stall an instance for a while, which may be longer than a lease."""
        if not instance.stalled and not instance.dead:
            instance.stall()
            longest = self.random.one_of((5.0, 60.0, 200.0))
            asyncio.get_running_loop().call_later(self.random.between(longest / 3, longest), instance.resume)

    def _instance(self, function: str) -> Instance:
        self._created += 1
        furthest = MAX_SKEW.total_seconds() / 2
        return Instance(
            f"{function}-{self._created}", self, skew=timedelta(seconds=self.random.one_of((-furthest, 0.0, furthest)))
        )

    def _committed(self, writes: Sequence[Write]) -> None:
        self.commits += 1
        self.checked(self.invariants.committed)(writes, now=self.now())

    def checked(self, check: Callable[..., None]) -> Callable[..., None]:
        """Return the check; a violation is noted and not raised, since the use cases could catch it."""

        def checked(*args: Any, **given: Any) -> None:
            try:
                check(*args, **given)
            except InvariantViolation as violation:
                self.problems.append(str(violation))
                self.record("VIOLATION", str(violation))

        return checked

    async def run(self) -> None:
        """Create the initial state, inject faults, then let everything end without faults."""
        self.instances = {function: [] for function in _FUNCTIONS}
        self.network_faults.off = True
        await create_initial_state(self)
        self.network_faults.off = False
        scheduler = Scheduler(self.random, self.choose, self.record, doubled=self.random.one_of((0.1, 0.5)))
        tasks = Tasks(
            self.random, self.queue, self.choose, self.record, self.now, doubled=self.random.one_of((0.0, 0.1))
        )
        self.queue.wake = tasks.wake
        loop = asyncio.get_running_loop()
        if self.has_backlog:
            # The triggers of the backlog are then due for longer than most of the others.
            scheduler.paused = True
            loop.call_later(240, scheduler.resume)
        always = [loop.create_task(scheduler.run()), loop.create_task(tasks.run())]
        disturbances = [
            loop.create_task(FaultInjector(self, scheduler=scheduler, tasks=tasks).run()),
            *map(loop.create_task, self.population.work()),
        ]
        if self.has_backlog:
            self.queue.continuation_delay = self.random.one_of((timedelta(), timedelta(seconds=30)))
        # The backlog is claimed while there are still faults.
        length = self.random.between(330 if self.has_backlog else 180, 700)
        await self._pass_time(length, always + disturbances)
        if self.random.happens(0.1):
            # No ticks for hours, and no requests by people meanwhile.
            scheduler.paused, pause = True, self.random.between(3600, 4 * 3600)
            self.record("faults", f"no ticks for {pause / 3600:.1f} hours")
            for task in disturbances[1:]:
                task.cancel()
            del disturbances[1:]
            await self._pass_time(pause, always + disturbances)
            scheduler.resume()
            await self._pass_time(120, always + disturbances)
        for task in disturbances:
            task.cancel()
        tasks.doubled = 0.0
        await self._end_faults(scheduler)
        await self._until_all_ended(always)
        for task in always:
            task.cancel()
        self.over = True

    async def _pass_time(self, seconds: float, tasks: Sequence["asyncio.Task[Any]"]) -> None:
        """Let time pass. Raises the first violation or error."""
        end = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < end:
            await asyncio.sleep(5.0)
            self._raise_problems(tasks)

    def _raise_problems(self, tasks: Sequence["asyncio.Task[Any]"]) -> None:
        if self.problems:
            raise InvariantViolation(self.problems[0])
        for task in tasks:
            if task.done() and not task.cancelled() and (error := task.exception()) is not None:
                raise error

    async def _end_faults(self, scheduler: Scheduler) -> None:
        self.record("world", "no more faults")
        self.network_faults.off = True
        scheduler.doubled = 0.0
        scheduler.resume()
        for instances in self.instances.values():
            for instance in instances:
                instance.resume()
        await self._pass_time(self.random.between(60.0, 240.0), ())
        if self.random.happens(0.1) or self.timing.crowd < Timing().crowd:
            # Long enough for everything to recover while triggers still fire.
            await self._pass_time(60.0 * MINUTES_TO_RECOVER, ())
            self.invariants.without_faults(now=self.now())
        api = self.choose("api")
        if self.population.limits:
            await self._pass_limits_on(api)
        named = [(project, trigger) for project in self.projects for trigger in TRIGGERS]
        for project, trigger in dict.fromkeys([*named, *self.records.triggers]):
            changes = {"enabled": False}
            await api.spawn(
                edit_trigger(api.services, project=project, trigger=trigger, changes=changes, by="end"), name="end"
            )

    async def _pass_limits_on(self, api: Instance) -> None:
        """Send each project's limit again, as whoever got no answer does: then every agent has it."""
        for project in self.projects:
            found = await self.store.project(project)
            assert found is not None
            changes = {"concurrency": found.value.concurrency}
            await api.spawn(edit_project(api.services, project=project, changes=changes, by="end"), name="end")
            self.checked(self.slots.passed_on)(project, found.value.concurrency)

    async def _until_all_ended(self, tasks: Sequence["asyncio.Task[Any]"]) -> None:
        for minute in range(MAX_MINUTES_TO_END):
            await self._pass_time(60.0, tasks)
            if minute > MINUTES_TO_RECOVER:
                self.invariants.without_faults(now=self.now())
            if not self.records.active and not self.queue.waiting:
                break
        self.invariants.at_the_end(since=self.start, until=self.now())
