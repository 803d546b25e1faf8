"""The agents of a simulation: seed, run and attempt decide what they do, and they log when they work."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from simulation.call import CALL, Call
from simulation.instance import Instance
from simulation.seeded_random import SeededRandom
from tock.app.execution.settle import MAX_CONFLICTS
from tock.core.run.outcome import Failed, Outcome, Succeeded
from tock.ports.executor import Ability, RunContext


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
    ) -> None:
        self._instance = instance
        self._seed = seed
        self._work_log = work_log
        self._now = now
        self._begun = begun
        self._done = done

    def abilities(self, _config: Mapping[str, Any]) -> frozenset[Ability]:
        """Return every ability."""
        return frozenset(Ability)

    def check(self, config: Mapping[str, Any], *, project: str) -> None:
        """Accept any configuration."""

    async def execute(self, _config: Mapping[str, Any], context: RunContext) -> Outcome:
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
            low, high = random.weighted((((0.1, 8.0), 5.0), ((8.0, 50.0), 3.0), ((50.0, 150.0), 1.0)))
            await self._instance.services.clock.sleep(timedelta(seconds=random.between(low, high)))
            work.outcome = "failed"
            outcome = _outcome(random)
            # The engine takes a success without a result or an event for a failure.
            if isinstance(outcome, Succeeded) and (outcome.result or emitted):
                work.outcome = "succeeded"
            return outcome
        finally:
            work.ended = self._now()
            del self._work_log.in_progress[work]
            self._done(work)


def _outcome(random: SeededRandom) -> Outcome:
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
