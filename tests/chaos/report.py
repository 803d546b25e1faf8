"""The report at the end: the counts, and every violation with the records and logs of its runs."""

from collections import Counter
from collections.abc import Iterable, Sequence

from chaos.checks.verdict import Verdict
from chaos.checks.violation import Fault
from chaos.faults.plan import Kind
from chaos.load.work_log import WorkSpan
from chaos.records import Records
from tock.core.proof.occurrence import OccurrenceStatus
from tock.core.run.status import RunSource

#: The most violations whose runs are printed in full.
MAX_SHOWN = 12


def table(
    verdict: Verdict, records: Records, spans: Sequence[WorkSpan], *, faults: Counter[Kind], answers: Counter[str]
) -> Iterable[str]:
    """Yield the lines of the counts."""
    yield _line("faults injected", {kind.value: faults[kind] for kind in Kind})
    yield _line("requests by people", dict(sorted(answers.items())))
    yield _line("runs by status", dict(sorted(Counter(run.status.value for run in records.runs).items())))
    attempts = Counter(attempt.status.value for run in records.runs for attempt in run.attempts)
    yield _line("attempts", dict(sorted(attempts.items())))
    yield _line("work logged", Counter(span.outcome or "no end" for span in spans))
    yield _line("start after fire time", _percentiles(records) or {"none": ""})
    counts = verdict.counts
    occurrences = {"expected": counts.total()} | {
        status.value: counts[status] for status in OccurrenceStatus if status is not OccurrenceStatus.LOST
    }
    yield _line("occurrences", occurrences)
    yield _line("violations", {fault.value: verdict.faults[fault] for fault in Fault})


def evidence(verdict: Verdict, records: Records, spans: Sequence[WorkSpan]) -> Iterable[str]:
    """Yield each violation with the records of its runs and the log lines of their agents."""
    runs = {run.id: run for run in records.runs}
    for violation in verdict.violations[:MAX_SHOWN]:
        yield f"{violation.fault.upper()} {violation.subject}: {violation.problem}"
        for identifier in violation.runs:
            if identifier in runs:
                yield f"  record {runs[identifier].model_dump_json()}"
            yield from (f"  log    {line}" for span in spans if span.run == identifier for line in span.lines)
    if len(verdict.violations) > MAX_SHOWN:
        yield f"... and {len(verdict.violations) - MAX_SHOWN} more"


def _percentiles(records: Records) -> dict[str, str]:
    scheduled = [run.lateness for run in records.runs if run.source is RunSource.SCHEDULE and run.lateness is not None]
    ordered = sorted(scheduled)
    if not ordered:
        return {}
    places = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "most": 1.0}
    at = {name: ordered[min(len(ordered) - 1, int(place * len(ordered)))] for name, place in places.items()}
    return {name: f"{lateness.total_seconds():.2f} s" for name, lateness in at.items()}


def _line(name: str, values: dict[str, int] | dict[str, str] | Counter[str]) -> str:
    return f"{name:<22} " + ", ".join(f"{key} {value}" for key, value in values.items())
