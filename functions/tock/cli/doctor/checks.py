"""What `tock doctor` makes of what the API says: a line for each thing it looked at, with what to do."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median

from tock.cli.output.lengths import roughly
from tock.core.time.instant import instant_text
from tock.core.trigger.trigger import PauseReason
from tock.web.resources.health import Health, HealthStatus
from tock.web.resources.page import UnreadableShape
from tock.web.resources.projects.diagnosis import DiagnosisResource, RepairResource
from tock.web.resources.runs.run import RunResource
from tock.web.resources.triggers.trigger import TriggerResource

#: A tick is late after this: one did not come. After three minutes the deployment itself says that it is late.
TICK_LATE = timedelta(seconds=90)
#: Clocks that differ by more make times on this machine misleading; the engine bears some seconds.
CLOCKS_DIFFER = timedelta(seconds=5)
#: Punctual runs that start later than this, by their median, say that something is slow.
SLOW_START = timedelta(seconds=5)
#: How many stuck runs, triggers or documents a line names.
NAMED = 5


class State(StrEnum):
    """How something is."""

    #: As it should be.
    OK = "ok"
    #: It works, but somebody should look.
    WARNING = "warning"
    #: It does not work.
    PROBLEM = "problem"
    #: Nobody could look; the text says why.
    NOT_CHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class Line:
    """What was found about one thing, and what to do about it; the remedy is empty if nothing is to be done."""

    subject: str
    state: State
    text: str
    remedy: str = ""


def tick_lines(health: Health) -> Iterator[Line]:
    """Yield whether ticks come and succeed, and whether they keep up."""
    look = "Look at the log of the function tick and at its Cloud Scheduler job; locally, at the output of `tock dev`."
    age = None if health.age_seconds is None else timedelta(seconds=health.age_seconds)
    if health.first_tick_at is not None:
        text = f"the stack is starting: its first tick is due at {instant_text(health.first_tick_at)}"
        yield Line("tick", State.OK, text)
    elif age is None:
        yield Line("tick", State.PROBLEM, "no tick has ever succeeded: no trigger fires", look)
    elif health.status is HealthStatus.LATE:
        yield Line("tick", State.PROBLEM, f"the last success was {roughly(age)} ago: no trigger fires", look)
    elif health.consecutive_failures:
        text = f"the last {health.consecutive_failures} ticks failed; the last success was {roughly(age)} ago"
        yield Line("tick", State.WARNING, text, look)
    elif age > TICK_LATE:
        yield Line("tick", State.WARNING, f"the last success was {roughly(age)} ago: one tick did not come", look)
    else:
        yield Line("tick", State.OK, f"the last one succeeded {roughly(age)} ago")
    due, overdue = health.backlog.triggers, health.backlog.runs
    if due:
        remedy = "If this does not shrink within minutes, raise max_instances of tick, and look at the queue of ticks."
        yield Line("backlog", State.WARNING, f"{due} triggers are due, and no tick has claimed them yet", remedy)
    else:
        yield Line("backlog", State.OK, "no trigger waits to be claimed")
    if overdue:
        remedy = "The sweep of the next tick looks at them; `tock doctor --repair` does it now, for this project."
        yield Line("sweep", State.WARNING, f"{overdue} runs of all projects wait for a sweep", remedy)
    else:
        yield Line("sweep", State.OK, "no run waits for a sweep")


def clock_line(*, server: datetime, sent: datetime, received: datetime) -> Line:
    """Return how far the server's clock and this machine's differ; the answer's way makes it uncertain."""
    uncertain = (received - sent) / 2
    skew = abs(server - (sent + uncertain))
    text = f"this machine's clock and the server's differ by {skew.total_seconds():.1f} s"
    if skew - uncertain > CLOCKS_DIFFER:
        remedy = (
            "Set this machine's clock: times that you type mean other instants. A stack that `tock dev --at` started "
            "has a clock of its own, by which `tock` goes in the stack's folder."
        )
        return Line("clock", State.WARNING, text, remedy)
    return Line("clock", State.OK, text)


def own_clock_line(time: datetime) -> Line:
    """Return what a local stack's own clock says, which need not be this machine's time."""
    text = f"the stack has a clock of its own, which says {instant_text(time.replace(microsecond=0))}"
    return Line("clock", State.OK, f"{text}; `tock dev advance` moves it")


