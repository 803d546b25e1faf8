"""The verdict: what Firestore's records say, held against what the agents wrote down themselves."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chaos.agents import fails_on_purpose
from chaos.diary import Stint
from chaos.outage import Outage
from chaos.records import Records
from chaos.violation import Fault, Violation
from chaos.work import Work
from tock.core.proof.occurrence import OccurrenceStatus
from tock.core.proof.proof import Finding, Proof, prove, unexplained_starts
from tock.core.run.run import Run
from tock.core.run.status import AttemptStatus, RunSource, RunStatus
from tock.core.timing import Timing

#: What people were answered: by project and idempotency key, the run of each answer.
Answered = Mapping[tuple[str, str], Collection[str]]
#: All processes read one clock; it may be set a little while it runs.
_SLACK = timedelta(milliseconds=100)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was counted and what was found."""

    proofs: tuple[Proof, ...]
    violations: tuple[Violation, ...]

    @property
    def counts(self) -> Counter[OccurrenceStatus]:
        """How many occurrences met each fate."""
        return sum((proof.counts for proof in self.proofs), Counter[OccurrenceStatus]())

    @property
    def faults(self) -> Counter[Fault]:
        """How many violations there are of each kind."""
        return Counter(violation.fault for violation in self.violations)


@dataclass(frozen=True, slots=True)
class Witnessed:
    """What is known beside the records: what agents wrote, what was done to them, what people were answered."""

    stints: Sequence[Stint]
    outages: Sequence[Outage]
    answered: Answered
    #: The time at which the monotonic clock, which stints and outages are measured by, said 0.
    epoch: datetime


def judge(records: Records, told: Witnessed, *, timing: Timing, since: datetime, until: datetime) -> Verdict:
    """Return the verdict on everything that was owed with `since <= fire time < until`, after all has settled.

    1. Each trigger's proof: nothing is lost, extra, doubled or unexplained.
    2. Every run is settled and every trigger decided.
    3. No attempt started twice, and none without the one before having failed, timed out or been lost.
    4. Every start that was written down has its attempt on record, every success its end in the diary.
    5. Two attempts of a run, or two runs of a trigger that forbids it, work at the same time only if the process of one
       stood still meanwhile.
    6. An attempt is lost only if a lease went by, and something had happened to its runner.
    7. Nothing starts before its time, and no agent fails but the one that does so on purpose.
    8. Every answer that named a run has its record, and one key one run.
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
    work = Work(told.stints, outages=told.outages, epoch=told.epoch, timing=timing)
    known = {(run.project, run.id): run for run in records.runs}
    violations += work.unrecorded(known)
    for run in records.runs:
        violations += _of_run(run, work.of(run))
        violations += _too_early(run, timing=timing)
        violations += _failing(run)
        violations += work.attempts_at_once(run)
        violations += work.taken(run)
    for runs in by_trigger.values():
        violations += work.runs_at_once(runs)
    violations += _unkept(told.answered, known)
    return Verdict(proofs=tuple(proofs), violations=tuple(violations))


def _of_proof(proof: Proof, *, subject: str) -> Iterable[Violation]:
    found: tuple[tuple[Fault, tuple[Finding, ...]], ...] = (
        (Fault.LOST, proof.lost),
        (Fault.DOUBLED, proof.doubled),
        (Fault.EXTRA, proof.extra),
        (Fault.UNEXPLAINED, proof.unexplained),
    )
    for fault, findings in found:
        for finding in findings:
            problem = f"{finding.fire_time.isoformat()} {finding.problem}"
            yield Violation(fault, subject, problem, () if finding.run is None else (finding.run,))


def _of_run(run: Run, stints: Sequence[Stint]) -> Iterable[Violation]:
    name = _name(run)
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


def _too_early(run: Run, *, timing: Timing) -> Iterable[Violation]:
    """A first start before the fire time, or a later one before its attempt was due, by more than is allowed."""
    allowed = timing.early_tolerance + _SLACK
    starts: list[tuple[datetime, datetime]] = []
    if run.started is not None:
        starts.append((run.started, run.scheduled_for))
    # `due_at` is that of the newest attempt, which may have yet to start.
    if run.attempts and run.attempts[-1].number == run.attempt:
        starts.append((run.attempts[-1].started, run.due_at))
    early = max((due - start for start, due in starts), default=timedelta())
    if early > allowed:
        yield Violation(Fault.EARLY, _name(run), f"was started {early} before its time", (run.id,))


def _failing(run: Run) -> Iterable[Violation]:
    """A failure of an agent that never fails, unless its runner disappeared too often."""
    unexplained = [
        attempt
        for attempt in run.attempts
        if attempt.status is AttemptStatus.FAILED and not fails_on_purpose(run.agent, attempt.error)
    ]
    refused = run.status is RunStatus.FAILED and not run.attempts
    if unexplained or refused:
        error = unexplained[0].error if unexplained else run.error
        said = "without an error" if error is None else f"with {error.type}: {error.message}"
        yield Violation(Fault.FAILING, _name(run), f"failed {said}", (run.id,))


def _unkept(answered: Answered, known: Mapping[tuple[str, str], Run]) -> Iterable[Violation]:
    """An answer whose run nobody recorded, two answers to one key that differ, two runs that one key started."""
    for (project, key), runs in answered.items():
        several = sorted(set(runs))
        if len(several) > 1:
            yield Violation(Fault.UNKEPT, project, f"{key} was answered with different runs", tuple(several))
        for identifier in several:
            if (project, identifier) not in known:
                problem = f"{key} was answered with run {identifier}, which has no record"
                yield Violation(Fault.UNKEPT, project, problem, (identifier,))
    # A start's message is its key (see people): it also tells of runs that nobody was answered.
    started: Mapping[tuple[str, str], list[str]] = defaultdict(list)
    for run in known.values():
        if run.source is RunSource.MANUAL and run.input.message is not None:
            started[run.project, run.input.message].append(run.id)
    for (project, key), runs in started.items():
        if len(runs) > 1:
            yield Violation(Fault.DOUBLED, project, f"{key} started {len(runs)} runs", tuple(runs))


def _name(run: Run) -> str:
    return f"{run.project}/{run.trigger or run.agent}"
