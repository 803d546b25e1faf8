"""One simulation: the real use cases on model parts, in a storm drawn from a seed, then in calm until all has ended."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import tock.app.tick
from model.queue import ModelQueue
from model.store import ModelStore
from simulation.agents import Diary, SimulatedAgents, Working
from simulation.call import Call
from simulation.cloud import TICK, Scheduler, Tasks
from simulation.dice import Dice
from simulation.instance import Instance
from simulation.invariants import MOST_SKEW, Breach, Invariants
from simulation.loop import run_virtually
from simulation.people import AGENTS, TRIGGERS, People
from simulation.weather import Weather
from tock.app.agents import create_agent
from tock.app.create_trigger import create_trigger
from tock.app.edit_trigger import edit_trigger
from tock.app.projects import create_project
from tock.core.agent import AgentSpec
from tock.core.errors import TockError
from tock.core.policy import Overlap
from tock.core.project import ProjectSpec
from tock.core.run import Run
from tock.core.schedule import OnceSchedule
from tock.core.scheduler import TickCounters
from tock.core.timing import Timing
from tock.core.trigger import Trigger, TriggerSpec
from tock.ports.executor import Executor
from tock.ports.queue import FurtherTick, Task
from tock.ports.store import Change, Write

#: When simulations begin: an ordinary day, and just before the clocks change in some zone.
BEGINNINGS = (
    datetime(2027, 1, 5, 11, 58, 20, tzinfo=UTC),
    datetime(2027, 3, 28, 0, 50, tzinfo=UTC),
    datetime(2027, 10, 31, 0, 40, tzinfo=UTC),
    datetime(2027, 11, 7, 5, 50, tzinfo=UTC),
    datetime(2027, 4, 3, 14, 50, tzinfo=UTC),
)
#: Virtual minutes until all must have come to rest, once it is calm.
LONGEST_REST = 180
#: Virtual minutes of calm after which nothing may be left from the storm that nobody has looked at.
MINUTES_TO_RECOVER = 10
#: How many triggers of one project are due at once in a crowded world.
CROWD = 40
_FUNCTIONS = {"run": 3, "tick": 2, "api": 2}


@dataclass(frozen=True)
class Report:
    """What came of one seed."""

    seed: object
    #: The breach or error, or None.
    problem: str | None
    runs: int
    commits: int
    story: tuple[str, ...] = ()


class WatchedStore(ModelStore):
    """The model store, with somebody who looks at every Commit."""

    def __init__(self, now: Callable[[], datetime], *, shards: int, watch: Callable[[Sequence[Write]], None]) -> None:
        super().__init__(now, shards=shards)
        self._watch = watch

    async def commit(self, writes: Sequence[Write]) -> Any:
        """Apply all writes or none, and show them."""
        version = await super().commit(writes)
        self._watch([await self._as_stored(write) for write in writes])
        return version

    async def _as_stored(self, write: Write) -> Write:
        match write:
            case Change(after=Run(project=project, id=run)):
                found: Any = await self.run(project, run)
            case Change(after=Trigger(project=project, id=trigger)):
                found = await self.trigger(project, trigger)
            case _:
                return write
        return Change(before=write.before, after=found.value)


class WakingQueue(ModelQueue):
    """The model queue, which tells whoever delivers that a task has come."""

    wake: Callable[[], None] = staticmethod(lambda: None)

    offered: Callable[[Task], None] = staticmethod(lambda _task: None)

    async def enqueue(self, task: Task) -> None:
        """Accept the task, and wake who delivers it."""
        self.offered(task)
        await super().enqueue(task)
        self.wake()

    async def hand_over(self, tick: FurtherTick) -> None:
        """Accept the further tick, and wake who delivers it."""
        await super().hand_over(tick)
        self.wake()


@dataclass
class World:
    """Everything there is in one simulation."""

    seed: object
    telling: bool = False
    story: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    commits: int = 0
    #: Whether it has ended, and what is still under way no longer counts.
    over: bool = False

    def __post_init__(self) -> None:
        self.dice = Dice(self.seed)
        self.start = self.dice.one_of(BEGINNINGS)
        self.weather = Weather.drawn(self.dice)
        self.timing = Timing(shards=4, tick_budget=self.dice.one_of((timedelta(seconds=50), timedelta(seconds=6))))
        #: How much a tick reads, and how much of it shares a Commit.
        self.page, self.group = self.dice.one_of(((300, 20), (8, 3)))
        self.crowded = self.dice.happens(0.1)
        if self.crowded:
            self.page, self.group = 8, 3
            self.timing = replace(self.timing, tick_budget=timedelta(seconds=6))
            self.weather.slowness = max(self.weather.slowness, 0.3)
        self.diary = Diary()
        self.invariants = Invariants(self.diary, self.timing)
        self.store = WatchedStore(self.now, shards=self.timing.shards, watch=self._committed)
        self.queue = WakingQueue(self.now, remembered=self.dice.one_of((timedelta(hours=1), timedelta(seconds=30))))
        self.projects = tuple(f"p{number}" for number in range(1, self.dice.whole(2 if self.crowded else 1, 3) + 1))
        self.queue.offered = self._checked(self.invariants.offered)
        self.people = People(self.dice, self.projects, launched=self._checked(self.invariants.launched))
        self.instances: dict[str, list[Instance]] = {}
        self._born = 0
        self._late: set[asyncio.Task[Any]] = set()

    def now(self) -> datetime:
        """Return the true time."""
        return self.start + timedelta(seconds=round(asyncio.get_running_loop().time(), 6))

    def tell(self, who: str, text: str) -> None:
        """Write a line of the story, if anybody wants to read it."""
        if self.telling:
            self.story.append(f"{self.now():%d %H:%M:%S.%f}"[:-3] + f"  {who:<10} {text}")

    def begun(self, call: Call) -> None:
        """Note how things are when a tick begins."""
        if call.name == TICK:
            self.invariants.tick_begun(call, now=self.now())
            if call.due and not self.weather.calm and self.dice.happens(0.5):
                # The worst moment for an edit: between what the tick reads and what it commits.
                soon = self.dice.between(0.0, 3 * self.weather.slowness)
                asyncio.get_running_loop().call_later(soon, self._ask, self.dice.one_of(list(call.due)))

    def ended(self, call: Call, answer: object) -> None:
        """Look at what a call did that ended well."""
        self._checked(self.invariants.ended)(call)
        if isinstance(answer, TickCounters) and call.name == TICK:
            self._checked(self.invariants.tick_ended)(call, answer)

    def failed(self, who: str, error: BaseException) -> None:
        """Note what must not be."""
        if not self.over:
            self.problems.append(f"{who}: {_told(error)}")

    def executor_for(self, instance: Instance) -> Executor:
        """Return the agents as an instance runs them."""
        return SimulatedAgents(instance, seed=self.seed, diary=self.diary, now=self.now, begun=self._agent_started)

    def _agent_started(self, working: Working) -> None:
        self._checked(self.invariants.agent_started)(working)
        for other in self.diary.at_work:
            zombie = other.run == working.run and other is not working and other.instance.stalled
            if zombie and self.dice.happens(0.5):
                # The worst moment to come back: another has just begun the next attempt.
                asyncio.get_running_loop().call_later(self.dice.between(0.0, 2.0), other.instance.go_on)

    def later(self, call: Callable[[], Awaitable[Any]], *, after: float) -> None:
        """Carry out an effect that nobody waits for any more."""

        async def carry_out() -> None:
            await asyncio.sleep(after)
            with suppress(TockError):
                await call()

        task = asyncio.get_running_loop().create_task(carry_out())
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    def choose(self, function: str) -> Instance:
        """Return an instance that takes the next request; one that died is replaced."""
        alive = [instance for instance in self.instances[function] if not instance.dead]
        while len(alive) < _FUNCTIONS[function]:
            alive.append(self._instance(function))
        self.instances[function] = alive
        return self.dice.one_of(alive)

    def _instance(self, function: str) -> Instance:
        self._born += 1
        furthest = MOST_SKEW.total_seconds() / 2
        return Instance(
            f"{function}-{self._born}", self, skew=timedelta(seconds=self.dice.one_of((-furthest, 0.0, furthest)))
        )

    def _committed(self, writes: Sequence[Write]) -> None:
        self.commits += 1
        self._checked(self.invariants.committed)(writes, now=self.now())

    def _checked(self, look: Callable[..., None]) -> Callable[..., None]:
        """Return the look, which notes a breach here: no handler of errors may swallow it."""

        def looked(*args: Any, **given: Any) -> None:
            try:
                look(*args, **given)
            except Breach as breach:
                self.problems.append(str(breach))
                self.tell("BREACH", str(breach))

        return looked

    async def live(self) -> None:
        """Live through it: a beginning, a storm, and the calm in which all comes to its end."""
        self.instances = {function: [] for function in _FUNCTIONS}
        calm, self.weather.calm = self.weather.calm, True
        await self._settle_in()
        self.weather.calm = calm
        scheduler = Scheduler(self.dice, self.choose, self.tell, doubled=self.dice.one_of((0.1, 0.5)))
        tasks = Tasks(self.dice, self.queue, self.choose, self.tell, self.now, doubled=self.dice.one_of((0.0, 0.1)))
        self.queue.wake = tasks.wake
        loop = asyncio.get_running_loop()
        if self.crowded:
            # Its triggers are then older than most of the others.
            scheduler.withheld = True
            loop.call_later(240, scheduler.go_on)
        always = [loop.create_task(scheduler.run()), loop.create_task(tasks.run())]
        storm = [loop.create_task(self._storm(scheduler, tasks)), loop.create_task(self._people())]
        length = self.dice.between(180, 700)
        await self._watch(length, always + storm)
        if self.dice.happens(0.1):
            # An outage of the ticks over hours; few requests come meanwhile.
            scheduler.withheld, pause = True, self.dice.between(3600, 4 * 3600)
            self.tell("storm", f"no ticks for {pause / 3600:.1f} hours")
            storm.pop().cancel()
            await self._watch(pause, always + storm)
            scheduler.go_on()
            await self._watch(120, always + storm)
        for task in storm:
            task.cancel()
        tasks.doubled = 0.0
        await self._calm(scheduler)
        await self._rest(always)
        for task in always:
            task.cancel()
        self.over = True

    async def _settle_in(self) -> None:
        api = self.choose("api")
        parts = api.parts
        for project in self.projects:
            await api.spawn(create_project(parts, identifier=project, spec=ProjectSpec(), by="founder"), name=project)
            for agent in AGENTS:
                spec = AgentSpec(kind="sim")
                await api.spawn(
                    create_agent(parts, project=project, identifier=agent, spec=spec, by="founder"), name=agent
                )
            for trigger in TRIGGERS[: self.dice.whole(1, len(TRIGGERS))]:
                wanted = self.people.spec(now=self.now())
                await api.spawn(
                    create_trigger(parts, project=project, identifier=trigger, spec=wanted, by="founder"), name=trigger
                )

        if self.crowded:
            await self._crowd(api)

    async def _crowd(self, api: Instance) -> None:
        """One project has so much at one moment that a tick of small pages and a small budget cannot do it all."""
        self.tell("world", f"{CROWD} triggers of {self.projects[0]} are due at once")
        at = (self.now() + timedelta(seconds=110)).replace(microsecond=0)
        spec = TriggerSpec(agent=AGENTS[0], schedule=OnceSchedule(at=at), overlap=Overlap.PARALLEL)
        for number in range(CROWD):
            name = f"c{number}"
            created = create_trigger(api.parts, project=self.projects[0], identifier=name, spec=spec, by="founder")
            await api.spawn(created, name=name)

    async def _watch(self, seconds: float, tasks: Sequence["asyncio.Task[Any]"]) -> None:
        """Let time pass; whatever must not be ends it."""
        end = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < end:
            await asyncio.sleep(5.0)
            self._look(tasks)

    def _look(self, tasks: Sequence["asyncio.Task[Any]"]) -> None:
        if self.problems:
            raise Breach(self.problems[0])
        for task in tasks:
            if task.done() and not task.cancelled() and (error := task.exception()) is not None:
                raise error

    async def _people(self) -> None:
        pace = self.dice.one_of((5.0, 20.0, 60.0))
        while True:
            # Now and then somebody goes on at once, or two people ask at the same time.
            more = self.dice.happens(0.35)
            await asyncio.sleep(self.dice.between(0.0, 1.5 if more else pace))
            if self.dice.happens(0.3) and self.invariants.runs:
                recent = list(self.invariants.runs)[-20:]
                self.people.known.append(self.dice.one_of(recent))
            self._ask(None if not (more and self.people.trigger) else (self.people.project, self.people.trigger))

    def _ask(self, about: tuple[str, str] | None) -> None:
        """Let somebody ask for something, about this trigger or any."""
        instance = self.choose("api")
        name, asked = self.people.request(instance.parts, now=self.now(), about=about)
        self.tell("people", name)
        instance.spawn(asked, name=name)

    async def _storm(self, scheduler: Scheduler, tasks: Tasks) -> None:
        """Stop, continue and kill instances, forget tasks, turn the lights out, withhold ticks."""
        pace = self.dice.one_of((15.0, 40.0, 120.0))
        while True:
            await asyncio.sleep(self.dice.between(0.0, pace))
            match self.dice.weighted((("stall", 6.0), ("kill", 2.0), ("dark", 1.0), ("no ticks", 0.7), ("tasks", 1.5))):
                case "stall":
                    self._stall()
                case "kill":
                    self.choose(self.dice.one_of(("run", "run", "tick", "api"))).die()
                case "dark":
                    self.weather.dark_until = self.now() + self.dice.time(1, 40)
                    self.tell("storm", f"nobody answers until {self.weather.dark_until:%H:%M:%S}")
                case "tasks":
                    tasks.disturb()
                case _:
                    self._withhold_ticks(scheduler)

    def stop(self, instance: Instance) -> None:
        """Let an instance stand still for a while, which may be longer than its leases."""
        if not instance.stalled and not instance.dead:
            instance.stall()
            longest = self.dice.one_of((5.0, 60.0, 200.0))
            asyncio.get_running_loop().call_later(self.dice.between(longest / 3, longest), instance.go_on)

    def _stall(self) -> None:
        instance = self.choose(self.dice.one_of(("run", "tick")))
        if self.diary.at_work and self.dice.happens(0.6):
            # Where an agent is at work: it may come back when another has begun the next attempt.
            instance = self.dice.one_of(list(self.diary.at_work)).instance
        self.stop(instance)

    def _withhold_ticks(self, scheduler: Scheduler) -> None:
        if scheduler.withheld:
            return
        length = self.dice.weighted(((120.0, 6.0), (600.0, 2.0), (3 * 3600.0, 0.5)))
        self.tell("storm", f"no ticks for {length:.0f} s")
        scheduler.withheld = True
        asyncio.get_running_loop().call_later(length, scheduler.go_on)

    async def _calm(self, scheduler: Scheduler) -> None:
        self.tell("world", "calm")
        self.weather.calm = True
        scheduler.doubled = 0.0
        scheduler.go_on()
        for instances in self.instances.values():
            for instance in instances:
                instance.go_on()
        await self._watch(self.dice.between(60.0, 240.0), ())
        api = self.choose("api")
        named = [(project, trigger) for project in self.projects for trigger in TRIGGERS]
        for project, trigger in dict.fromkeys([*named, *self.invariants.triggers]):
            changes = {"enabled": False}
            await api.spawn(
                edit_trigger(api.parts, project=project, trigger=trigger, changes=changes, by="end"), name="end"
            )

    async def _rest(self, tasks: Sequence["asyncio.Task[Any]"]) -> None:
        for minute in range(LONGEST_REST):
            await self._watch(60.0, tasks)
            if minute > MINUTES_TO_RECOVER:
                self.invariants.in_calm(now=self.now())
            if not self.invariants.active and not self.queue.waiting:
                break
        self.invariants.at_the_end(since=self.start, until=self.now())


def simulate(seed: object, *, telling: bool = False) -> Report:
    """Return what came of a seed; `telling` keeps the story."""
    world = World(seed, telling=telling)
    problem = None
    sizes = tock.app.tick.PAGE, tock.app.tick.GROUP
    # Its story is told otherwise.
    logged = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        tock.app.tick.PAGE, tock.app.tick.GROUP = world.page, world.group
        run_virtually(world.live())
    except Exception as error:  # noqa: BLE001 - reported
        problem = _told(error)
    finally:
        tock.app.tick.PAGE, tock.app.tick.GROUP = sizes
        logging.disable(logged)
    if world.problems:
        problem = world.problems[0]
    return Report(
        seed=seed,
        problem=problem,
        runs=len(world.invariants.runs),
        commits=world.commits,
        story=tuple(world.story),
    )


def _told(error: BaseException) -> str:
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(_told(each) for each in error.exceptions)
    return f"{type(error).__name__}: {error}" if not isinstance(error, Breach) else str(error)
