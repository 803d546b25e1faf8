"""What building a deployment does to its process."""

import json
import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import anyio
import pytest

from tock.app.agent_cache import FRESH
from tock.bootstrap import deployment
from tock.bootstrap.settings import Settings, WrongSettings
from tock.ports.executor import Ability

GUIDE = Path(__file__).parents[2] / "docs" / "agents" / "overview.md"
#: All that gives agents of some kind a further ability.
EVERYTHING = {"steer_url": "https://example.com/steer", "answers": "callback", "approve": ["pay"], "repository": "shop"}

PRINT_ENVIRONMENT = "import json, os; print(json.dumps(dict(os.environ)))"
READ_SETTINGS = f"""
import subprocess, sys
from tock.bootstrap.deployment import settings
assert settings().secrets["acme/CRM"].get_secret_value() == "whsec_c2VjcmV0"
subprocess.run([sys.executable, "-c", {PRINT_ENVIRONMENT!r}], check=True)
"""


def test_no_process_that_the_functions_start_inherits_their_secrets() -> None:
    secrets = {
        "TOCK_SECRETS": '{"acme/CRM": "whsec_c2VjcmV0"}',
        "TOCK_RUN_TOKEN_KEY": "a-key-of-run-tokens-that-is-long-enough",
        "TOCK_MODEL_PROVIDERS": '{"openai": {"key": "sk-of-the-deployment"}}',
        "TOCK_MCP_SERVERS": '{"*": {"notes": {"command": "notes-mcp", "env": {"TOKEN": "token-of-the-notes"}}}}',
        "TOCK_KEY": "the-admin-key",
        "TOCK_IDENTITY_TOKEN": "eyJhbGciOi",
    }
    environment = {**os.environ, **secrets, "PYTHONPATH": os.pathsep.join(sys.path), "ACME_KEY": "7"}

    printed = subprocess.run(
        [sys.executable, "-c", READ_SETTINGS], env=environment, capture_output=True, text=True, check=True
    )

    inherited = json.loads(printed.stdout)
    assert inherited["ACME_KEY"] == "7"
    assert secrets.keys() & inherited.keys() == set()


@pytest.mark.parametrize("secret", ["whsec_c2VjcmV0", "sk-of-the-deployment", "token-of-the-notes"])
def test_every_secret_of_the_deployment_is_masked_in_what_comes_from_agents(secret: str) -> None:
    settings = Settings.of_environment(
        {
            "TOCK_SECRETS": '{"acme/CRM": "whsec_c2VjcmV0"}',
            "TOCK_MODEL_PROVIDERS": '{"openai": {"key": "sk-of-the-deployment"}}',
            "TOCK_MCP_SERVERS": '{"*": {"notes": {"command": "notes-mcp", "env": {"TOKEN": "token-of-the-notes"}}}}',
        }
    )

    assert deployment._mask(settings)(f"It is {secret}.") == "It is ***."


@pytest.mark.parametrize("variable", ["TOCK_MODEL_PROVIDERS", "TOCK_MCP_SERVERS"])
def test_a_wrong_setting_of_models_names_the_variable_and_quotes_no_secret(variable: str) -> None:
    with pytest.raises(WrongSettings) as caught:
        Settings.of_environment({variable: '{"openai": "sk-of-the-deployment"}'})

    assert variable in str(caught.value)
    assert "sk-of-the-deployment" not in str(caught.value)


@pytest.mark.anyio
async def test_the_guide_says_what_each_kind_can_do(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = {"FIRESTORE_EMULATOR_HOST": "127.0.0.1:1", "CLOUD_TASKS_EMULATOR_HOST": "127.0.0.1:1"}
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", nowhere["FIRESTORE_EMULATOR_HOST"])
    settings = Settings.of_environment({"GOOGLE_CLOUD_PROJECT": "acme", "TOCK_LOCATION": "local", **nowhere})
    executors = deployment.build(settings, shutdown=anyio.Event()).services.executors
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \| ([^|]+) \| ([^|]+) \|", GUIDE.read_text(), re.MULTILINE)

    assert {kind for kind, *_ in rows} == set(executors)
    for kind, *cells in rows:
        always, at_most = executors[kind].abilities({}), executors[kind].abilities(EVERYTHING)
        for ability, cell in zip((Ability.STEER, Ability.RESUME, Ability.WAIT), cells, strict=True):
            assert (cell == "no") is (ability not in at_most), f"{kind}: {ability}"
            assert cell != "yes" or ability in always, f"{kind}: {ability}"


@pytest.mark.anyio
async def test_where_code_is_edited_an_edit_of_its_agent_is_seen_by_the_next_run_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    nowhere = {"FIRESTORE_EMULATOR_HOST": "127.0.0.1:1", "CLOUD_TASKS_EMULATOR_HOST": "127.0.0.1:1"}
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", nowhere["FIRESTORE_EMULATOR_HOST"])
    monkeypatch.setattr(sys, "path_hooks", list(sys.path_hooks))
    given = {"GOOGLE_CLOUD_PROJECT": "acme", "TOCK_LOCATION": "local", **nowhere}

    plain, edited = (
        deployment.build(Settings.of_environment({**given, **more}), shutdown=anyio.Event()).services
        for more in ({}, {"TOCK_SOURCE_FOLDERS": str(tmp_path)})
    )

    assert (plain.agent_cache.fresh, edited.agent_cache.fresh) == (FRESH, timedelta(0))
