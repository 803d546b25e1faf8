"""What Terraform tells the functions is what the code understands, and leads to what Terraform makes."""

import ast
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from infra.evaluation import Evaluation
from tock.bootstrap.settings import Settings
from tock.core.agent.allow_list import AllowList

FUNCTIONS = Path(__file__).parents[2] / "functions"
NAMES = ("tick", "run", "trigger", "retry", "api")
#: What a deployment leaves as it is by default, or is for a local emulator only.
NOT_SET = {
    "CLOUD_TASKS_EMULATOR_HOST",
    "FIRESTORE_EMULATOR_HOST",
    "K_SERVICE",
    "TOCK_CERTIFICATES",
    "TOCK_CLOCK",
    "TOCK_GRACE",
    "TOCK_LOOK_AHEAD",
    "TOCK_MCP_SERVERS",
    "TOCK_MODEL_PROVIDERS",
    "TOCK_SHORTEST_INTERVAL",
    "TOCK_SOURCE_FOLDERS",
    "TOCK_STARTED",
    "TOCK_WORKSPACE_COUNT",
    "TOCK_WORKSPACE_FOLDER",
}
#: What Secret Manager tells: run what its agents need, api what it masks, and both what signs the tokens of runs.
SECRET = {
    "run": {"MODEL_KEY", "TOCK_SECRETS", "TOCK_RUN_TOKEN_KEY"},
    "api": {"TOCK_SECRETS", "TOCK_RUN_TOKEN_KEY"},
}


