"""The run as JSON, as agents outside this process get it."""

from typing import Any

from tock.core.time.instant import instant_text
from tock.ports.executor import RunContext


def described_run(context: RunContext, *, previous: dict[str, Any] | None) -> dict[str, Any]:
    """Return what an agent is told about its attempt and, if it asks for that, about earlier runs of its trigger."""
    return {
        "project": context.project,
        "run": context.run,
        "attempt": context.attempt,
        "trigger": context.trigger,
        "agent": context.agent,
        "source": context.source,
        "message": context.message,
        "input": dict(context.input),
        "model": context.model,
        "ref": context.ref,
        "scheduled_for": instant_text(context.scheduled_for),
        "time_zone": context.time_zone,
        "deadline": instant_text(context.deadline),
        **({} if previous is None else {"previous": previous}),
    }
