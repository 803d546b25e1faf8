"""Compares what people told runs, and what runs saved, with what their agents noted."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from chaos.checks.violation import Fault, Violation
from chaos.checks.work import WorkChecks
from chaos.load.work_log import Note
from tock.core.run.run import Run


def wrongly_heard(notes: Sequence[Note], *, sent: Collection[str]) -> Iterable[Violation]:
    """Yield a message that agents were given twice, and one that nobody sent."""
    heard = Counter((note.project, note.run, note.value) for note in notes if note.kind == "heard")
    for (project, run, message), times in heard.items():
        if times > 1:
            yield Violation(Fault.HEARD_TWICE, project, f"agents were given {message} {times} times", (run,))
        if message not in sent:
            yield Violation(Fault.UNRECORDED, project, f"an agent was given {message}, which nobody sent", (run,))


def forgotten(runs: Iterable[Run], notes: Sequence[Note]) -> Iterable[Violation]:
    """Yield a run that resumed another one, and did not find what that one had saved."""
    saved = {(note.project, note.run) for note in notes if note.kind == "saved"}
    loaded: Mapping[tuple[str, str], list[Note]] = defaultdict(list)
    for note in notes:
        if note.kind == "loaded":
            loaded[note.project, note.run].append(note)
    for run in runs:
        if run.resumed_from is None or (run.project, run.resumed_from) not in saved:
            continue
        for note in loaded[run.project, run.id]:
            if run.resumed_from not in note.value:
                problem = f"attempt {note.attempt} found {note.value}, without run {run.resumed_from}"
                yield Violation(Fault.FORGOTTEN, f"{run.project}/{run.agent}", problem, (run.id, run.resumed_from))


def sessions_at_once(runs: Iterable[Run], work: WorkChecks) -> Iterable[Violation]:
    """Yield two runs that went on with one conversation at the same time."""
    by_session: Mapping[tuple[str, str], list[Run]] = defaultdict(list)
    for run in runs:
        if run.session is not None:
            by_session[run.project, run.session].append(run)
    for (project, session), several in by_session.items():
        for run, beside in work.starts(several):
            for other in beside:
                problem = f"two runs went on with the conversation {session} at once"
                yield Violation(Fault.OVERLAPPING, project, problem, (other.id, run.id))
