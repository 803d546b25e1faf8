"""The verdict: what Firestore's records say, held against what the agents wrote down themselves."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from chaos.diary import Stint
from chaos.faults import Outage
from chaos.records import Records
from tock.core.fate import Fate
from tock.core.policy import Overlap
from tock.core.proof import Finding, Proof, prove, unexplained_starts
from tock.core.run import Run
from tock.core.status import AttemptStatus, RunSource, RunStatus


class Fault(StrEnum):
    """What must not be."""

    #: An occurrence without any record.
    LOST = "lost"
    #: An occurrence with two records, or an attempt started twice or without need.
    DOUBLED = "doubled"
    #: A record of an occurrence that nobody owed.
    EXTRA = "extra"
    #: A record without a reason, or one that nobody will look at.
    UNEXPLAINED = "unexplained"
    #: A run that does not come to its end, or a trigger whose past fire times nobody decides.
    STUCK = "stuck"
    #: Work that no record knows of.
    UNRECORDED = "unrecorded"
    #: A record of success without the work.
    UNWORKED = "unworked"
    #: Two at work at once, although nothing had stopped the first.
    OVERLAPPING = "overlapping"


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that must not be: the trigger or agent, the runs, and a sentence."""

    fault: Fault
    subject: str
    problem: str
    runs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was counted and what was found."""

    proofs: tuple[Proof, ...]
    violations: tuple[Violation, ...]

    @property
    def fates(self) -> Counter[Fate]:
        """How many occurrences met each fate."""
        return sum((proof.fates for proof in self.proofs), Counter[Fate]())

    @property
    def faults(self) -> Counter[Fault]:
        """How many violations there are of each kind."""
        return Counter(violation.fault for violation in self.violations)


def judge(
    records: Records, stints: Sequence[Stint], outages: Sequence[Outage], *, since: datetime, until: datetime
) -> Verdict:
    """Return the verdict on everything that was owed with `since <= fire time < until`, after all has settled.

    1. Each trigger's proof: nothing is lost, extra, doubled or unexplained.
    2. Every run is settled and every trigger decided.
    3. No attempt started twice, and none without the one before having failed, timed out or been lost.
    4. Every start that was written down has its attempt on record, every success its end in the diary.
    5. Two attempts of a run, or two runs of a trigger that forbids it, work at the same time only if the first one's
       process was stopped meanwhile.
    """
    by_trigger: Mapping[tuple[str, str | None], list[Run]] = defaultdict(list)
    for run in records.runs:
        by_trigger[run.project, run.trigger].append(run)
    proofs: list[Proof] = []
    violations: list[Violation] = []
    for history in records.histories:
        runs = by_trigger[history.project, history.trigger]
        name = f"{history.project}/{history.trigger}"
        proof = prove(history.revisions, runs, since=since, until=until, next_run_at=history.next_run_at)
        proofs.append(proof)
        violations += _of_proof(proof, subject=name)
        if history.next_run_at is not None and history.next_run_at < until:
            violations.append(Violation(Fault.STUCK, name, f"is still due at {history.next_run_at.isoformat()}"))
    work = _Work(stints=stints, outages=outages)
    known = {(run.project, run.id): run for run in records.runs}
    violations += work.unrecorded(known)
    for run in records.runs:
        violations += _of_run(run, work.of(run))
        violations += work.attempts_at_once(run)
    for runs in by_trigger.values():
        violations += work.runs_at_once(runs)
    return Verdict(proofs=tuple(proofs), violations=tuple(violations))


def _of_proof(proof: Proof, *, subject: str) -> Iterable[Violation]:
    found: tuple[tuple[Fault, tuple[Finding, ...]], ...] = (
        (Fault.LOST, proof.missing),
        (Fault.DOUBLED, proof.doubled),
        (Fault.EXTRA, proof.extra),
        (Fault.UNEXPLAINED, proof.unexplained),
    )
    for fault, findings in found:
        for finding in findings:
            problem = f"{finding.fire_time.isoformat()} {finding.problem}"
            yield Violation(fault, subject, problem, () if finding.run is None else (finding.run,))


def _of_run(run: Run, stints: Sequence[Stint]) -> Iterable[Violation]:
    name = f"{run.project}/{run.trigger or run.agent}"
    if not run.status.terminal:
        yield Violation(Fault.STUCK, name, f"run is {run.status} after everything was given time", (run.id,))
    if run.source is not RunSource.SCHEDULE and (again := unexplained_starts(run)):
        yield Violation(Fault.DOUBLED, name, f"was started {again} times more than its failures explain", (run.id,))
    for attempt, times in Counter(stint.attempt for stint in stints).items():
        if times > 1:
            yield Violation(Fault.DOUBLED, name, f"attempt {attempt} was started {times} times", (run.id,))
    if run.status is RunStatus.SUCCEEDED:
        last = run.attempts[-1].number
        if not any(stint.attempt == last and stint.outcome == "done" for stint in stints):
            yield Violation(Fault.UNWORKED, name, f"attempt {last} succeeded, says its record alone", (run.id,))


class _Work:
    """The stints, by run, and when each was over."""

    def __init__(self, *, stints: Sequence[Stint], outages: Sequence[Outage]) -> None:
        self._killed = {outage.instance: outage.began for outage in outages if outage.killed}
        self._stops = [outage for outage in outages if not outage.killed]
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

    def attempts_at_once(self, run: Run) -> Iterable[Violation]:
        """Two attempts of one run at work at the same time."""
        for first, second in pairwise(self.of(run)):
            if second.began < self._over(first) and not self._was_taken(run, first, by=second.began):
                problem = f"attempts {first.attempt} and {second.attempt} worked at the same time"
                yield Violation(Fault.OVERLAPPING, f"{run.project}/{run.trigger or run.agent}", problem, (run.id,))

    def runs_at_once(self, runs: Iterable[Run]) -> Iterable[Violation]:
        """Two scheduled runs of one trigger at work at the same time, although the later one's policy forbids it."""
        work = [(stint, run) for run in runs if run.source is RunSource.SCHEDULE for stint in self.of(run)]
        active: list[tuple[Stint, Run]] = []
        for stint, run in sorted(work, key=lambda each: each[0].began):
            active = [(other, of) for other, of in active if self._over(other) > stint.began]
            for other, of in active:
                if of.id == run.id or run.overlap is Overlap.PARALLEL or of.scheduled_for > run.scheduled_for:
                    continue
                if not self._was_taken(of, other, by=stint.began):
                    problem = f"overlap is {run.overlap}, and two runs worked at the same time"
                    yield Violation(Fault.OVERLAPPING, f"{run.project}/{run.trigger}", problem, (of.id, run.id))
            active.append((stint, run))

    def _over(self, stint: Stint) -> float:
        """When the work ended: by itself, or with its process."""
        if stint.ended is not None:
            return stint.ended
        return self._killed.get(stint.instance, float("inf"))

    def _was_taken(self, run: Run, stint: Stint, *, by: float) -> bool:
        """Whether the attempt is on record as taken from a runner that had been stopped before the other began."""
        statuses = {attempt.number: attempt.status for attempt in run.attempts}
        taken = statuses.get(stint.attempt) in {AttemptStatus.LOST, AttemptStatus.TIMED_OUT}
        return taken and any(
            stop.instance == stint.instance and stop.began < by and (stop.ended or by) > stint.began
            for stop in self._stops
        )
