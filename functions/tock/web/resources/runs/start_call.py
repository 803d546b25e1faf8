"""The bodies of the functions `trigger` and `retry`."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, model_validator

from tock.app.start.retry import RetryOptions
from tock.core.fields.types import Identifier, Label
from tock.web.resources.runs.run_request import RunInput

#: As JSON Schema: exactly one of the two is given and not null.
_ONE = [
    {"required": [given], "properties": {given: {"type": "string"}, other: {"type": "null"}}}
    for given, other in (("trigger", "agent"), ("agent", "trigger"))
]


def _one_of(schema: dict[str, Any]) -> None:
    schema["oneOf"] = _ONE


class StartCall(BaseModel):
    """The body of `trigger`: exactly one of a trigger and an agent, of one project."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=_one_of)

    project: Identifier
    trigger: Identifier | None = None
    agent: Identifier | None = None
    input: RunInput | None = None
    subject: Label | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.trigger is None) == (self.agent is None):
            raise ValueError("trigger: give exactly one of trigger and agent")
        return self


class RetryCall(RetryOptions):
    """The body of `retry`."""

    project: Identifier
    run: Identifier
