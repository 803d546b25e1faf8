"""The parts of messages and artifacts as JSON values, and a run's input as parts."""

from base64 import b64encode
from collections.abc import Sequence
from typing import Any

from a2a.types import Artifact, Message, Part
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.struct_pb2 import Struct, Value

from tock.core.run.outcome import Usage
from tock.executors.described_run import described_run
from tock.executors.stated_usage import stated_usage
from tock.ports.executor import RunContext


def parts_of_run(context: RunContext, *, previous: dict[str, Any] | None) -> list[Part]:
    """Return the run's message as text, if there is one, and the rest of what agents are told of a run as data.

    `previous` says how earlier runs of the trigger ended, if the agent asks for that.
    """
    data = described_run(context, previous=previous)
    message = data.pop("message")
    text = [] if message is None else [Part(text=message)]
    return [*text, data_part(data)]


def data_part(value: Any) -> Part:
    """Return a JSON value as a part."""
    return Part(data=ParseDict(value, Value()))


def text_of(message: Message) -> str:
    """Return the texts of a message."""
    return "\n".join(part.text for part in message.parts if part.HasField("text"))


def value_of(parts: Sequence[Part]) -> Any:
    """Return one part's value, or a list of several; texts that follow each other are one text."""
    values: list[Any] = []
    for part in parts:
        if part.HasField("text") and values and isinstance(values[-1], str):
            values[-1] += part.text
        else:
            values.append(_value(part))
    return values[0] if len(values) == 1 else values or None


def result_of(artifacts: Sequence[Artifact]) -> Any:
    """Return one artifact's value, or a list of several with their names; None without any."""
    if len(artifacts) == 1:
        return value_of(artifacts[0].parts)
    return [{"name": each.name or each.artifact_id, "value": value_of(each.parts)} for each in artifacts] or None


def usage_in(metadata: Struct) -> Usage | None:
    """Return the usage that the member `usage` of metadata states, or None."""
    return stated_usage(_with_whole_numbers(MessageToDict(metadata)).get("usage"))


def _value(part: Part) -> Any:
    if part.HasField("text"):
        return part.text
    if part.HasField("data"):
        return _with_whole_numbers(MessageToDict(part.data))
    kind = {"media_type": part.media_type} if part.media_type else {}
    if part.HasField("url"):
        return {"url": part.url, **kind}
    return {"base64": b64encode(part.raw).decode(), **kind}


def _with_whole_numbers(value: Any) -> Any:
    """Return the value with 5 for 5.0: protobuf knows only floating-point numbers, JSON has no such difference."""
    match value:
        case float() if value.is_integer():
            return int(value)
        case list():
            return [_with_whole_numbers(each) for each in value]
        case dict():
            return {name: _with_whole_numbers(each) for name, each in value.items()}
    return value
