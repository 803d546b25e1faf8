"""The llm executor as the tests configure it, and the configuration of an agent that uses the test's model server."""

from typing import Any

from pydantic import SecretStr

from executors.llm.model_server import KEY, ModelServer
from tock.executors.llm.deployment_models import DeploymentModels, McpServer, ModelProvider
from tock.executors.llm.executor import LlmExecutor

MODEL = "openai-chat:gpt-test"
SECRETS = {"acme/KEY": "sk-key-of-the-project", "acme/MCP": "token-of-the-mcp-server"}


def executor(
    server: ModelServer | None = None,
    *,
    servers: dict[str, McpServer] | None = None,
    allowed_hosts: tuple[str, ...] = (),
    **options: Any,
) -> LlmExecutor:
    """Return an executor whose deployment reaches this model server as the provider `openai-chat`."""
    base = None if server is None else f"http://{server.address}/v1"
    provider = ModelProvider(key=SecretStr(KEY), base_url=base)
    models = DeploymentModels(providers={"openai-chat": provider}, servers={"acme": servers or {}})
    return LlmExecutor(**{"models": models, "allowed_hosts": allowed_hosts, "secrets": SECRETS, **options})
