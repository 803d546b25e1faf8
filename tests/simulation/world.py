"""One simulation: the real use cases on model parts, in a storm drawn from a seed, then in calm until all has ended."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from simulation.agents import Diary, SimulatedAgents, Working
from simulation.attempts import Attempts
from simulation.breach import MAX_SKEW, Breach, told
from simulation.call import Call
from simulation.cloud import TICK, Scheduler, Tasks
from simulation.dice import Dice
from simulation.founding import found
from simulation.instance import Instance
from simulation.invariants import Invariants
from simulation.people import TRIGGERS, People
from simulation.records import Records
from simulation.storm import Storm
from simulation.watched import WakingQueue, WatchedStore
from simulation.weather import Weather
from tock.app.manage.edit_trigger import edit_trigger
from tock.core.errors import TockError
from tock.core.scheduler_state import TickCounters
from tock.core.timing import Timing
from tock.ports.executor import Executor
from tock.ports.store import Write

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
_FUNCTIONS = {"run": 3, "tick": 2, "api": 2}


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
        self.records = Records()
        self.attempts = Attempts(self.diary, self.records, self.timing)
        self.invariants = Invariants(self.records, self.attempts, self.timing)
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
            self.problems.append(f"{who}: {told(error)}")

    def executor_for(self, instance: Instance) -> Executor:
        """Return the agents as an instance runs them."""
        return SimulatedAgents(
            instance,
            seed=self.seed,
            diary=self.diary,
            now=self.now,
            begun=self._agent_started,
            done=self._checked(self.attempts.agent_ended),
        )

    def _agent_started(self, working: Working) -> None:
        self._checked(self.attempts.agent_started)(working)
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
        """Return an instance that takes the next request; one that died, or is about to end, is replaced."""
        alive = [each for each in self.instances[function] if not each.dead and each.told_to_end is None]
        while len(alive) < _FUNCTIONS[function]:
            alive.append(self._instance(function))
        self.instances[function] = alive
        return self.dice.one_of(alive)

    def stop(self, instance: Instance) -> None:
        """Let an instance stand still for a while, which may be longer than its leases."""
        if not instance.stalled and not instance.dead:
            instance.stall()
            longest = self.dice.one_of((5.0, 60.0, 200.0))
            asyncio.get_running_loop().call_later(self.dice.between(longest / 3, longest), instance.go_on)

    def _instance(self, function: str) -> Instance:
        self._born += 1
        furthest = MAX_SKEW.total_seconds() / 2
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
        await found(self)
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
        storm = [
            loop.create_task(Storm(self, scheduler=scheduler, tasks=tasks).run()),
            loop.create_task(self._people()),
        ]
        if self.crowded:
            self.queue.tardiness = self.dice.one_of((timedelta(), timedelta(seconds=30)))
        # What is crowded is claimed while the storm lasts.
        length = self.dice.between(330 if self.crowded else 180, 700)
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
            if self.dice.happens(0.3) and self.records.runs:
                recent = list(self.records.runs)[-20:]
                self.people.known.append(self.dice.one_of(recent))
            self._ask(None if not (more and self.people.trigger) else (self.people.project, self.people.trigger))

    def _ask(self, about: tuple[str, str] | None) -> None:
        """Let somebody ask for something, about this trigger or any."""
        instance = self.choose("api")
        name, asked = self.people.request(instance.services, now=self.now(), about=about)
        self.tell("people", name)
        instance.spawn(asked, name=name)

    async def _calm(self, scheduler: Scheduler) -> None:
        self.tell("world", "calm")
        self.weather.calm = True
        scheduler.doubled = 0.0
        scheduler.go_on()
        for instances in self.instances.values():
            for instance in instances:
                instance.go_on()
        await self._watch(self.dice.between(60.0, 240.0), ())
        if self.dice.happens(0.1):
            # Long enough for all to recover while triggers go on.
            await self._watch(60.0 * MINUTES_TO_RECOVER, ())
            self.invariants.in_calm(now=self.now())
        api = self.choose("api")
        named = [(project, trigger) for project in self.projects for trigger in TRIGGERS]
        for project, trigger in dict.fromkeys([*named, *self.records.triggers]):
            changes = {"enabled": False}
            await api.spawn(
                edit_trigger(api.services, project=project, trigger=trigger, changes=changes, by="end"), name="end"
            )

    async def _rest(self, tasks: Sequence["asyncio.Task[Any]"]) -> None:
        for minute in range(LONGEST_REST):
            await self._watch(60.0, tasks)
            if minute > MINUTES_TO_RECOVER:
                self.invariants.in_calm(now=self.now())
            if not self.records.active and not self.queue.waiting:
                break
        self.invariants.at_the_end(since=self.start, until=self.now())
