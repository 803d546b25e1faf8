"""The files that define a project, and their JSON Schema for editors."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from tock.core.agent.agent import AgentSpec
from tock.core.fields.types import Identifier
from tock.core.trigger.trigger import TriggerSpec


class DefinedAgent(AgentSpec):
    """An agent in a file."""

    id: Identifier


class DefinedTrigger(TriggerSpec):
    """A trigger in a file."""

    id: Identifier


class Manifest(BaseModel):
    """A file of definitions: what `tock plan` and `tock apply` read, and `tock export` writes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    json_schema: str | None = Field(default=None, alias="$schema", description="The URL of this schema, for editors.")
    agents: tuple[DefinedAgent, ...] = ()
    triggers: tuple[DefinedTrigger, ...] = ()


def file_schema() -> dict[str, Any]:
    """Return the JSON Schema of a file of definitions, with the configuration of each kind of agent."""
    # Only this needs them, and `tock export` starts faster without.
    from tock.executors.a2a.config_schema import CONFIG_SCHEMA as A2A  # noqa: PLC0415 - as above
    from tock.executors.command.config_schema import CONFIG_SCHEMA as COMMAND  # noqa: PLC0415
    from tock.executors.http.config_schema import CONFIG_SCHEMA as HTTP  # noqa: PLC0415
    from tock.executors.llm.config_schema import CONFIG_SCHEMA as LLM  # noqa: PLC0415
    from tock.executors.python.config_schema import CONFIG_SCHEMA as PYTHON  # noqa: PLC0415
    from tock.web.resources.agent_kinds import describe_kinds  # noqa: PLC0415

    schema = Manifest.model_json_schema(by_alias=True)
    configs = {"a2a": A2A, "command": COMMAND, "http": HTTP, "llm": LLM, "python": PYTHON}
    describe_kinds(schema["$defs"], "DefinedAgent", named="Defined{kind}Agent", configs=configs, place="#/$defs/")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
