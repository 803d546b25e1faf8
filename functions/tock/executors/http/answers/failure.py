"""The failure that an agent reports: in its event `error`, or in its callback."""

import json
from datetime import timedelta
from typing import Any

from tock.core.mask import Mask
from tock.core.run.gate import MAX_MESSAGE, checked_failure
from tock.core.run.outcome import Failed

#: The error type of a failure that names none.
UNNAMED = "agent_failed"


def failure_of(given: Any, *, mask: Mask) -> Failed:
    """Return the failure `{"type", "message", "retryable", "retry_after"?}`, masked; anything else is its message.

    `retry_after` is in seconds. A field of the wrong type makes a final failure that names the field.
    """
    if not isinstance(given, dict):
        text = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
        given = {"message": text}
    masked = mask(given)
    wait = masked.get("retry_after")
    return checked_failure(
        Failed(
            type=masked.get("type", UNNAMED),
            message=_text(masked.get("message", "The agent gave no message.")),
            retryable=masked.get("retryable", False),
            retry_after=_seconds(wait) if isinstance(wait, int | float) and not isinstance(wait, bool) else wait,
        )
    )


def _text(message: Any) -> Any:
    return message[:MAX_MESSAGE] if isinstance(message, str) else message


def _seconds(wait: float) -> timedelta:
    try:
        return timedelta(seconds=wait)
    except (OverflowError, ValueError):
        return timedelta.max if wait > 0 else timedelta.min
