"""Checks the configuration of an llm agent, without importing the libraries that run it."""

import re
from collections.abc import Mapping
from typing import Any

from tock.core.errors import InvalidArgument
from tock.core.json.schema import written_out
from tock.executors.earlier_runs import check_previous
from tock.executors.llm.config_schema import (
    CONFIG_SCHEMA,
    LIMITS,
    MAX_APPROVE,
    MAX_INSTRUCTIONS,
    MAX_LIMIT,
    MAX_TOOLS,
    MODEL_PATTERN,
    NAME_PATTERN,
)
from tock.executors.llm.deployment_models import DeploymentModels
from tock.executors.outbound.address_guard import AddressGuard
from tock.executors.outbound.named_secret import NamedSecrets

TEST_MODEL = "test"


def check_config(
    config: Mapping[str, Any], *, project: str, models: DeploymentModels, secrets: NamedSecrets, guard: AddressGuard
) -> None:
    """Check every field; raises InvalidArgument, which quotes no secret."""
    for name in config:
        if name not in CONFIG_SCHEMA["properties"]:
            known = ", ".join(CONFIG_SCHEMA["properties"])
            remedy = f"leave it out: an llm agent has {known}"
            raise InvalidArgument(field=f"config.{name}", value=config[name], remedy=remedy)
    check_model(config.get("model"), field="config.model")
    if (key := config.get("key")) is not None:
        secrets.check(key, project=project, field="config.key", valid=bool, means="a provider's key")
    else:
        require_provider(config["model"], models=models, field="config.model")
    _check_instructions(config.get("instructions"))
    if (schema := config.get("output_schema")) is not None:
        output_schema(schema)
    _check_tools(config.get("tools"), project=project, models=models, secrets=secrets, guard=guard)
    _check_limits(config.get("limits"))
    _check_approve(config.get("approve"))
    check_previous(config)


def output_schema(schema: object) -> dict[str, Any]:
    """Return the schema of results with its references written out; raises InvalidArgument."""
    field = "config.output_schema"
    if not isinstance(schema, Mapping) or schema.get("type") != "object":
        remedy = "write a JSON Schema with the type 'object': a result of another kind is a property of it"
        raise InvalidArgument(field=field, value=None, remedy=remedy)
    try:
        return written_out(schema)
    except ValueError as exc:
        raise InvalidArgument(field=field, value=None, remedy=str(exc)) from exc


def check_model(model: object, *, field: str) -> None:
    """Check the form of a model's name; raises InvalidArgument."""
    if not isinstance(model, str) or re.fullmatch(MODEL_PATTERN.strip("^$"), model) is None:
        raise InvalidArgument(
            field=field, value=model, remedy="write PROVIDER:NAME, such as 'openai:gpt-5.2', or 'test'"
        )


def require_provider(model: str, *, models: DeploymentModels, field: str) -> None:
    """Check that the deployment reaches the model's provider, if this process knows; raises InvalidArgument."""
    provider = model.partition(":")[0]
    if model == TEST_MODEL or models.providers is None or provider in models.providers:
        return
    known = ", ".join(sorted(models.providers)) or "none"
    raise InvalidArgument(
        field=field,
        value=model,
        remedy=f"the deployment has no key for {provider!r} (it has: {known}): add it to TOCK_MODEL_PROVIDERS, "
        "or name a secret in config.key",
    )


def _check_instructions(instructions: object) -> None:
    if instructions is not None and not (isinstance(instructions, str) and len(instructions) <= MAX_INSTRUCTIONS):
        raise InvalidArgument(
            field="config.instructions",
            value=None,
            remedy=f"write a text of at most {MAX_INSTRUCTIONS} characters",
        )


def _check_tools(
    tools: object, *, project: str, models: DeploymentModels, secrets: NamedSecrets, guard: AddressGuard
) -> None:
    if tools is None:
        return
    if not isinstance(tools, list) or len(tools) > MAX_TOOLS:
        raise InvalidArgument(field="config.tools", value=None, remedy=f"write a list of at most {MAX_TOOLS} servers")
    for number, tool in enumerate(tools):
        field = f"config.tools[{number}]"
        match tool:
            case {"mcp": str(name), **rest} if not rest:
                if models.servers is not None and models.server(name, project=project) is None:
                    raise InvalidArgument(
                        field=f"{field}.mcp",
                        value=name,
                        remedy="name a server that TOCK_MCP_SERVERS has for this project",
                    )
            case {"mcp_url": url, **rest} if set(rest) <= {"auth"}:
                guard.check(url, field=f"{field}.mcp_url")
                if (auth := rest.get("auth")) is not None:
                    secrets.check(auth, project=project, field=f"{field}.auth", valid=_is_token, means="a bearer token")
            case _:
                raise InvalidArgument(
                    field=field,
                    value=tool,
                    remedy='write {"mcp": NAME}, or {"mcp_url": URL, "auth": "PROJECT/NAME"}; auth may be left out',
                )


def _is_token(secret: str) -> bool:
    """Whether the secret can stand in a header."""
    return re.fullmatch("[!-~]+", secret) is not None


def _check_limits(limits: object) -> None:
    if limits is None:
        return
    if not isinstance(limits, Mapping):
        raise InvalidArgument(field="config.limits", value=None, remedy=f"write an object with {', '.join(LIMITS)}")
    for name, limit in limits.items():
        if name not in LIMITS:
            raise InvalidArgument(
                field=f"config.limits.{name}", value=None, remedy=f"name one of the limits {', '.join(LIMITS)}"
            )
        if not isinstance(limit, int) or isinstance(limit, bool) or not 1 <= limit <= MAX_LIMIT:
            raise InvalidArgument(field=f"config.limits.{name}", value=limit, remedy="write a whole number from 1")


def _check_approve(approve: object) -> None:
    if approve is None:
        return
    named = isinstance(approve, list) and all(
        isinstance(name, str) and re.fullmatch(NAME_PATTERN.strip("^$"), name) for name in approve
    )
    if not named or len(approve) > MAX_APPROVE:  # type: ignore[arg-type]
        raise InvalidArgument(
            field="config.approve", value=None, remedy=f"write a list of at most {MAX_APPROVE} names of tools"
        )
