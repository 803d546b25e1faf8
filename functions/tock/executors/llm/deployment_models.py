"""What a deployment sets for agents of kind `llm`: keys and addresses of model providers, and its own MCP servers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from tock.core.agent.allow_list import EVERY_PROJECT


class ModelProvider(BaseModel):
    """How the deployment reaches one provider of models."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    #: The key for every project's agents; an agent with a `key` of its own does not use it.
    key: SecretStr | None = None
    #: Another address than the provider's own; it need not be https or public.
    base_url: str | None = Field(default=None, pattern=r"^https?://[^\s?#]+$")


class McpServer(BaseModel):
    """A program that speaks MCP on its standard input and output."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    command: str = Field(min_length=1)
    args: tuple[str, ...] = ()
    #: Its environment, besides PATH and a few others that hold no secret.
    env: dict[str, SecretStr] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeploymentModels:
    """Providers by their name in pydantic-ai, and servers by project and name; `*` stands for every project.

    With None only the form of a configuration is checked: this process calls no models.
    """

    providers: Mapping[str, ModelProvider] | None = field(default_factory=dict)
    servers: Mapping[str, Mapping[str, McpServer]] | None = field(default_factory=dict)

    def server(self, name: str, *, project: str) -> McpServer | None:
        """Return the server that agents of the project call by this name, or None."""
        servers = self.servers or {}
        own, shared = servers.get(project, {}), servers.get(EVERY_PROJECT, {})
        return own.get(name) or shared.get(name)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every value that must not be shown."""
        keys = [provider.key for provider in (self.providers or {}).values() if provider.key is not None]
        servers = [server for named in (self.servers or {}).values() for server in named.values()]
        return tuple(each.get_secret_value() for each in (*keys, *(v for s in servers for v in s.env.values())))
