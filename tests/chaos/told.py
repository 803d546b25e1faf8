"""Made-up records and diaries of a trigger that fired at 12:00, 12:01 and 12:02, for the tests of the verdict."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chaos.diary import Stint
from chaos.outage import Cause, Outage
from chaos.records import History, Records
from chaos.verdict import Answered, Verdict, Witnessed, judge
from core.builders import NOON, TIMING, a_run, a_trigger
from tock.core.run import transition
from tock.core.run.outcome import Failed, Succeeded
from tock.core.run.run import Run
from tock.core.trigger.revision import Revision

MINUTE = timedelta(minutes=1)
UNTIL = NOON + 3 * MINUTE
FIRED = [NOON, NOON + MINUTE, NOON + 2 * MINUTE]


@dataclass(frozen=True)
class Told:
    """Everything the verdict is given; the monotonic clock says 0 at noon."""

    runs: tuple[Run, ...]
    stints: tuple[Stint, ...]
    outages: tuple[Outage, ...] = ()
    answered: Answered = field(default_factory=dict)
    next_run_at: datetime | None = None

    def judged(self) -> Verdict:
        revision = Revision.of(a_trigger(), valid_from=NOON - MINUTE)
        history = History(project="library", trigger="digest", revisions=(revision,), next_run_at=self.next_run_at)
        records = Records(histories=(history,), runs=self.runs)
        witnessed = Witnessed(stints=self.stints, outages=self.outages, answered=self.answered, epoch=NOON)
        return judge(records, witnessed, timing=TIMING, since=NOON, until=UNTIL)


def name(number: int) -> str:
    return f"run-{number}"


def queued(number: int) -> Run:
    fire_time = NOON + number * MINUTE
    return a_run(id=name(number), scheduled_for=fire_time, due_at=fire_time, input={"message": "Read."})


def started(run: Run, *, after: float = 0.0) -> Run:
    return transition.start(
        run,
        now=run.scheduled_for + timedelta(seconds=after),
        owner=f"{run.id}/{run.attempt}",
        agent_revision=1,
        timing=TIMING,
    )


def succeeded(run: Run, *, after: float = 5.0) -> Run:
    now = run.scheduled_for + timedelta(seconds=after)
    return transition.settle(run, Succeeded(result=1), now=now, jitter=0.0, timing=TIMING)


def failed(run: Run, *, error: str = "ConnectionError") -> Run:
    failure = Failed(type=error, message="The line is down.", retryable=True)
    return transition.settle(run, failure, now=run.scheduled_for + timedelta(seconds=5), jitter=0.0, timing=TIMING)


def rescued(run: Run) -> Run:
    return transition.rescue(run, now=run.scheduled_for + TIMING.lease, jitter=0.0, timing=TIMING)


def work(number: int, *, attempt: int = 1, instance: int = 1, at: float = 0.0, seconds: float | None = 5.0) -> Stint:
    began = number * 60 + at
    return Stint(
        project="library",
        run=name(number),
        attempt=attempt,
        instance=instance,
        began=began,
        ended=None if seconds is None else began + seconds,
        outcome=None if seconds is None else "done",
        lines=(),
    )


ALL_WELL = Told(
    runs=tuple(succeeded(started(queued(number))) for number in range(3)),
    stints=tuple(work(number) for number in range(3)),
)


def with_run(number: int, run: Run) -> Told:
    return replace(ALL_WELL, runs=tuple(run if each.id == name(number) else each for each in ALL_WELL.runs))


def with_stints(told: Told, *stints: Stint) -> Told:
    touched = {stint.run for stint in stints}
    return replace(told, stints=(*(each for each in told.stints if each.run not in touched), *stints))


def twice() -> Run:
    """The run of 12:01, lost by its first runner and done by a second."""
    lost = rescued(started(queued(1)))
    return succeeded(started(lost, after=45), after=50)


def stop(instance: int, *, began: float, ended: float) -> Outage:
    return Outage(Cause.STOPPED, "run", began=began, ended=ended, instance=instance)


def kill(instance: int, *, at: float) -> Outage:
    return Outage(Cause.KILLED, "run", began=at, instance=instance)


def weather(*, began: float, ended: float) -> Outage:
    return Outage(Cause.WEATHER, "dark", began=began, ended=ended)
