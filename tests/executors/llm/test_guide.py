"""The configurations in docs/agents/llm.md and docs/agents/a2a.md are valid, and their settings are read."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from executors.recorder import Recorder
from tock.bootstrap.settings import Settings
from tock.core.run.outcome import Succeeded
from tock.executors.a2a.executor import A2aExecutor
from tock.executors.llm.config_schema import CONFIG_SCHEMA
from tock.executors.llm.deployment_models import DeploymentModels
from tock.executors.llm.executor import LlmExecutor

DOCS = Path(__file__).parents[3] / "docs" / "agents"
LLM, A2A = ((DOCS / name).read_text() for name in ("llm.md", "a2a.md"))
SECRETS = {"demo/TOOLS": "token-of-the-tools", "demo/REVIEW": "token-of-the-reviewer"}


def _configurations(page: str) -> list[dict[str, Any]]:
    blocks = re.findall(r"^```json\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    return [json.loads(text) for text in (*blocks, *re.findall(r"--config '([^']+)'", page))]


def _llm() -> LlmExecutor:
    environment = dict(re.findall(r"^(TOCK_[A-Z_]+)='(.*)'$", LLM, re.MULTILINE))
    settings = Settings.of_environment(environment)
    models = DeploymentModels(providers=settings.model_providers, servers=settings.mcp_servers)
    return LlmExecutor(models=models, allowed_hosts=[], secrets=SECRETS)


def test_each_configuration_of_the_llm_guide_is_valid() -> None:
    configurations = _configurations(LLM)

    for config in configurations:
        _llm().check(config, project="demo")
    assert len(configurations) == 2


def test_each_configuration_of_the_a2a_guide_is_valid() -> None:
    executor = A2aExecutor(allowed_hosts=[], secrets=SECRETS, now=lambda: pytest.fail("nothing is sent"))
    configurations = _configurations(A2A)

    for config in configurations:
        executor.check(config, project="demo")
    assert len(configurations) == 2


@pytest.mark.anyio
async def test_the_first_example_of_the_llm_guide_works_without_a_network(recorder: Recorder) -> None:
    [config] = [each for each in _configurations(LLM) if each["model"] == "test"]

    outcome = await _llm().execute(config, recorder.context(message="Hello"))

    assert isinstance(outcome, Succeeded)
    assert outcome.result


def test_the_llm_guide_describes_each_field() -> None:
    described = set(re.findall(r"^\| `([a-z_]+)` \|", LLM, re.MULTILINE))

    assert described == set(CONFIG_SCHEMA["properties"])
