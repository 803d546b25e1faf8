"""Compares the work logs with the limit of how many runs of an agent work at once, and looks for leaked slots."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from chaos.checks.violation import Fault, Violation
from chaos.checks.work import WorkChecks
from chaos.load.resources import LIMITED, MOST_AT_ONCE
from tock.core.run.admission.slot import Slot
from tock.core.run.run import Run


def over_the_limit(runs: Iterable[Run], work: WorkChecks) -> Iterable[Violation]:
    """Yield each start of a run beside which as many work as may work at once."""
    by_project: Mapping[str, list[Run]] = defaultdict(list)
    for run in runs:
        if run.agent == LIMITED:
            by_project[run.project].append(run)
    for project, several in by_project.items():
        for run, beside in work.starts(several):
            together = {run.id, *(other.id for other in beside)}
            if len(together) > MOST_AT_ONCE:
                problem = f"{MOST_AT_ONCE} may work at once, and {len(together)} did"
                yield Violation(Fault.TOO_MANY, f"{project}/{LIMITED}", problem, tuple(sorted(together)))


def leaked(slots: Sequence[Slot]) -> Iterable[Violation]:
    """Yield each slot that is still taken, although every run has ended."""
    for slot in slots:
        yield Violation(Fault.LEAKED, slot.project, f"the slot {slot.name} is still taken", (slot.run,))
