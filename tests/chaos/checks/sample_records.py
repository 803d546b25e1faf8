"""Sample records and work logs of a trigger that fired at 12:00, 12:01 and 12:02, for the tests of the verdict."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chaos.checks.verdict import Answered, Observations, Verdict, judge
from chaos.checks.waits import Accepted
from chaos.checks.workspaces import Kept
from chaos.faults.outage import Cause, Outage
from chaos.load.work_log import Note, WorkSpan
from chaos.records import History, Records
from core.builders import NOON, TIMING, a_run, a_trigger
from tock.core.run import transition
from tock.core.run.admission.slot import Slot
from tock.core.run.outcome import Failed, Succeeded
from tock.core.run.run import Run
from tock.core.trigger.revision import Revision

MINUTE = timedelta(minutes=1)
UNTIL = NOON + 3 * MINUTE
FIRED = [NOON, NOON + MINUTE, NOON + 2 * MINUTE]


@dataclass(frozen=True)
class Sample:
    """The input of a verdict. The monotonic clock was 0 at noon."""

    runs: tuple[Run, ...]
    spans: tuple[WorkSpan, ...]
    outages: tuple[Outage, ...] = ()
    answered: Answered = field(default_factory=dict)
    next_run_at: datetime | None = None
    slots: tuple[Slot, ...] = ()
    notes: tuple[Note, ...] = ()
    accepted: Accepted = field(default_factory=dict)
    sent: tuple[str, ...] = ()
    kept: Kept = field(default_factory=dict)
    processes: tuple[str, ...] = ()

    def verdict(self) -> Verdict:
        revision = Revision.of(a_trigger(), valid_from=NOON - MINUTE)
        history = History(project="library", trigger="digest", revisions=(revision,), next_run_at=self.next_run_at)
        records = Records(histories=(history,), runs=self.runs, slots=self.slots)
        observations = Observations(
            spans=self.spans,
            outages=self.outages,
            answered=self.answered,
            epoch=NOON,
            notes=self.notes,
            accepted=self.accepted,
            sent=self.sent,
            kept=self.kept,
            processes=self.processes,
        )
        return judge(records, observations, timing=TIMING, since=NOON, until=UNTIL)


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


def work(number: int, *, attempt: int = 1, instance: int = 1, at: float = 0.0, seconds: float | None = 5.0) -> WorkSpan:
    began = number * 60 + at
    return WorkSpan(
        project="library",
        run=name(number),
        attempt=attempt,
        instance=instance,
        began=began,
        ended=None if seconds is None else began + seconds,
        outcome=None if seconds is None else "done",
        lines=(),
    )


ALL_WELL = Sample(
    runs=tuple(succeeded(started(queued(number))) for number in range(3)),
    spans=tuple(work(number) for number in range(3)),
)


def with_run(number: int, run: Run) -> Sample:
    return replace(ALL_WELL, runs=tuple(run if each.id == name(number) else each for each in ALL_WELL.runs))


def with_spans(sample: Sample, *spans: WorkSpan) -> Sample:
    touched = {span.run for span in spans}
    return replace(sample, spans=(*(each for each in sample.spans if each.run not in touched), *spans))


def rescued_run() -> Run:
    """Return the run of 12:01: its first attempt was lost, the second succeeded."""
    lost = rescued(started(queued(1)))
    return succeeded(started(lost, after=45), after=50)


def stop(instance: int, *, began: float, ended: float) -> Outage:
    return Outage(Cause.STOPPED, "run", began=began, ended=ended, instance=instance)


def kill(instance: int, *, at: float) -> Outage:
    return Outage(Cause.KILLED, "run", began=at, instance=instance)


def network_outage(*, began: float, ended: float) -> Outage:
    return Outage(Cause.NETWORK, "blackhole", began=began, ended=ended)
