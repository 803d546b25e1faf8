"""Runs agents that are a model with instructions and tools."""

import importlib
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any

import anyio

from tock.core.agent.allow_list import AllowList
from tock.core.errors import InvalidArgument
from tock.core.run.outcome import AgentOutcome, Failed
from tock.executors.llm.config import check_config, check_model, require_provider
from tock.executors.llm.config_schema import CONFIG_SCHEMA
from tock.executors.llm.deployment_models import DeploymentModels
from tock.executors.outbound.address_guard import AddressGuard, Resolve, system_addresses
from tock.executors.outbound.named_secret import NamedSecrets
from tock.ports.executor import Ability, RunContext

if TYPE_CHECKING:
    import ssl

#: The extra of the package that installs what this kind needs.
EXTRA = "llm"
#: What talks to the model. It imports pydantic-ai, which takes seconds: `tick` never does, and `run` does it in a
#: thread, so that heartbeats of other runs go on.
_CONVERSATION = "tock.executors.llm.conversation"


def is_installed() -> bool:
    """Whether the libraries of this kind are there; none of them is imported."""
    return all(find_spec(library) is not None for library in ("pydantic_ai", "fastmcp", "mcp"))


class LlmExecutor:
    """Has a model work on the run's message and payload, with the tools that the agent's configuration names.

    A configuration is `{"model": "PROVIDER:NAME", "key"?, "instructions"?, "output_schema"?, "tools"?, "limits"?,
    "approve"?}`; see `config_schema`. `models` are the deployment's providers and MCP servers, `allowed_hosts` the
    exceptions from https and public addresses of MCP servers, `secrets` the deployment's secrets by `project/name`,
    None where this process calls no agents. `resolve` and `tls` are as for the http executor.
    """

    kind = "llm"
    config_schema: Mapping[str, Any] = CONFIG_SCHEMA

    def __init__(
        self,
        *,
        models: DeploymentModels,
        allowed_hosts: AllowList | Sequence[str],
        secrets: Mapping[str, str] | None,
        resolve: Resolve = system_addresses,
        tls: "ssl.SSLContext | None" = None,
    ) -> None:
        self.models = models
        self.secrets = NamedSecrets(secrets)
        self.tls = tls
        self._allowed_hosts = AllowList.of(allowed_hosts)
        self._resolve = resolve

    def abilities(self, config: Mapping[str, Any]) -> frozenset[Ability]:
        """Return what an agent with this configuration can do: wait if it has tools that need an approval.

        A model has no versions or branches besides its name.
        """
        always = {Ability.STEER, Ability.RESUME}
        return frozenset({*always, Ability.WAIT} if config.get("approve") else always)

    def check(self, config: Mapping[str, Any], *, project: str) -> None:
        """Check the text of a configuration, without calling anything; raises InvalidArgument."""
        check_config(
            config, project=project, models=self.models, secrets=self.secrets, guard=self.guard(project, further=())
        )

    async def execute(self, config: Mapping[str, Any], context: RunContext) -> AgentOutcome:
        """Talk with the model until it has a result, calls a tool that needs an approval, or fails.

        When this is cancelled, it closes its connections and ends the MCP servers that it started, within five seconds.
        """
        try:
            self.check(config, project=context.project)
            if context.model is not None:
                check_model(context.model, field="model")
                if not self._has_key(config, model=context.model):
                    require_provider(context.model, models=self.models, field="model")
        except InvalidArgument as exc:
            return Failed(type="invalid_config", message=str(exc), retryable=False)
        conversation = await anyio.to_thread.run_sync(_imported)
        outcome: AgentOutcome = await conversation.converse(self, config, context)
        return outcome

    def guard(self, project: str, *, further: Sequence[str]) -> AddressGuard:
        """Return the guard of the project's agents; `further` are hosts that it allows besides."""
        allowed = (*self._allowed_hosts.of_project(project), *further)
        return AddressGuard(allowed_hosts=allowed, resolve=self._resolve)

    def key(self, config: Mapping[str, Any], *, model: str, project: str) -> str | None:
        """Return the key of the model's provider, or None if it needs none.

        The agent's own key goes only to the provider of the agent's own model: a run that asks for another provider
        uses the deployment's key. Raises InvalidArgument.
        """
        if self._has_key(config, model=model):
            return self.secrets.own(config["key"], project=project, field="config.key")
        provider = (self.models.providers or {}).get(_provider(model))
        return None if provider is None or provider.key is None else provider.key.get_secret_value()

    def _has_key(self, config: Mapping[str, Any], *, model: str) -> bool:
        return config.get("key") is not None and _provider(model) == _provider(config["model"])


def _provider(model: str) -> str:
    return model.partition(":")[0]


def _imported() -> ModuleType:
    return importlib.import_module(_CONVERSATION)
