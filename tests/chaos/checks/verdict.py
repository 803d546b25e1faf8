"""The verdict: Firestore's records compared with the agents' work logs, the outages and the answers of the API."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chaos.checks.conversations import forgotten, sessions_at_once, wrongly_heard
from chaos.checks.limits import leaked, over_the_limit
from chaos.checks.violation import Fault, Violation
from chaos.checks.waits import Accepted, wrong_acceptances, wrong_waits
from chaos.checks.work import WorkChecks
from chaos.checks.workspaces import Kept, commands_at_once, left_behind, lost_work
from chaos.faults.outage import Outage
from chaos.load.agents import fails_on_purpose
from chaos.load.work_log import Note, WorkSpan
from chaos.records import Records
from tock.core.proof.occurrence import OccurrenceStatus
from tock.core.proof.proof import Finding, Proof, prove, unexplained_starts
from tock.core.run.run import Run
from tock.core.run.status import AttemptStatus, RunSource, RunStatus
from tock.core.timing import Timing

#: The runs in the answers of the API, by project and idempotency key.
Answered = Mapping[tuple[str, str], Collection[str]]
#: How far the machine's clock may be adjusted between two readings.
_CLOCK_ADJUSTMENT = timedelta(milliseconds=100)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The proofs of all triggers, and the violations."""

    proofs: tuple[Proof, ...]
    violations: tuple[Violation, ...]

    @property
    def counts(self) -> Counter[OccurrenceStatus]:
        """How many occurrences have each status."""
        return sum((proof.counts for proof in self.proofs), Counter[OccurrenceStatus]())

    @property
    def faults(self) -> Counter[Fault]:
        """How many violations of each kind there are."""
        return Counter(violation.fault for violation in self.violations)


@dataclass(frozen=True, slots=True)
class Observations:
    """What was observed outside Firestore: the work logs, the outages, the answers of the API."""

    spans: Sequence[WorkSpan]
    outages: Sequence[Outage]
    answered: Answered
    #: The time at which the monotonic clock of spans and outages was 0.
    epoch: datetime
    notes: Sequence[Note] = ()
    #: The answers to waiting runs that were accepted, and the messages that people tried to send.
    accepted: Accepted = field(default_factory=dict)
    sent: Collection[str] = ()
    #: What the repository of the commands keeps of each run, and the processes of commands that are still there.
    kept: Kept = field(default_factory=dict)
    processes: Sequence[str] = ()


