"""Turns an agent's callback into the outcome of the attempt that begins with it."""

from typing import Any

from tock.core.mask import Mask
from tock.core.run.outcome import AgentOutcome
from tock.executors.http.answers.failure import failure_of
from tock.executors.http.answers.response import outcome_of_result
from tock.executors.http.answers.success_condition import SuccessCondition
from tock.executors.http.answers.usage_paths import UsagePaths


def outcome_of_callback(
    value: Any, *, mask: Mask, success: SuccessCondition | None, usage: UsagePaths | None = None
) -> AgentOutcome:
    """Return the outcome of a callback: the body is the result, or `{"error": {…}}` with nothing else a failure."""
    match value:
        case {"error": (dict() | str()) as error, **rest} if not rest:
            return failure_of(error, mask=mask)
    return outcome_of_result(value, mask=mask, success=success, usage=usage)
