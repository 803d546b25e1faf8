"""A conversation as JSON: between two attempts or legs of a run, and for the runs that resume it."""

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_ai.messages import ModelMessage, ModelMessagesTypeAdapter, ModelResponse, ToolCallPart

from tock.core.errors import InvalidArgument


def state_of(messages: Sequence[ModelMessage], *, waiting: Sequence[ToolCallPart]) -> dict[str, Any]:
    """Return the conversation as JSON for a checkpoint, with the ids of the calls that wait."""
    return {
        "messages": ModelMessagesTypeAdapter.dump_python(list(messages), mode="json"),
        "waiting": [call.tool_call_id for call in waiting],
    }


def session_of(messages: Sequence[ModelMessage], *, run: str) -> dict[str, Any]:
    """Return the conversation as JSON for a session, with the run whose message came last."""
    return {**state_of(messages, waiting=()), "run": run}


def is_of(session: Any, *, run: str) -> bool:
    """Whether the conversation of a session has the message of this run already."""
    return isinstance(session, dict) and session.get("run") == run


def messages_of(state: Any) -> tuple[list[ModelMessage], list[str]]:
    """Return the messages and the ids of the waiting calls of a state; both empty for None. Raises InvalidArgument."""
    match state:
        case None:
            return [], []
        case {"messages": messages, "waiting": [*waiting]}:
            try:
                return ModelMessagesTypeAdapter.validate_python(messages), waiting
            except ValidationError as exc:
                problem = f"cannot be read ({exc.error_count()} errors): it is of another version of pydantic-ai"
                raise InvalidArgument(field="state", value=None, remedy=problem) from exc
    raise InvalidArgument(field="state", value=None, remedy="is not the state of an llm agent: start a new run")


def asked_last(messages: Sequence[ModelMessage]) -> list[ModelMessage]:
    """Return the messages up to the last request, for an attempt that asks it again: its answer came to nothing."""
    asked = list(messages)
    while asked and isinstance(asked[-1], ModelResponse):
        asked.pop()
    return asked


def has_calls_to_make(messages: Sequence[ModelMessage]) -> bool:
    """Whether the conversation ends with calls of tools that nobody has begun."""
    last = messages[-1] if messages else None
    return isinstance(last, ModelResponse) and bool(last.tool_calls) and last.state == "complete"
