"""The accounts of a trigger: which fire times an interval held, and what the records say became of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tock.core.run import Run
from tock.core.schedule import fire_times
from tock.core.status import AttemptStatus, RunSource
from tock.core.trigger import TriggerSpec


@dataclass(frozen=True, slots=True)
class Accounts:
    """What an interval owed and what was delivered, by fire time."""

    #: The fire times that the schedule holds in the interval.
    expected: tuple[datetime, ...]
    #: Those with a run that started.
    run: tuple[datetime, ...]
    #: Those with a run that has neither started nor ended yet.
    pending: tuple[datetime, ...]
    #: Those let go with a record that says why: skipped, missed, cancelled before the start.
    let_go: tuple[datetime, ...]
    #: Those without any record.
    lost: tuple[datetime, ...]
    #: Those that started twice although no attempt had failed or lost its runner.
    doubled: tuple[datetime, ...]


def account(spec: TriggerSpec, runs: Iterable[Run], *, since: datetime, until: datetime) -> Accounts:
    """Return the accounts of one version of a trigger for `since <= fire time < until`, from its stored runs."""
    scheduled = [run for run in runs if run.source is RunSource.SCHEDULE]
    fates: dict[str, list[datetime]] = {"run": [], "pending": [], "let_go": [], "lost": [], "doubled": []}
    expected = _expected(spec, since=since, until=until)
    for fire_time in expected:
        made = [run for run in scheduled if _covers(run, fire_time)]
        started = [run for run in made if run.started is not None]
        if len(started) > 1 or any(unexplained_starts(run) for run in started):
            fates["doubled"].append(fire_time)
        if started:
            fates["run"].append(fire_time)
        elif any(not run.status.terminal for run in made):
            fates["pending"].append(fire_time)
        elif made:
            fates["let_go"].append(fire_time)
        else:
            fates["lost"].append(fire_time)
    return Accounts(expected=tuple(expected), **{fate: tuple(times) for fate, times in fates.items()})


def unexplained_starts(run: Run) -> int:
    """How many attempts of a run began although the one before had neither failed nor lost its runner."""
    explained = {AttemptStatus.FAILED, AttemptStatus.TIMED_OUT, AttemptStatus.LOST}
    numbers = [attempt.number for attempt in run.attempts]
    repeated = len(numbers) - len(set(numbers))
    return repeated + sum(1 for attempt in run.attempts[:-1] if attempt.status not in explained)


def _expected(spec: TriggerSpec, *, since: datetime, until: datetime) -> Sequence[datetime]:
    first = since if spec.start is None else max(since, spec.start)
    last = until if spec.end is None else min(until, spec.end)
    times: list[datetime] = []
    for fire_time in fire_times(spec.schedule, after=first - timedelta(microseconds=1)):
        if fire_time >= last:
            break
        times.append(fire_time)
    return times


def _covers(run: Run, fire_time: datetime) -> bool:
    if run.missed is not None:
        return run.missed.first <= fire_time <= run.missed.last
    return run.scheduled_for == fire_time
