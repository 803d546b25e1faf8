"""Prints one run for people."""

from datetime import datetime
from typing import TYPE_CHECKING

from tock.cli.input.when import Here
from tock.cli.output import lists
from tock.cli.output.lengths import seconds
from tock.cli.output.listing import print_table
from tock.cli.output.moments import moment
from tock.cli.output.printing import print_facts
from tock.cli.output.spending import dollars, tokens
from tock.web.resources.runs.open_question import held_for, open_question
from tock.web.resources.runs.shown_status import LATER, shown_status

if TYPE_CHECKING:
    from tock.core.run.run import RunWorkspace
    from tock.web.resources.runs.run import RunResource


def print_run(run: "RunResource", *, here: Here) -> None:
    """Print one run as facts and a table of its attempts."""

    def at(time: datetime | None) -> str:
        return moment(time, now=here.now, zone=here.zone)

    print_facts(
        {
            "run": run.id,
            "status": shown_status(run, now=here.now),
            "due": at(run.due_at) if shown_status(run, now=here.now) in LATER else None,
            "reason": run.reason,
            "waits for": _wait(run, here=here),
            "answer with": _answer(run),
            "held for": held_for(run),
            "trigger": run.trigger,
            "agent": run.agent,
            "source": run.source,
            "scheduled": at(run.scheduled_for),
            "started": at(run.started),
            "lateness": seconds(run.lateness_seconds),
            "finished": at(run.finished),
            "duration": seconds(run.duration_seconds),
            "retry of": run.retry_of,
            "retried by": ", ".join(run.retried_by),
            "resumes": run.resumed_from,
            "resumed by": run.resumed_by,
            "input": run.input.model_dump(mode="json"),
            "result": run.result,
            "warnings": "\n".join(run.warnings),
            "workspace": _workspace(run.workspace),
            "model": run.usage.model,
            "tokens": tokens(run.usage),
            "cost": dollars(run.usage),
            "error": None if run.error is None else f"{run.error.type}: {run.error.message}",
        }
    )
    attempts = run.model_dump(mode="json", by_alias=True)["attempts"]
    print_table(lists.ATTEMPTS, attempts, now=here.now, zone=here.zone, empty="No attempt has started.")


def _wait(run: "RunResource", *, here: Here) -> str | None:
    """Return what a waiting run waits for, until when, and its question; None for another run."""
    wait = open_question(run)
    if wait is None:
        return None
    question = f": {wait.question}" if wait.question else ""
    return f"{wait.wait_for} until {moment(wait.deadline, now=here.now, zone=here.zone)}{question}"


def _answer(run: "RunResource") -> str | None:
    """Return the commands by which a person ends the run's wait; None for another run."""
    wait = open_question(run)
    if wait is None:
        return None
    attempt = f"--attempt {run.attempts[-1].number}"
    match wait.wait_for.value:
        case "approval":
            return f"tock runs approve {run.id} {attempt}, or tock runs reject {run.id} {attempt}"
        case "input":
            return f"tock runs answer {run.id} VALUE {attempt}"
    return None


def _workspace(left: "RunWorkspace | None") -> str | None:
    if left is None:
        return None
    lines = (
        f"{left.branch} of {left.repository}, {left.changed} files changed",
        f"kept on {left.ref}" if left.ref else None,
        left.warning,
    )
    return "\n".join(filter(None, lines))
