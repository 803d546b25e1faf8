"""When an agent answers: at once, or later by a callback until a deadline."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any

from tock.core.errors import InvalidArgument
from tock.core.run.gate import LONGEST_WAIT, SHORTEST_WAIT
from tock.core.time.duration import duration_from_text, duration_text

#: How long an agent may take to call back, unless its configuration says otherwise.
DEFAULT_DEADLINE = timedelta(days=1)


class Answers(StrEnum):
    """How an agent answers."""

    #: The response to the request is the result.
    NOW = "now"
    #: The agent may respond with 202, and call back when its work is done.
    CALLBACK = "callback"


def check_answers(config: Mapping[str, Any], *, possible: bool) -> None:
    """Check `answers` and `deadline`; callbacks are possible where the deployment can make run tokens.

    Raises InvalidArgument.
    """
    answers = config.get("answers", Answers.NOW)
    if answers not in tuple(Answers):
        shown = answers if isinstance(answers, str) else None
        raise InvalidArgument(field="config.answers", value=shown, remedy=f"write one of {', '.join(Answers)}")
    if answers == Answers.CALLBACK and not possible:
        remedy = "this deployment takes no callbacks until TOCK_RUN_TOKEN_KEY and TOCK_API_URL are set"
        raise InvalidArgument(field="config.answers", value=answers, remedy=remedy)
    deadline_of(config)


def deadline_of(config: Mapping[str, Any]) -> timedelta:
    """Return how long the agent may take to call back. Raises InvalidArgument."""
    if "deadline" not in config:
        return DEFAULT_DEADLINE
    given = config["deadline"]
    try:
        deadline = duration_from_text(given) if isinstance(given, str) else timedelta()
    except ValueError as exc:
        raise InvalidArgument(field="config.deadline", value=given, remedy=str(exc)) from exc
    if not SHORTEST_WAIT <= deadline <= LONGEST_WAIT:
        bounds = f"from {duration_text(SHORTEST_WAIT)} to {duration_text(LONGEST_WAIT)}"
        remedy = f"write a duration {bounds} as text, such as 'PT1H' or '1h'"
        raise InvalidArgument(field="config.deadline", value=given if isinstance(given, str) else None, remedy=remedy)
    return deadline
