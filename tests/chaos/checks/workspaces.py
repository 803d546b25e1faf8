"""Compares what commands did in their workspaces with what the repository keeps; looks for processes left behind."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from chaos.checks.violation import Fault, Violation
from chaos.checks.work import WorkChecks
from chaos.load.resources import CODER
from tock.core.run.run import Run
from tock.core.run.status import AttemptStatus, RunStatus

#: The text of the file that commands change, at the ref of each run.
Kept = Mapping[str, str]


def lost_work(runs: Iterable[Run], kept: Kept) -> Iterable[Violation]:
    """Yield a success whose work the repository does not keep, or whose workspace was not that of the run before."""
    for run in runs:
        if run.agent != CODER or run.follow_up is not None or run.status is not RunStatus.SUCCEEDED:
            continue
        # Whoever was stopped and goes on later may push what the next attempt then does not find as it was.
        was_lost = any(attempt.status is AttemptStatus.LOST for attempt in run.attempts)
        if was_lost and run.workspace is not None and run.workspace.ref is None:
            continue
        text, last = kept.get(run.id, ""), f"{run.id} {run.attempts[-1].number}\n"
        if not text.endswith(last):
            problem = f"it succeeded, and the repository keeps {text!r}, without {last!r}"
            yield Violation(Fault.LOST_WORK, f"{run.project}/{run.agent}", problem, (run.id,))
        before = kept.get(run.resumed_from or "", "")
        if not text.startswith(before):
            problem = f"it resumed run {run.resumed_from}, which left {before!r}, and its workspace is {text!r}"
            yield Violation(Fault.LOST_WORK, f"{run.project}/{run.agent}", problem, (run.id,))


def commands_at_once(runs: Iterable[Run], work: WorkChecks) -> Iterable[Violation]:
    """Yield two commands that worked in one workspace at the same time."""
    by_workspace: Mapping[tuple[str, str], list[Run]] = defaultdict(list)
    for run in runs:
        if run.follow_up is not None:
            by_workspace[run.project, run.follow_up.of].append(run)
    for (project, workspace), several in by_workspace.items():
        for run, beside in work.starts(several):
            for other in beside:
                problem = f"two commands worked in the workspace of run {workspace} at once"
                yield Violation(Fault.OVERLAPPING, project, problem, (other.id, run.id))


def left_behind(processes: Sequence[str]) -> Iterable[Violation]:
    """Yield each process that a command started, and that lives although every run has ended."""
    for process in processes:
        yield Violation(Fault.LEFT_BEHIND, CODER, f"the process {process} outlived its attempt")
