"""Each kind of agent with the configuration that its executor takes."""

from collections.abc import Mapping
from typing import Any

from tock.ports.executor import Executor
from tock.web.resources.agent_kinds import describe_kinds

#: The bodies that hold a whole agent, and how the body of one kind is called.
_BODIES = {"NewAgent": "New{kind}Agent", "AgentSpec": "{kind}AgentSpec"}


def describe_agent_kinds(document: dict[str, Any], *, executors: Mapping[str, Executor]) -> None:
    """Replace the schema of each body that holds a whole agent by one for each kind."""
    schemas = document["components"]["schemas"]
    configs = {kind: executor.config_schema for kind, executor in executors.items()}
    for body, named in _BODIES.items():
        choices = describe_kinds(schemas, body, named=named, configs=configs, place="#/components/schemas/")
        schemas[body]["discriminator"] = {"propertyName": "kind", "mapping": choices}
