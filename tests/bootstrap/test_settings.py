"""The settings of a deployment, read from its environment."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tock.bootstrap.settings import Settings, WrongSettings
from tock.core.agent.allow_list import AllowList
from tock.core.run.run_token import RunTokens

WRONG = {
    "TOCK_SHARDS": ("121", "TOCK_SHARDS: Input should be less than or equal to 120"),
    "TOCK_LEASE": ("soon", "TOCK_LEASE: Value error, 'soon' is not a duration"),
    "TOCK_HEARTBEAT": ("PT30S", "TOCK_HEARTBEAT (0:00:30) must be at most half of TOCK_LEASE"),
    "TOCK_ADMIN_KEY_HASH": (
        "hidden",
        "TOCK_ADMIN_KEY_HASH: Value error, is not a SHA-256 in 64 small hexadecimal digits",
    ),
    "TOCK_SECRETS": ("{whsec_c2VjcmV0", "TOCK_SECRETS: Value error, is not JSON: write an object"),
    "TOCK_RUN_URL": ("run.example.com", "TOCK_RUN_URL: Value error, 'run.example.com' is not a URL such as https://"),
    "TOCK_API_URL": ("api.example.com", "TOCK_API_URL: Value error, 'api.example.com' is not a URL such as https://"),
    "TOCK_RUN_TOKEN_KEY": ("hidden", "TOCK_RUN_TOKEN_KEY: Value error, is shorter than 32 characters: openssl rand"),
    "K_SERVICE": (
        "tock-run",
        "GOOGLE_CLOUD_PROJECT, TOCK_LOCATION, TOCK_RUN_URL, TOCK_TICK_URL must be set: otherwise no run can start",
    ),
    "TOCK_PYTHON_MODULES": (
        '{"demo": "acme.agents"}',
        "TOCK_PYTHON_MODULES: Value error, the entries of 'demo' must be",
    ),
    "TOCK_ALLOWED_HOSTS": ("{", "TOCK_ALLOWED_HOSTS: Value error, is not JSON"),
    "TOCK_COMMANDS": (
        '{"a": {"argv": ["x"]}}',
        "TOCK_COMMANDS: Value error, the entry 'a' is not valid: projects: Field",
    ),
    "TOCK_REPOSITORIES": ("/nowhere", "TOCK_REPOSITORIES: Value error, is neither a JSON object nor a file"),
    "TOCK_MODEL_PRICES": (
        '{"m": {"input": -1, "output": 2}}',
        "TOCK_MODEL_PRICES: Value error, input of 'm' is -1: write dollars for a million tokens, from 0 to 1000000",
    ),
    "TOCK_CERTIFICATES": ("/nowhere", "TOCK_CERTIFICATES is for a local emulator only"),
    "TOCK_SOURCE_FOLDERS": ("/nowhere", "TOCK_SOURCE_FOLDERS is for a local emulator only"),
}


@pytest.mark.parametrize("variable", WRONG)
def test_a_wrong_value_names_its_variable(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    value, words = WRONG[variable]
    monkeypatch.delenv("FIRESTORE_EMULATOR_HOST", raising=False)
    monkeypatch.setenv(variable, value)

    with pytest.raises(WrongSettings) as refused:
        Settings.of_environment()

    assert words in str(refused.value)
    assert "whsec_c2VjcmV0" not in str(refused.value)
    assert "hidden" not in str(refused.value)


def test_the_former_name_of_the_queues_still_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCK_QUEUE", "tock-runs")
    assert Settings.of_environment().queues == ("tock-runs",)

    monkeypatch.setenv("TOCK_QUEUES", "a, b")
    assert Settings.of_environment().queues == ("a", "b")


def test_lists_are_separated_by_commas_and_secrets_are_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCK_PYTHON_MODULES", "acme.agents, acme.more")
    monkeypatch.setenv("TOCK_SECRETS", '{"acme/CRM": "whsec_c2VjcmV0"}')
    monkeypatch.setenv("TOCK_LEASE", "PT1M")

    settings = Settings.of_environment()

    assert settings.python_modules == AllowList({"*": ("acme.agents", "acme.more")})
    assert settings.secrets is not None
    assert settings.secrets["acme/CRM"].get_secret_value() == "whsec_c2VjcmV0"
    assert settings.timing.lease == timedelta(minutes=1)
    assert "c2VjcmV0" not in repr(settings)


def test_allow_lists_may_be_given_by_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCK_PYTHON_MODULES", '{"demo": ["acme.demo"], "*": ["acme.shared"]}')
    monkeypatch.setenv("TOCK_ALLOWED_HOSTS", '{"demo": ["127.0.0.1:9000"]}')

    settings = Settings.of_environment()

    assert settings.python_modules.of_project("demo") == ("acme.demo", "acme.shared")
    assert settings.allowed_hosts.of_project("other") == ()


def test_the_hosts_of_the_functions_are_those_of_their_urls(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings.of_environment().own_hosts == frozenset()

    monkeypatch.setenv("TOCK_API_URL", "http://box.local:8625/")
    monkeypatch.setenv("TOCK_RUN_URL", "http://127.0.0.1:9001")

    assert Settings.of_environment().own_hosts == {"box.local:8625", "127.0.0.1:9001"}


def test_the_key_of_run_tokens_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOCK_RUN_TOKEN_KEY", raising=False)
    assert Settings.of_environment().run_tokens is None

    monkeypatch.setenv("TOCK_RUN_TOKEN_KEY", "k3y" * 11)
    settings = Settings.of_environment()

    assert settings.run_tokens == RunTokens("k3y" * 11)
    assert "k3y" not in f"{settings!r} {settings.run_tokens!r}"


def test_only_a_local_stack_says_when_it_started() -> None:
    started = {"TOCK_STARTED": "2027-01-04T09:00:00Z"}
    local = {"FIRESTORE_EMULATOR_HOST": "127.0.0.1:8080"}

    assert Settings.of_environment(started | local).started == datetime(2027, 1, 4, 9, tzinfo=UTC)
    for deployed in (started, started | local | {"K_SERVICE": "tock-api"}):
        with pytest.raises(WrongSettings, match=r"TOCK_STARTED is for a local stack only, .+ unset it"):
            Settings.of_environment(deployed)


def test_only_a_local_stack_can_have_a_clock_that_is_moved(tmp_path: Path) -> None:
    clock = {"TOCK_CLOCK": str(tmp_path / "clock")}
    local = {"FIRESTORE_EMULATOR_HOST": "127.0.0.1:8080"}

    assert Settings.of_environment(clock | local).clock == tmp_path / "clock"
    for deployed in (clock, clock | local | {"K_SERVICE": "tock-run"}):
        with pytest.raises(WrongSettings, match=r"TOCK_CLOCK is for a local stack only, .+ unset it"):
            Settings.of_environment(deployed)
