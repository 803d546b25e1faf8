"""The agents' own diary beside the records: what worked at once, without a record, or was taken from its runner."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from chaos.diary import Stint
from chaos.outage import Cause, Outage
from chaos.violation import Fault, Violation
from tock.core.policy import Overlap
from tock.core.run.run import Attempt, Run
from tock.core.run.status import AttemptStatus, RunSource
from tock.core.timing import Timing

#: How long a process that was continued may take to notice: its agents have two seconds to clean up, others work, too.
_WAKING = 5.0
#: How far two clock readings of one event may lie apart.
_BLUR = 1.0
#: How long the functions may take to find back to Firestore after bad weather: their connections are made anew, at
#: growing intervals.
_RECOVERY = 5.0


class Work:
    """The stints, by run, and when each was over; `epoch` is the time at which the monotonic clock said 0."""

    def __init__(self, stints: Sequence[Stint], *, outages: Sequence[Outage], epoch: datetime, timing: Timing) -> None:
        self._outages = outages
        self._deaths = {each.instance: each.began for each in outages if each.cause in {Cause.KILLED, Cause.ENDED}}
        self._epoch = epoch
        self._timing = timing
        self._by_run: dict[tuple[str, str], list[Stint]] = defaultdict(list)
        for stint in sorted(stints, key=lambda each: each.began):
            self._by_run[stint.project, stint.run].append(stint)

    def of(self, run: Run) -> Sequence[Stint]:
        """The stints of a run, by their start."""
        return self._by_run.get((run.project, run.id), [])

    def unrecorded(self, known: Mapping[tuple[str, str], Run]) -> Iterable[Violation]:
        """Every start whose run, or whose attempt of it, nobody recorded."""
        for key, stints in self._by_run.items():
            run = known.get(key)
            attempts = set() if run is None else {attempt.number for attempt in run.attempts}
            for stint in stints:
                if stint.attempt not in attempts:
                    problem = f"attempt {stint.attempt} worked, and no record says so"
                    yield Violation(Fault.UNRECORDED, stint.project, problem, (stint.run,))

    def taken(self, run: Run) -> Iterable[Violation]:
        """Every attempt recorded as lost before a lease was over, or although nothing befell its runner."""
        name = f"{run.project}/{run.trigger or run.agent}"
        lease = self._timing.lease
        for attempt in run.attempts:
            if attempt.status is not AttemptStatus.LOST or attempt.ended is None:
                continue
            lasted = attempt.ended - attempt.started
            # A lease is never shortened, and all processes read one clock.
            if lasted < lease - timedelta(seconds=_BLUR):
                problem = f"attempt {attempt.number} was taken for lost after {lasted}; the lease is {lease}"
                yield Violation(Fault.TAKEN, name, problem, (run.id,))
            mine = [stint for stint in self.of(run) if stint.attempt == attempt.number]
            if mine and not any(self._was_hurt(stint, lost=self._moment(attempt.ended)) for stint in mine):
                problem = f"attempt {attempt.number} was taken for lost, and nothing had happened to its runner"
                yield Violation(Fault.TAKEN, name, problem, (run.id,))

    def attempts_at_once(self, run: Run) -> Iterable[Violation]:
        """Two attempts of one run at work at the same time."""
        for first, second in pairwise(self.of(run)):
            if second.began < self._over(first) and not self._is_zombie(run, first, at=second.began):
                if self._is_zombie(run, second, at=second.began):
                    continue
                problem = f"attempts {first.attempt} and {second.attempt} worked at the same time"
                yield Violation(Fault.OVERLAPPING, f"{run.project}/{run.trigger or run.agent}", problem, (run.id,))

    def runs_at_once(self, runs: Iterable[Run]) -> Iterable[Violation]:
        """Two scheduled runs of one trigger at work at the same time, although the newer one's policy forbids it.

        Whichever began to work first: a newer run that is not `parallel` waits for, replaces or gives way to an older
        one that has not come to its end, also to one that has yet to start.
        """
        work = [(stint, run) for run in runs if run.source is RunSource.SCHEDULE for stint in self.of(run)]
        active: list[tuple[Stint, Run]] = []
        for stint, run in sorted(work, key=lambda each: each[0].began):
            active = [(other, of) for other, of in active if self._over(other) > stint.began]
            for other, of in active:
                older, newer = sorted((of, run), key=_order)
                if of.id == run.id or newer.overlap is Overlap.PARALLEL:
                    continue
                zombie = self._is_zombie(of, other, at=stint.began) or self._is_zombie(run, stint, at=stint.began)
                if not zombie:
                    problem = f"overlap is {newer.overlap}, and two runs worked at the same time"
                    yield Violation(Fault.OVERLAPPING, f"{run.project}/{run.trigger}", problem, (older.id, newer.id))
            active.append((stint, run))

    def _over(self, stint: Stint) -> float:
        """When the work ended: by itself, or with its process."""
        if stint.ended is not None:
            return stint.ended
        return self._deaths.get(stint.instance, float("inf"))

    def _is_zombie(self, run: Run, stint: Stint, *, at: float) -> bool:
        """Whether the attempt is on record as taken from a runner that stood still when another began, at `at`.

        The stop lasted until then, or it lasted as long as a lease may yet run and the process has hardly woken up.
        """
        attempt = _attempt(run, stint.attempt)
        if attempt is None or attempt.status not in {AttemptStatus.LOST, AttemptStatus.TIMED_OUT}:
            return False
        long = (self._timing.lease - self._timing.heartbeat).total_seconds() - _BLUR
        since = min(stint.began, self._moment(attempt.started))
        return any(
            stop.over >= at - _BLUR or (stop.over - stop.began >= long and stop.over >= at - _WAKING)
            for stop in self._outages
            if stop.cause is Cause.STOPPED and stop.befell(stint.instance) and stop.began < at and stop.over > since
        )

    def _was_hurt(self, stint: Stint, *, lost: float) -> bool:
        """Whether anything befell the runner that explains why its lease expired before `lost`.

        1. Work that came to its end: from there on the outcome could not be written, for a lease at the most.
        2. Work that was broken off, or never was: the lease ended then, and had not been extended for its whole length.
        """
        lease, stop_margin = self._timing.lease.total_seconds(), self._timing.stop_margin.total_seconds()
        worked = min(self._over(stint), lost)
        came_to_its_end = stint.outcome in {"done", "failed"} and worked < lost
        since = worked if came_to_its_end else worked + stop_margin - lease
        until = min(worked + (lease if came_to_its_end else stop_margin), lost)
        return any(
            each.began <= until + _BLUR
            and each.over + (_RECOVERY if each.cause is Cause.WEATHER else 0.0) >= since - _BLUR
            for each in self._outages
            if each.befell(stint.instance)
        )

    def _moment(self, instant: datetime) -> float:
        return (instant - self._epoch).total_seconds()


def _order(run: Run) -> tuple[int, datetime]:
    """Runs of one trigger in the order in which they were claimed."""
    return run.generation, run.scheduled_for


def _attempt(run: Run, number: int) -> Attempt | None:
    return next((attempt for attempt in run.attempts if attempt.number == number), None)
