"""Prints one run for people."""

from typing import Any

from tock.cli.errors import CommandError
from tock.cli.spending import dollars, tokens
from tock.cli.tables import moment, print_facts, print_table, seconds


def print_run(run: dict[str, Any]) -> None:
    """Print one run as facts and a table of its attempts."""
    if "id" not in run:
        raise CommandError("The server's answer is not a run.")
    print_facts(
        {
            "run": run["id"],
            "status": run["status"],
            "reason": run["reason"],
            "waits for": _wait(run),
            "answer with": _answer(run),
            "held for": _hold(run),
            "trigger": run["trigger"],
            "agent": run["agent"],
            "source": run["source"],
            "scheduled": moment(run["scheduled_for"]),
            "started": moment(run["started"]),
            "lateness": seconds(run["lateness_seconds"]),
            "finished": moment(run["finished"]),
            "duration": seconds(run["duration_seconds"]),
            "retry of": run["retry_of"],
            "retried by": ", ".join(run["retried_by"]),
            "resumes": run.get("resumed_from"),
            "resumed by": run.get("resumed_by"),
            "input": run["input"],
            "result": run["result"],
            "warnings": "\n".join(run.get("warnings", ())),
            "workspace": _workspace(run.get("workspace")),
            "model": run["usage"].get("model"),
            "tokens": tokens(run["usage"]),
            "cost": dollars(run["usage"]),
            "error": None if run["error"] is None else f"{run['error']['type']}: {run['error']['message']}",
        }
    )
    print_table(
        ("attempt", "status", "started", "ended", "tokens", "cost", "error"),
        (
            (
                attempt["number"],
                attempt["status"],
                moment(attempt["started"]),
                moment(attempt["ended"]),
                tokens(attempt["usage"]),
                dollars(attempt["usage"]),
                (attempt["error"] or {}).get("message"),
            )
            for attempt in run["attempts"]
        ),
        empty="No attempt has started.",
    )


def _open_wait(run: dict[str, Any]) -> dict[str, Any] | None:
    return run["attempts"][-1].get("wait") if run["status"] == "waiting" and run["attempts"] else None


def _wait(run: dict[str, Any]) -> str | None:
    """Return what a waiting run waits for, until when, and its question; None for another run."""
    wait = _open_wait(run)
    if wait is None:
        return None
    question = f": {wait['question']}" if wait.get("question") else ""
    return f"{wait['wait_for']} until {moment(wait['deadline'])}{question}"


def _answer(run: dict[str, Any]) -> str | None:
    """Return the commands by which a person ends the run's wait; None for another run."""
    match _open_wait(run):
        case {"wait_for": "approval"}:
            asked = f"{run['id']} --attempt {run['attempts'][-1]['number']}"
            return f"tock runs approve {asked}, or tock runs reject {asked}"
        case {"wait_for": "input"}:
            return f"tock runs answer {run['id']} VALUE --attempt {run['attempts'][-1]['number']}"
    return None


def _hold(run: dict[str, Any]) -> str | None:
    """Return the run or the limit that a held run waits for; None for another run."""
    if run["status"] != "held":
        return None
    if run.get("in_line"):
        return f"a free slot of {run['in_line']}"
    return f"the end of run {run['blocked_by']}" if run.get("blocked_by") else None


def _workspace(left: dict[str, Any] | None) -> str | None:
    if left is None:
        return None
    lines = (
        f"{left['branch']} of {left['repository']}, {left['changed']} files changed",
        f"kept on {left['ref']}" if left["ref"] else None,
        left["warning"],
    )
    return "\n".join(filter(None, lines))