def run_lines(found: DiagnosisResource) -> Iterator[Line]:
    """Yield whether runs are stuck or cannot be read."""
    active = f"{found.active}{' or more' if found.more else ''}"
    if found.stuck:
        named = [f"{each.run} ({each.status}) {each.problem}" for each in found.stuck[:NAMED]]
        count = f"{len(found.stuck)}{' or more' if found.more_stuck else ''}"
        text = f"{count} of {active} runs are stuck: {listed(named, len(found.stuck))}"
        yield Line("runs", State.PROBLEM, text, "Repair them: tock doctor --repair")
    elif found.more_stuck:
        text = f"of {active} that are not over none was found stuck, but more runs of all projects are than were read"
        yield Line("runs", State.WARNING, text, "Let ticks succeed: their sweeps move such runs on. Then look again.")
    else:
        fine = "none of them is overdue" if found.more else "each is on its way"
        yield Line("runs", State.OK, f"{active} are not over, and {fine}")
    yield from unreadable_lines("run", found.unreadable)


def repair_lines(found: RepairResource) -> Iterator[Line]:
    """Yield what a repair did."""
    if found.still_stuck:
        named = [f"{each.run} ({each.status})" for each in found.still_stuck[:NAMED]]
        text = f"still stuck: {listed(named, len(found.still_stuck))}"
        remedy = "Try again; if it stays so, look at the log of the function api for repair_failed."
        yield Line("repair", State.PROBLEM, text, remedy)
    if found.repaired:
        named = [each.run for each in found.repaired[:NAMED]]
        text = f"{len(found.repaired)} runs are on their way again: {listed(named, len(found.repaired))}"
        yield Line("repair", State.OK, text)
    if found.ended:
        named = [each.id for each in found.ended[:NAMED]]
        text = f"{len(found.ended)} that could not be read were ended as failed: {listed(named, len(found.ended))}"
        yield Line("repair", State.OK, text)
    if found.more_stuck:
        yield Line("repair", State.WARNING, "more runs may be stuck", "Repair again: tock doctor --repair")
    elif not (found.still_stuck or found.repaired or found.ended):
        yield Line("repair", State.OK, "no run was stuck")


def trigger_lines(triggers: Sequence[TriggerResource], unreadable: Sequence[UnreadableShape]) -> Iterator[Line]:
    """Yield which triggers Tock had to disable, and which cannot be read."""
    invalid = [each for each in triggers if each.paused is not None and each.paused.reason is PauseReason.INVALID]
    if invalid:
        named = [f"{each.id}: {each.paused.note}" for each in invalid[:NAMED] if each.paused is not None]
        text = f"{len(invalid)} were disabled because they cannot be claimed: {listed(named, len(invalid))}"
        yield Line("triggers", State.PROBLEM, text, "Correct them and enable them: tock triggers edit, then enable.")
    else:
        yield Line("triggers", State.OK, f"none of {len(triggers)} had to be disabled")
    yield from unreadable_lines("trigger", unreadable)


def lateness_line(runs: Iterable[RunResource]) -> Line:
    """Return how late the newest runs started, without those that caught up or waited for others."""
    late = [run.lateness_seconds for run in runs if run.lateness_seconds is not None and not run.late and not run.holds]
    if not late:
        return Line("lateness", State.NOT_CHECKED, "no run started in time lately, so nothing is known")
    middle = median(late)
    text = f"the newest {len(late)} runs started {middle:.1f} s after their time (median), at most {max(late):.1f} s"
    if middle > SLOW_START.total_seconds():
        remedy = "Look at the rate and the concurrency of the queue of runs, and at cold starts of the function run."
        return Line("lateness", State.WARNING, text, remedy)
    return Line("lateness", State.OK, text)


def unreadable_lines(kind: str, unreadable: Sequence[UnreadableShape]) -> Iterator[Line]:
    """Yield which documents cannot be read; nothing if all can."""
    if unreadable:
        named = [f"{each.id}: {each.problem}" for each in unreadable[:NAMED]]
        remedy = {
            "run": "Delete such a record: tock runs delete RUN",
            "trigger": "Replace it with PUT, or delete it: tock triggers delete TRIGGER",
        }[kind]
        yield Line(f"{kind}s", State.PROBLEM, f"cannot be read: {listed(named, len(unreadable))}", remedy)


def listed(named: Sequence[str], count: int) -> str:
    """Return what is named and how many more there are, as a part of a sentence."""
    more = f" and {count - len(named)} more" if count > len(named) else ""
    return f"{', '.join(named)}{more}"