def judge(records: Records, observed: Observations, *, timing: Timing, since: datetime, until: datetime) -> Verdict:
    """Return the verdict on all occurrences with `since <= fire time < until`, once every run has ended.

    1. The proof of each trigger holds: no occurrence is lost, doubled, extra, unexplained or overlapping.
    2. Every run has ended, and no trigger has a past fire time that is not claimed.
    3. No attempt started twice, and none without the one before having failed, timed out or been lost.
    4. Every start in the logs has an attempt on record, and every success an end in the logs.
    5. Two attempts of a run, or two runs that the overlap policy keeps apart, work at the same time only if the process
       of one was stopped meanwhile.
    6. An attempt is lost only after its lease has expired, and only if its runner had an outage.
    7. No attempt starts before its time, and only the flaky agent fails.
    8. Every run in an answer has a record, and all answers to one key name the same run.
    9. A wait ends by an answer or at its deadline, and an accepted answer is on record.
    10. No more runs work at once than a limit allows, and every slot is free in the end.
    11. A message is given once. A resumed run finds the conversation, and goes on with it alone.
    12. What a command did is kept, one works in a workspace at once, and none leaves a process behind.
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
    work = WorkChecks(observed.spans, outages=observed.outages, epoch=observed.epoch, timing=timing)
    known = {(run.project, run.id): run for run in records.runs}
    violations += work.unrecorded(known)
    for run in records.runs:
        violations += _of_run(run, work.of(run))
        violations += _too_early(run, timing=timing)
        violations += _failing(run)
        violations += work.attempts_at_once(run)
        violations += work.wrongly_lost(run)
    for runs in by_trigger.values():
        violations += work.runs_at_once(runs)
    violations += _wrong_answers(observed.answered, known)
    violations += _of_life(records, observed, work=work, known=known)
    return Verdict(proofs=tuple(proofs), violations=tuple(violations))


def _of_life(
    records: Records, observed: Observations, *, work: WorkChecks, known: Mapping[tuple[str, str], Run]
) -> Iterable[Violation]:
    """Yield the violations of steps 9 to 12."""
    for run in records.runs:
        yield from wrong_waits(run)
    yield from wrong_acceptances(observed.accepted, known)
    yield from over_the_limit(records.runs, work)
    yield from leaked(records.slots)
    yield from wrongly_heard(observed.notes, sent=observed.sent)
    yield from forgotten(records.runs, observed.notes)
    yield from sessions_at_once(records.runs, work)
    yield from lost_work(records.runs, observed.kept)
    yield from commands_at_once(records.runs, work)
    yield from left_behind(observed.processes)


def _of_proof(proof: Proof, *, subject: str) -> Iterable[Violation]:
    found: tuple[tuple[Fault, tuple[Finding, ...]], ...] = (
        (Fault.LOST, proof.lost),
        (Fault.DOUBLED, proof.doubled),
        (Fault.EXTRA, proof.extra),
        (Fault.UNEXPLAINED, proof.unexplained),
        (Fault.OVERLAPPING, proof.overlapping),
    )
    for fault, findings in found:
        for finding in findings:
            problem = f"{finding.fire_time and finding.fire_time.isoformat()} {finding.problem}"
            yield Violation(fault, subject, problem, () if finding.run is None else (finding.run,))


def _of_run(run: Run, spans: Sequence[WorkSpan]) -> Iterable[Violation]:
    name = _name(run)
    if not run.status.terminal:
        yield Violation(Fault.STUCK, name, f"run is still {run.status}", (run.id,))
    if run.source is not RunSource.SCHEDULE and (again := unexplained_starts(run)):
        yield Violation(Fault.DOUBLED, name, f"was started {again} times more than its failures explain", (run.id,))
    for attempt, times in Counter(span.attempt for span in spans).items():
        if times > 1:
            yield Violation(Fault.DOUBLED, name, f"attempt {attempt} was started {times} times", (run.id,))
    if run.status is RunStatus.SUCCEEDED:
        last = run.attempts[-1].number
        if not any(span.attempt == last and span.outcome == "done" for span in spans):
            yield Violation(
                Fault.WITHOUT_WORK, name, f"attempt {last} succeeded by its record, and its log has no end", (run.id,)
            )


def _too_early(run: Run, *, timing: Timing) -> Iterable[Violation]:
    """Yield a first start before the fire time, or a later one before its attempt was due, beyond the tolerance."""
    allowed = timing.early_tolerance + _CLOCK_ADJUSTMENT
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
    """Yield a failure of an agent that never fails, unless too many attempts were lost."""
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


def _wrong_answers(answered: Answered, known: Mapping[tuple[str, str], Run]) -> Iterable[Violation]:
    """Yield an answer whose run has no record, different answers to one key, and two runs that one key started."""
    for (project, key), runs in answered.items():
        several = sorted(set(runs))
        if len(several) > 1:
            yield Violation(Fault.WRONG_ANSWER, project, f"{key} was answered with different runs", tuple(several))
        for identifier in several:
            if (project, identifier) not in known:
                problem = f"{key} was answered with run {identifier}, which has no record"
                yield Violation(Fault.WRONG_ANSWER, project, problem, (identifier,))
    # The message of a run is its key (see people), which also finds runs whose answer was lost.
    started: Mapping[tuple[str, str], list[str]] = defaultdict(list)
    for run in known.values():
        if run.source is RunSource.MANUAL and run.input.message is not None:
            started[run.project, run.input.message].append(run.id)
    for (project, key), runs in started.items():
        if len(runs) > 1:
            yield Violation(Fault.DOUBLED, project, f"{key} started {len(runs)} runs", tuple(runs))


def _name(run: Run) -> str:
    return f"{run.project}/{run.trigger or run.agent}"
