"""Whether an experiment is conclusive: agents did work, and every kind of fault was injected."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import timedelta

from chaos.faults.plan import Fault, Kind
from chaos.load.resources import CODER
from chaos.load.work_log import Note, WorkSpan
from tock.core.proof.occurrence import OccurrenceStatus
from tock.core.run.run import Run
from tock.core.run.status import RunSource, RunStatus
from tock.core.run.transition import DEADLINE


class Inconclusive(Exception):
    """The experiment shows nothing; the message says what was missing."""


def require_every_kind(plan: Sequence[Fault]) -> None:
    """Return if the plan has every kind of fault. Raises Inconclusive."""
    if missing := _missing({fault.kind for fault in plan}):
        raise Inconclusive(f"there is no time for every kind of fault: {missing} would be left out; take more MINUTES")


def require_set_up(took: timedelta, *, reserved: timedelta) -> None:
    """Return if the triggers were created in the time reserved for it. Raises Inconclusive.

    Otherwise their last fire times would come before the last faults.
    """
    if took > reserved:
        lasted = f"{took.total_seconds():.0f} s, and {reserved.total_seconds():.0f} s are reserved for it"
        raise Inconclusive(f"creating the triggers took {lasted}: take fewer TRIGGERS, or a machine that is less busy")


def require_conclusive(
    *, counts: Counter[OccurrenceStatus], spans: Sequence[WorkSpan], injected: Counter[Kind]
) -> None:
    """Return if runs started, an agent did its work, and every kind of fault was injected. Raises Inconclusive."""
    problems = []
    if not counts[OccurrenceStatus.FIRED]:
        problems.append("no occurrence was fired")
    if not any(span.outcome == "done" for span in spans):
        problems.append("no agent logged that it did its work")
    if missing := _missing({kind for kind, times in injected.items() if times}):
        problems.append(f"these faults were not injected: {missing}")
    if problems:
        raise Inconclusive(f"there was no violation, but that shows nothing: {'; '.join(problems)}")


def require_life(runs: Sequence[Run], notes: Sequence[Note]) -> None:
    """Return if runs waited, stood in line, talked, were resumed and worked in workspaces. Raises Inconclusive."""
    answers = [each.wait.answer for run in runs for each in run.attempts if each.wait is not None]
    by = {None if answer is None else answer.by == DEADLINE for answer in answers}
    commands = {run.source for run in runs if run.agent == CODER and run.status is RunStatus.SUCCEEDED}
    shown = {
        "a person answered a run that waited": False in by,
        "a deadline ended a wait": bool(by & {True, None}),
        "a run stood in line for a slot": any(hold.in_line is not None for run in runs for hold in run.holds),
        "an agent was given a message": any(note.kind == "heard" for note in notes),
        "a run was resumed": any(run.resumed_from is not None and run.started is not None for run in runs),
        "a command did its work": bool(commands - {RunSource.EXEC}),
        "a command worked in the workspace of a run": RunSource.EXEC in commands,
    }
    if missing := [fact for fact, seen in shown.items() if not seen]:
        raise Inconclusive(f"there was no violation, but it never happened that {'; or that '.join(missing)}")


def _missing(kinds: Collection[Kind]) -> str:
    return ", ".join(kind.value for kind in Kind if kind not in kinds)
