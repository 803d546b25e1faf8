"""Which configurations of an llm agent are refused, and with which words."""

from typing import Any

import pytest

from executors.llm.llm_calls import MODEL, executor
from tock.core.errors import InvalidArgument
from tock.executors.llm.deployment_models import DeploymentModels, McpServer
from tock.executors.llm.executor import LlmExecutor

NOTES = McpServer(command="notes-mcp")
OBJECT = {"type": "object"}
#: Each definition names the one before twice, so that a few lines stand for a million values.
DOUBLED = {
    "type": "object",
    "$defs": {"d0": {"type": "string"}}
    | {
        f"d{n}": {
            "type": "object",
            "properties": {"a": {"$ref": f"#/$defs/d{n - 1}"}, "b": {"$ref": f"#/$defs/d{n - 1}"}},
        }
        for n in range(1, 20)
    },
    "properties": {"a": {"$ref": "#/$defs/d19"}},
}


@pytest.mark.parametrize(
    ("config", "field", "remedy"),
    [
        ({}, "config.model", "write PROVIDER:NAME"),
        ({"model": "gpt-5.2"}, "config.model", "write PROVIDER:NAME"),
        ({"model": "anthropic:claude"}, "config.model", "no key for 'anthropic'"),
        ({"model": "test", "temperature": 1}, "config.temperature", "leave it out"),
        ({"model": MODEL, "key": "other/KEY"}, "config.key", "write acme/NAME"),
        ({"model": MODEL, "key": "acme/NOWHERE"}, "config.key", "name a secret of TOCK_SECRETS"),
        ({"model": "test", "instructions": 5}, "config.instructions", "write a text"),
        ({"model": "test", "tools": [{"mcp": "files"}]}, "config.tools[0].mcp", "TOCK_MCP_SERVERS"),
        ({"model": "test", "tools": [{"mcp": "notes", "args": ["-x"]}]}, "config.tools[0]", 'write {"mcp": NAME}'),
        ({"model": "test", "tools": [{"command": "sh"}]}, "config.tools[0]", 'write {"mcp": NAME}'),
        ({"model": "test", "tools": [{"mcp": "notes"}] * 11}, "config.tools", "at most 10"),
        ({"model": "test", "tools": [{"mcp_url": "http://x.example"}]}, "config.tools[0].mcp_url", "use https"),
        ({"model": "test", "tools": [{"mcp_url": "https://10.0.0.1"}]}, "config.tools[0].mcp_url", "not public"),
        (
            {"model": "test", "tools": [{"mcp_url": "https://x.example", "auth": "other/MCP"}]},
            "config.tools[0].auth",
            "write acme/NAME",
        ),
        ({"model": "test", "limits": {"requests": 0}}, "config.limits.requests", "whole number from 1"),
        ({"model": "test", "limits": {"requests": True}}, "config.limits.requests", "whole number from 1"),
        ({"model": "test", "limits": {"dollars": 1}}, "config.limits.dollars", "name one of the limits"),
        ({"model": "test", "approve": "drop"}, "config.approve", "write a list"),
        ({"model": "test", "previous": "yes"}, "config.previous", "write true or false"),
        ({"model": "test", "output_schema": {"type": "array"}}, "config.output_schema", "type 'object'"),
        ({"model": "test", "output_schema": {**OBJECT, "required": 1}}, "config.output_schema", "no JSON Schema at"),
        (
            {"model": "test", "output_schema": {**OBJECT, "properties": {"a": {"$ref": "http://10.0.0.1/schema"}}}},
            "config.output_schema",
            "must be #/$defs/NAME",
        ),
        (
            {"model": "test", "output_schema": {**OBJECT, "properties": {"a": {"pattern": "(?=a)b"}}}},
            "config.output_schema",
            "look-around",
        ),
        ({"model": "test", "output_schema": DOUBLED}, "config.output_schema", "more than 5000 values"),
        (
            {"model": "test", "output_schema": {**OBJECT, "$defs": {"a": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"}},
            "config.output_schema",
            "refers to itself",
        ),
    ],
    ids=str,
)
def test_what_cannot_run_is_refused_with_the_field_and_the_remedy(
    config: dict[str, Any], field: str, remedy: str
) -> None:
    with pytest.raises(InvalidArgument) as caught:
        executor(servers={"notes": NOTES}).check(config, project="acme")

    assert caught.value.field == field
    assert remedy in caught.value.remedy


def test_a_whole_configuration_is_accepted() -> None:
    config = {
        "model": MODEL,
        "key": "acme/KEY",
        "instructions": "Be brief.",
        "output_schema": {
            "type": "object",
            "$defs": {"name": {"type": "string", "pattern": "^[a-z]+$"}},
            "properties": {
                "names": {"type": "array", "items": {"$ref": "#/$defs/name"}},
                "pattern": {"type": "string"},
            },
        },
        "tools": [{"mcp": "notes"}, {"mcp_url": "https://tools.example.com/mcp", "auth": "acme/MCP"}],
        "limits": {"requests": 5, "input_tokens": 1, "output_tokens": 1, "total_tokens": 1},
        "approve": ["drop"],
    }

    executor(servers={"notes": NOTES}).check(config, project="acme")


def test_a_process_without_secrets_checks_only_the_form() -> None:
    llm = LlmExecutor(models=DeploymentModels(providers=None, servers=None), allowed_hosts=[], secrets=None)

    llm.check({"model": "openai:gpt-5.2", "key": "acme/ANY", "tools": [{"mcp": "any"}]}, project="acme")


def test_a_server_of_another_project_is_none_and_one_of_every_project_is() -> None:
    models = DeploymentModels(servers={"other": {"files": NOTES}, "*": {"shared": NOTES}})

    assert models.server("files", project="acme") is None
    assert models.server("shared", project="acme") == NOTES
