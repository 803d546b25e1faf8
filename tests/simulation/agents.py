"""The agents of a simulation: seed, run and attempt decide what they do, and they log when they work."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from simulation.call import CALL, Call
from simulation.instance import Instance
from simulation.seeded_random import SeededRandom
from tock.app.execution.settle import MAX_CONFLICTS
from tock.core.errors import StoreUnavailable
from tock.core.run.messages.signal import Signal
from tock.core.run.outcome import AgentOutcome, Continue, Failed, OnDeadline, Succeeded, WaitFor, Waiting, Workspace
from tock.ports.executor import Ability, Command, RunContext

#: The number of the attempt from which on an agent asks for no further leg.
MAX_LEGS = 6


@dataclass(eq=False)
class Work:
    """One attempt, as its agent knows it."""

    run: str
    project: str
    attempt: int
    instance: Instance
    began: datetime
    #: The call that it is part of.
    call: Call
    ended: datetime | None = None
    #: The status that the record of the attempt must have; None if the agent was stopped.
    outcome: str | None = None
    #: Whether it left a sign of work: an event or usage.
    worked: bool = False
    #: Whether it ended without any: then it has succeeded only if an earlier attempt of the run left one.
    idle: bool = False
    #: When the next leg may begin, if the agent said so.
    goes_on_at: datetime | None = None

    @property
    def steady(self) -> bool:
        """Whether its process is alive and did not stall during the call."""
        return not self.instance.dead and not self.call.stalled

    @property
    def undisturbed(self) -> bool:
        """Whether nothing kept its runner from settling it: no stall, no missing answer, no series of conflicts.

        Conflicts alone can do that: if each way of a call takes seconds, the runs that this one is linked to may change
        faster than its runner can read and write, until the lease expires. After SIGTERM there is time for one try.
        """
        sigterm = self.instance.sigterm_at
        in_time = sigterm is None or (self.began <= sigterm and not self.call.conflicts and not self.call.kept_waiting)
        alive = self.instance.ended_by_sigterm or not self.instance.dead
        steady = alive and in_time and not self.call.stalled
        return steady and not self.call.disturbed and self.call.conflicts < MAX_CONFLICTS


@dataclass
class WorkLog:
    """What all agents did."""

    started: dict[tuple[str, str, int], Work] = field(default_factory=dict)
    in_progress: dict[Work, None] = field(default_factory=dict)


class SimulatedAgents:
    """Executes the agents of one instance."""

    kind = "sim"

    def __init__(
        self,
        instance: Instance,
        *,
        seed: object,
        work_log: WorkLog,
        now: Callable[[], datetime],
        begun: Callable[[Work], None],
        done: Callable[[Work], None],
        heard: Callable[[Work, Sequence[Signal]], None],
        talks: bool,
        keeps: bool,
        slowness: float,
    ) -> None:
        self._instance = instance
        self._seed = seed
        self._work_log = work_log
        self._now = now
        self._begun = begun
        self._done = done
        self._heard = heard
        #: Whether the agents take messages, save conversations and wait for answers.
        self._talks = talks
        #: Whether the agents leave workspaces, in which commands can be run.
        self._keeps = keeps
        #: How many times longer than usual the agents work.
        self._slowness = slowness

    def abilities(self, _config: Mapping[str, Any]) -> frozenset[Ability]:
        """Return every ability."""
        return frozenset(Ability)

    def check(self, config: Mapping[str, Any], *, project: str) -> None:
        """Accept any configuration."""

    def command_config(self, command: Command, *, project: str) -> Mapping[str, Any]:  # noqa: ARG002 - the port's
        """Allow every command."""
        return {}

    async def execute(self, _config: Mapping[str, Any], context: RunContext) -> AgentOutcome:
        """Work for the time, and end with the outcome, that the seed gives this attempt of this run."""
        work = Work(context.run, context.project, context.attempt, self._instance, self._now(), CALL.get())
        random = SeededRandom(f"{self._seed} {context.run} {context.attempt}")
        self._work_log.in_progress[work] = None
        self._begun(work)
        self._work_log.started[work.project, work.run, work.attempt] = work
        try:
            emitted = random.whole(0, 2)
            for number in range(emitted):
                context.emit("progress", number)
            usage = SeededRandom(f"{self._seed} {context.run} {context.attempt} usage")
            used = usage.happens(0.3)
            if used:
                context.usage(input_tokens=usage.whole(1, 100), model=usage.one_of((None, "small", "large")))
            work.worked = used or emitted > 0
            low, high = random.weighted((((0.1, 8.0), 5.0), ((8.0, 50.0), 3.0), ((50.0, 150.0), 1.0)))
            length = timedelta(seconds=random.between(low, high) * self._slowness)
            talk = SeededRandom(f"{self._seed} {context.run} {context.attempt} talk")
            if self._talks and talk.happens(0.5):
                await self._listen(work, context, length=length)
            else:
                await self._instance.services.clock.sleep(length)
            work.outcome = "failed"
            if context.workspace_of is not None:
                return _end_command(work, random)
            if self._keeps:
                context.host.leave(_workspace_of(context))
            if self._talks and talk.happens(0.3):
                await context.save_session({"said": [context.run, context.attempt]})
            leg = _leg(talk) if self._talks and context.attempt < MAX_LEGS else None
            if leg is not None:
                work.outcome = "waiting" if isinstance(leg, Waiting) else "continued"
                if isinstance(leg, Continue):
                    work.goes_on_at = self._now() + leg.after
                return leg
            outcome = _outcome(random)
            if isinstance(outcome, Succeeded):
                work.outcome, work.idle = "succeeded", not (outcome.result or work.worked)
            return outcome
        finally:
            work.ended = self._now()
            del self._work_log.in_progress[work]
            self._done(work)

    async def _listen(self, work: Work, context: RunContext, *, length: timedelta) -> None:
        """Take messages for a while."""
        end = asyncio.ensure_future(self._instance.services.clock.sleep(length))
        messages = asyncio.ensure_future(context.messages())
        try:
            while not end.done():
                await asyncio.wait((end, messages), return_when=asyncio.FIRST_COMPLETED)
                if messages.done():
                    with suppress(StoreUnavailable):
                        self._heard(work, messages.result())
                    # An empty answer says that the lease is lost: then the agent is being stopped.
                    await asyncio.sleep(0.1)
                    messages = asyncio.ensure_future(context.messages())
        finally:
            end.cancel()
            messages.cancel()


def _end_command(work: Work, random: SeededRandom) -> AgentOutcome:
    if random.happens(0.3):
        return Failed(type="exit_status", message="The build broke.", retryable=True)
    work.outcome = "succeeded"
    return Succeeded(result={"exit_code": 0})


def _workspace_of(context: RunContext) -> Workspace:
    ref = f"refs/tock/runs/{context.run}"
    return Workspace(repository="shop", branch=f"tock/{context.run}", commit="0" * 40, ref=ref)


def _leg(random: SeededRandom) -> Waiting | Continue | None:
    """Return the outcome that lets the run go on in another leg, or None if this one is the last."""
    match random.weighted((("last", 6.0), ("waits", 2.0), ("continues", 1.0))):
        case "waits":
            return Waiting(
                random.one_of(tuple(WaitFor)),
                question="More?",
                deadline=random.time(10, 400),
                on_deadline=random.one_of(tuple(OnDeadline)),
            )
        case "continues":
            return Continue(after=random.time(0, 60))
    return None


def _outcome(random: SeededRandom) -> AgentOutcome:
    match random.weighted((("good", 12.0), ("retryable", 3.0), ("final", 1.0), ("nothing", 1.0), ("raises", 1.0))):
        case "good":
            return Succeeded(result="done")
        case "retryable":
            after = timedelta(seconds=20) if random.happens(0.3) else None
            return Failed(type="busy", message="try again", retryable=True, retry_after=after)
        case "final":
            return Failed(type="wrong", message="never", retryable=False)
        case "nothing":
            return Succeeded(result=None)
    raise RuntimeError("an executor broke")
