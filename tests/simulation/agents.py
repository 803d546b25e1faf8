"""The agents of a simulation: what they do follows from the run and the attempt, and they write down when they work."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from simulation.call import CALL, Call
from simulation.dice import Dice
from simulation.instance import Instance
from tock.app.execution.settle import MAX_CONFLICTS
from tock.core.run.outcome import Failed, Outcome, Succeeded
from tock.ports.executor import RunContext


@dataclass(eq=False)
class Working:
    """One attempt at work, as the agent itself knows it."""

    run: str
    project: str
    attempt: int
    instance: Instance
    began: datetime
    #: The call that it is part of.
    call: Call
    ended: datetime | None = None
    #: Its outcome, as the record of the attempt must have it; None when it was stopped.
    outcome: str | None = None

    @property
    def steady(self) -> bool:
        """Whether its process lives and never stood still."""
        return not self.instance.dead and not self.call.stood_still

    @property
    def undisturbed(self) -> bool:
        """Whether its process is steady, had every answer that it waited for, and wrote without lasting conflicts.

        Runs around it that change faster than it can read and write, with seconds for each way of a call, keep its
        settlement from being written until its lease is over. One that was told to end has time for one try.
        """
        told = self.instance.told_to_end
        in_time = told is None or (self.began <= told and not self.call.conflicts and not self.call.kept_waiting)
        alive = self.instance.ended or not self.instance.dead
        steady = alive and in_time and not self.call.stood_still
        return steady and not self.call.disturbed and self.call.conflicts < MAX_CONFLICTS


@dataclass
class Diary:
    """What all agents did."""

    begun: dict[tuple[str, str, int], Working] = field(default_factory=dict)
    at_work: dict[Working, None] = field(default_factory=dict)


class SimulatedAgents:
    """Runs the agents of one instance."""

    kind = "sim"

    def __init__(
        self,
        instance: Instance,
        *,
        seed: object,
        diary: Diary,
        now: Callable[[], datetime],
        begun: Callable[[Working], None],
        done: Callable[[Working], None],
    ) -> None:
        self._instance = instance
        self._seed = seed
        self._diary = diary
        self._now = now
        self._begun = begun
        self._done = done

    def check(self, config: Mapping[str, Any]) -> None:
        """Accept any configuration."""

    async def execute(self, _config: Mapping[str, Any], context: RunContext) -> Outcome:
        """Work as long as this attempt of this run does, and end as it does."""
        working = Working(context.run, context.project, context.attempt, self._instance, self._now(), CALL.get())
        dice = Dice(f"{self._seed} {context.run} {context.attempt}")
        self._diary.at_work[working] = None
        self._begun(working)
        self._diary.begun[working.project, working.run, working.attempt] = working
        try:
            emitted = dice.whole(0, 2)
            for number in range(emitted):
                context.emit("progress", number)
            low, high = dice.weighted((((0.1, 8.0), 5.0), ((8.0, 50.0), 3.0), ((50.0, 150.0), 1.0)))
            await self._instance.services.clock.sleep(timedelta(seconds=dice.between(low, high)))
            working.outcome = "failed"
            outcome = _outcome(dice)
            # A success without a sign of work is a failure, whatever the agent says.
            if isinstance(outcome, Succeeded) and (outcome.result or emitted):
                working.outcome = "succeeded"
            return outcome
        finally:
            working.ended = self._now()
            del self._diary.at_work[working]
            self._done(working)


def _outcome(dice: Dice) -> Outcome:
    match dice.weighted((("good", 12.0), ("retryable", 3.0), ("final", 1.0), ("nothing", 1.0), ("raises", 1.0))):
        case "good":
            return Succeeded(result="done")
        case "retryable":
            after = timedelta(seconds=20) if dice.happens(0.3) else None
            return Failed(type="busy", message="try again", retryable=True, retry_after=after)
        case "final":
            return Failed(type="wrong", message="never", retryable=False)
        case "nothing":
            return Succeeded(result=None)
    raise RuntimeError("an executor broke")
