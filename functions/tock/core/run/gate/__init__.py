"""The gate that everything from an agent passes: its result, its usage, its failure, its events, its workspace.

What leaves the gate can be stored and shown. What does not fit is replaced where that keeps the meaning (events, usage,
the text of a message); otherwise the attempt fails, finally, with an error that names the field.
"""

from tock.core.run.gate.event import MAX_EVENT_BYTES, MAX_KIND, event_of, kind_of_agent
from tock.core.run.gate.outcome import (
    INVALID_OUTCOME,
    LONGEST_WAIT,
    MAX_ERROR_TYPE,
    MAX_RESULT_BYTES,
    MAX_RETRY_AFTER,
    SHORTEST_WAIT,
    checked_failure,
    outcome_of,
    too_large,
)
from tock.core.run.gate.saved import MAX_SESSION_BYTES, MAX_STATE_BYTES, session_of, state_of
from tock.core.run.gate.text import MAX_MESSAGE, log_text_of, message_of
from tock.core.run.gate.usage import usage_of
from tock.core.run.gate.workspace import MAX_FILES, MAX_PATH, workspace_of

__all__ = [
    "INVALID_OUTCOME",
    "LONGEST_WAIT",
    "MAX_ERROR_TYPE",
    "MAX_EVENT_BYTES",
    "MAX_FILES",
    "MAX_KIND",
    "MAX_MESSAGE",
    "MAX_PATH",
    "MAX_RESULT_BYTES",
    "MAX_RETRY_AFTER",
    "MAX_SESSION_BYTES",
    "MAX_STATE_BYTES",
    "SHORTEST_WAIT",
    "checked_failure",
    "event_of",
    "kind_of_agent",
    "log_text_of",
    "message_of",
    "outcome_of",
    "session_of",
    "state_of",
    "too_large",
    "usage_of",
    "workspace_of",
]
