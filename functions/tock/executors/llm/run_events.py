"""What happens in a conversation, as events of its run."""

import asyncio
from typing import Any

from pydantic_ai.messages import (
    FunctionToolCallEvent,
    FunctionToolResultEvent,
    ModelResponse,
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
)
from pydantic_ai.run import AgentRun

from tock.core.run.outcome import Usage
from tock.ports.executor import RunContext

#: Seconds between two events with the text that the model is writing.
_PROGRESS_EVERY = 1.0


class RunEvents:
    """Reports messages, tool calls with their results, and text as it comes, at most once a second; counts usage."""

    def __init__(self, context: RunContext, *, model: str) -> None:
        self._context = context
        self._model = model
        self._counted = Usage()
        self._text = ""
        self._told = float("-inf")

    def report(self, event: Any) -> None:
        """Report an event of pydantic-ai."""
        match event:
            case PartStartEvent(part=TextPart(content=text)) | PartDeltaEvent(delta=TextPartDelta(content_delta=text)):
                self._progress(text)
            case FunctionToolCallEvent(part=call):
                data = {"id": call.tool_call_id, "name": call.tool_name, "arguments": call.args_as_dict()}
                self._context.emit("tool", data)
            case FunctionToolResultEvent(part=result):
                self._context.emit(
                    "tool",
                    {
                        "id": result.tool_call_id,
                        "name": result.tool_name,
                        "result": result.content,
                        "outcome": result.outcome,
                    },
                )

    def answered(self, response: ModelResponse) -> None:
        """Report the text of a model's whole answer."""
        self._text = ""
        text = "".join(part.content for part in response.parts if isinstance(part, TextPart))
        if text:
            self._context.emit("message", {"role": "assistant", "text": text})

    def count(self, run: AgentRun[None, Any]) -> None:
        """Add what was consumed since the last call."""
        usage = run.usage
        total = Usage(usage.input_tokens, usage.output_tokens, float(usage.cost or 0))
        new = Usage(
            input_tokens=total.input_tokens - self._counted.input_tokens,
            output_tokens=total.output_tokens - self._counted.output_tokens,
            cost=total.cost - self._counted.cost,
            model=self._model,
        )
        self._counted = total
        if (new.input_tokens, new.output_tokens, new.cost) != (0, 0, 0.0):
            self._context.host.use(new)

    def _progress(self, text: str) -> None:
        self._text += text
        now = asyncio.get_running_loop().time()
        if self._text and now - self._told >= _PROGRESS_EVERY:
            self._context.emit("progress", {"text": self._text})
            self._text, self._told = "", now