def test_every_setting_is_told_or_left_out_on_purpose(evaluated: Evaluation) -> None:
    known = {field.alias for field in Settings.model_fields.values()}

    told = {
        name: set(evaluated.service(name)["environment_variables"])
        | {secret["key"] for secret in evaluated.service(name)["secret_environment_variables"]}
        for name in NAMES
    }

    everyone = known - NOT_SET - set().union(*SECRET.values())
    assert told == {name: everyone | SECRET.get(name, set()) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_a_function_starts_with_what_it_is_told(evaluated: Evaluation, name: str) -> None:
    settings = Settings.model_validate(evaluated.service(name)["environment_variables"])

    assert (settings.google_cloud_project, settings.location, settings.local) == ("acme-agents", "europe-west1", False)
    assert settings.database == evaluated.resources["google_firestore_database.this"]["name"]
    assert list(settings.queues) == [
        evaluated.resources[f"google_cloud_tasks_queue.runs[{number}]"]["name"] for number in range(2)
    ]
    assert settings.tick_queue == evaluated.resources["google_cloud_tasks_queue.ticks"]["name"]


def test_tasks_and_ticks_go_to_the_functions_that_accept_them(evaluated: Evaluation) -> None:
    settings = Settings.model_validate(evaluated.service("tick")["environment_variables"])
    targets = [job["http_target"][0] for job in evaluated.instances("google_cloud_scheduler_job").values()]

    assert _service_of(settings.run_url) == evaluated.outputs["functions"]["run"]
    assert _service_of(settings.tick_url) == evaluated.outputs["functions"]["tick"]
    assert (settings.run_audience, settings.tick_audience) == (settings.run_url, settings.tick_url)
    assert [(target["uri"], target["oidc_token"][0]["audience"]) for target in targets] == [
        (settings.tick_url, settings.tick_audience)
    ] * 2


def test_the_signing_secrets_are_told_only_once_there_are_some(evaluated: Evaluation) -> None:
    for name in ("run", "api"):
        told = {secret["key"]: secret for secret in evaluated.service(name)["secret_environment_variables"]}
        assert (told["TOCK_SECRETS"]["secret"], told["TOCK_SECRETS"]["version"]) == ("tock-signing", "3")


def test_without_a_version_of_the_signing_secret_run_starts_without(
    evaluated_with: Callable[..., Evaluation],
) -> None:
    evaluated = evaluated_with(signing_version="", run_secrets={})

    for name in ("run", "api"):
        told = [secret["key"] for secret in evaluated.service(name)["secret_environment_variables"]]
        assert told == ["TOCK_RUN_TOKEN_KEY"]


def test_providers_of_models_and_their_servers_are_secrets_of_run(evaluated_with: Callable[..., Evaluation]) -> None:
    secrets = {"TOCK_MODEL_PROVIDERS": "models", "TOCK_MCP_SERVERS": "servers"}
    evaluated = evaluated_with(run_secrets=secrets)

    told = {
        name: {each["key"]: each["secret"] for each in evaluated.service(name)["secret_environment_variables"]}
        for name in NAMES
    }

    assert [name for name in NAMES if secrets.items() <= told[name].items()] == ["run"]
    assert [name for name in NAMES if secrets.keys() & told[name].keys()] == ["run"]


def test_run_and_api_have_the_same_key_of_run_tokens_which_is_stored_nowhere_else(evaluated: Evaluation) -> None:
    told = [
        secret
        for name in ("run", "api")
        for secret in evaluated.service(name)["secret_environment_variables"]
        if secret["key"] == "TOCK_RUN_TOKEN_KEY"
    ]
    version = evaluated.resources["google_secret_manager_secret_version.run_tokens"]

    assert [(secret["secret"], secret["version"]) for secret in told] == [("tock-run-tokens", version["version"])] * 2
    assert version["secret_data_wo"] == "ephemeral.random_password.run_tokens.result"
    assert version["secret_data_wo_version"] == 1
    assert "secret_data" not in version


def test_what_an_agent_is_told_never_takes_the_place_of_a_setting(evaluated: Evaluation) -> None:
    assert evaluated.local["environment"].items() <= evaluated.service("run")["environment_variables"].items()


def test_allow_lists_are_told_by_project(evaluated_with: Callable[..., Evaluation]) -> None:
    evaluated = evaluated_with(
        python_modules=["acme.shared"],
        deployed_modules=["acme.agents", "acme.shared"],
        python_modules_by_project={"demo": ["acme.demo"]},
        allowed_hosts_by_project={"demo": ["10.0.0.7:8080"]},
    )

    settings = Settings.model_validate(evaluated.service("run")["environment_variables"])

    assert settings.python_modules == AllowList({"demo": ("acme.demo",), "*": ("acme.shared", "acme.agents")})
    assert settings.allowed_hosts.of_project("demo") == ("10.0.0.7:8080",)
    assert settings.allowed_hosts.of_project("other") == ()


def test_commands_and_repositories_are_told(evaluated_with: Callable[..., Evaluation]) -> None:
    evaluated = evaluated_with(
        commands={
            "coder": {"argv": ["acme-coder"], "projects": ["demo"], "environment": {"KEY": {"secret": "demo/k"}}}
        },
        repositories={"shop": {"url": "https://git.example.com/shop.git", "projects": ["demo"]}},
        workspace_bytes=1000,
    )

    settings = Settings.model_validate(evaluated.service("api")["environment_variables"])

    coder = settings.commands.named("coder", project="demo", field="command", setting="TOCK_COMMANDS")
    shop = settings.repositories.named("shop", project="demo", field="repository", setting="TOCK_REPOSITORIES")
    assert (coder.argv, shop.ref, settings.workspace_bytes) == (("acme-coder",), "main", 1000)


@pytest.mark.parametrize("name", NAMES)
def test_every_entry_point_is_a_function_of_the_source(evaluated: Evaluation, name: str) -> None:
    [build] = evaluated.resources[f"google_cloudfunctions2_function.this[{name}]"]["build_config"]
    source = ast.parse((FUNCTIONS / "main.py").read_text())
    defined = {node.name for node in source.body if isinstance(node, ast.AsyncFunctionDef)}

    assert defined == set(NAMES)
    assert build["entry_point"] == name


def test_the_address_that_tock_calls_is_that_of_api(evaluated: Evaluation) -> None:
    settings = Settings.model_validate(evaluated.service("run")["environment_variables"])

    assert settings.api_url == evaluated.outputs["url"]
    assert _service_of(evaluated.outputs["url"]) == evaluated.outputs["functions"]["api"]


def _service_of(url: str) -> str:
    """The service that Cloud Run answers for: name-number.region.run.app."""
    host = urlsplit(url).hostname or ""
    assert host.endswith("-123456789012.europe-west1.run.app")
    return host.removesuffix("-123456789012.europe-west1.run.app")
