"""Compares the work logs with the records: overlapping work, work without a record, attempts that are wrongly lost."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from chaos.checks.violation import Fault, Violation
from chaos.faults.outage import Cause, Outage
from chaos.load.work_log import WorkSpan
from tock.core.policies import Overlap
from tock.core.run.run import Attempt, Run
from tock.core.run.status import AttemptStatus, RunSource
from tock.core.timing import Timing

#: Seconds until a process that was stopped has noticed that its leases expired. Its agents get two seconds to clean up.
_WAKE_UP = 5.0
#: How many seconds two clock readings of one event may differ.
_TOLERANCE = 1.0
#: Seconds until the functions reach Firestore again after a network fault: they reconnect at growing intervals.
_RECOVERY = 5.0


class WorkChecks:
    """The spans of all runs, with the outages. `epoch` is the time at which the monotonic clock was 0."""

    def __init__(
        self, spans: Sequence[WorkSpan], *, outages: Sequence[Outage], epoch: datetime, timing: Timing
    ) -> None:
        self._outages = outages
        self._deaths = {each.instance: each.began for each in outages if each.cause in {Cause.KILLED, Cause.ENDED}}
        self._epoch = epoch
        self._timing = timing
        self._by_run: dict[tuple[str, str], list[WorkSpan]] = defaultdict(list)
        for span in sorted(spans, key=lambda each: each.began):
            self._by_run[span.project, span.run].append(span)

    def of(self, run: Run) -> Sequence[WorkSpan]:
        """Return the spans of a run, in the order of their starts."""
        return self._by_run.get((run.project, run.id), [])

    def unrecorded(self, known: Mapping[tuple[str, str], Run]) -> Iterable[Violation]:
        """Yield every span whose run or attempt has no record."""
        for key, spans in self._by_run.items():
            run = known.get(key)
            attempts = set() if run is None else {attempt.number for attempt in run.attempts}
            for span in spans:
                if span.attempt not in attempts:
                    problem = f"attempt {span.attempt} worked and has no record"
                    yield Violation(Fault.UNRECORDED, span.project, problem, (span.run,))

    def wrongly_lost(self, run: Run) -> Iterable[Violation]:
        """Yield every attempt recorded as lost while its lease was valid, or although its runner had no outage."""
        name = f"{run.project}/{run.trigger or run.agent}"
        lease = self._timing.lease
        for attempt in run.attempts:
            if attempt.status is not AttemptStatus.LOST or attempt.ended is None:
                continue
            lasted = attempt.ended - attempt.started
            # A lease is never shortened, and all processes of the machine read one clock.
            if lasted < lease - timedelta(seconds=_TOLERANCE):
                problem = f"attempt {attempt.number} was lost after {lasted}; the lease is {lease}"
                yield Violation(Fault.WRONGLY_LOST, name, problem, (run.id,))
            mine = [span for span in self.of(run) if span.attempt == attempt.number]
            if mine and not any(self._had_outage(span, lost=self._monotonic(attempt.ended)) for span in mine):
                problem = f"attempt {attempt.number} was lost, and its runner had no outage"
                yield Violation(Fault.WRONGLY_LOST, name, problem, (run.id,))

    def attempts_at_once(self, run: Run) -> Iterable[Violation]:
        """Yield two attempts of one run that worked at the same time."""
        for first, second in pairwise(self.of(run)):
            if second.began < self._end_of(first) and not self._was_stopped(run, first, at=second.began):
                if self._was_stopped(run, second, at=second.began):
                    continue
                problem = f"attempts {first.attempt} and {second.attempt} worked at the same time"
                yield Violation(Fault.OVERLAPPING, f"{run.project}/{run.trigger or run.agent}", problem, (run.id,))

    def runs_at_once(self, runs: Iterable[Run]) -> Iterable[Violation]:
        """Yield two scheduled runs of one trigger that worked at once although the newer one's policy forbids it.

        Which of them started first does not matter: a newer run that is not `parallel` is held, replaces an older one
        or is skipped until every older one has ended, even one that has not started.
        """
        for run, beside in self.starts(run for run in runs if run.source is RunSource.SCHEDULE):
            for of in beside:
                older, newer = sorted((of, run), key=_order)
                if newer.overlap is not Overlap.PARALLEL:
                    problem = f"overlap is {newer.overlap}, and two runs worked at the same time"
                    yield Violation(Fault.OVERLAPPING, f"{run.project}/{run.trigger}", problem, (older.id, newer.id))

    def starts(self, runs: Iterable[Run]) -> Iterable[tuple[Run, Sequence[Run]]]:
        """Yield each start of work on one of these runs, with the other ones that were at work then.

        Work whose process was stopped does not count.
        """
        work = [(span, run) for run in runs for span in self.of(run)]
        active: list[tuple[WorkSpan, Run]] = []
        for span, run in sorted(work, key=lambda each: each[0].began):
            active = [(other, of) for other, of in active if self._end_of(other) > span.began]
            if not self._was_stopped(run, span, at=span.began):
                steady = (of for other, of in active if not self._was_stopped(of, other, at=span.began))
                yield run, [of for of in steady if of.id != run.id]
            active.append((span, run))

    def _end_of(self, span: WorkSpan) -> float:
        """Return when the work ended, by itself or with its process."""
        if span.ended is not None:
            return span.ended
        return self._deaths.get(span.instance, float("inf"))

    def _was_stopped(self, run: Run, span: WorkSpan, *, at: float) -> bool:
        """Whether the attempt was lost or timed out because its process was stopped, when another one began, at `at`.

        The stop lasted until then, or it lasted longer than a lease and the process has only just been continued.
        """
        attempt = _attempt(run, span.attempt)
        if attempt is None or attempt.status not in {AttemptStatus.LOST, AttemptStatus.TIMED_OUT}:
            return False
        long = (self._timing.lease - self._timing.heartbeat).total_seconds() - _TOLERANCE
        since = min(span.began, self._monotonic(attempt.started))
        return any(
            stop.over >= at - _TOLERANCE or (stop.over - stop.began >= long and stop.over >= at - _WAKE_UP)
            for stop in self._outages
            if stop.cause is Cause.STOPPED and stop.affected(span.instance) and stop.began < at and stop.over > since
        )

    def _had_outage(self, span: WorkSpan, *, lost: float) -> bool:
        """Whether an outage of the runner explains why its lease expired before `lost`.

        1. If the work has an end, the outcome could not be written from then on, for at most the length of a lease.
        2. If it was stopped or has no end, the lease expired then: it had not been extended for its whole length.
        """
        lease, stop_margin = self._timing.lease.total_seconds(), self._timing.stop_margin.total_seconds()
        worked = min(self._end_of(span), lost)
        has_end = span.outcome in {"done", "failed"} and worked < lost
        since = worked if has_end else worked + stop_margin - lease
        until = min(worked + (lease if has_end else stop_margin), lost)
        return any(
            each.began <= until + _TOLERANCE
            and each.over + (_RECOVERY if each.cause is Cause.NETWORK else 0.0) >= since - _TOLERANCE
            for each in self._outages
            if each.affected(span.instance)
        )

    def _monotonic(self, instant: datetime) -> float:
        return (instant - self._epoch).total_seconds()


def _order(run: Run) -> tuple[int, datetime]:
    """The order in which the runs of one trigger are claimed."""
    return run.generation, run.scheduled_for


def _attempt(run: Run, number: int) -> Attempt | None:
    return next((attempt for attempt in run.attempts if attempt.number == number), None)
