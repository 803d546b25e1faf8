"""The state of a conversation between two legs of a run: its messages, and the calls that wait for an approval."""

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_ai.messages import ModelMessage, ModelMessagesTypeAdapter, ToolCallPart

from tock.core.errors import InvalidArgument


def state_of(messages: Sequence[ModelMessage], *, waiting: Sequence[ToolCallPart]) -> dict[str, Any]:
    """Return the conversation as JSON for a checkpoint, with the ids of the calls that wait."""
    return {
        "messages": ModelMessagesTypeAdapter.dump_python(list(messages), mode="json"),
        "waiting": [call.tool_call_id for call in waiting],
    }


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
