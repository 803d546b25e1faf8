"""Log events: one per state change, with a name in the past tense and ids as fields; alarms depend on the names."""

import logging
from typing import Any

from tock.core.run.run import Run

_logger = logging.getLogger("tock")


def log_event(event: str, *, level: int = logging.INFO, **fields: Any) -> None:
    """Log the event with its fields; the process configures the format."""
    _logger.log(level, event, extra={"fields": fields})


def log_run_event(event: str, run: Run, *, level: int = logging.INFO, **fields: Any) -> None:
    """Log an event of a run with the run's ids and status."""
    ids = {
        "project": run.project,
        "run": run.id,
        "trigger": run.trigger,
        "agent": run.agent,
        "attempt": run.attempt,
        "status": run.status.value,
    }
    log_event(event, level=level, **{key: value for key, value in ids.items() if value is not None}, **fields)
