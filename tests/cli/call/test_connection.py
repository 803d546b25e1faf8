"""Where the command line finds its server, and who it says that it is."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from client.scripted import BUSY, Answer, Scripted, scripted
from client.shown import a_page, shown_run
from tock.cli.errors import CommandError
from tock.cli.main import app
from tock.client.profiles import Profile, Profiles, store_profiles

NOTHING = dict.fromkeys(("TOCK_SERVER", "TOCK_PROJECT", "TOCK_KEY", "TOCK_IDENTITY_TOKEN"))


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted([Answer(body=a_page("runs"))]) as server:
        yield server


@pytest.mark.parametrize(
    ("options", "variables", "sent"),
    [
        ([], {}, {}),
        (["--key", "k"], {}, {"Authorization": "Bearer k"}),
        (
            ["--key", "k", "--identity-token", "t"],
            {},
            {"Authorization": "Bearer k", "X-Serverless-Authorization": "Bearer t"},
        ),
        ([], {"TOCK_KEY": "v"}, {"Authorization": "Bearer v"}),
        (["--key", "k"], {"TOCK_KEY": "v"}, {"Authorization": "Bearer k"}),
        (["--key", ""], {"TOCK_KEY": "v"}, {}),
    ],
    ids=["nothing", "a key", "a token for Cloud Run too", "a variable", "an option before it", "an empty option"],
)
def test_a_key_and_what_cloud_run_asks_for_have_a_header_each(
    server: Scripted, options: list[str], variables: dict[str, str], sent: dict[str, str]
) -> None:
    words = ["--server", server.url, "--project", "p", *options, "runs", "list"]

    done = CliRunner().invoke(app, words, env=NOTHING | variables)

    assert done.exit_code == 0, done.output
    [request] = server.requests
    assert {name: value for name, value in request.headers.items() if name.endswith("Authorization")} == sent


@pytest.mark.parametrize("below", [".", "acme", "acme/agents"])
def test_the_stack_of_a_folder_is_found_from_every_folder_below_it(
    server: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, below: str
) -> None:
    (tmp_path / ".tock").mkdir()
    (tmp_path / ".tock" / "stack.json").write_text(f'{{"api": "{server.url}/", "project": "demo"}}')
    (tmp_path / below).mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(tmp_path / below)

    done = CliRunner().invoke(app, ["runs", "list"], env=NOTHING)

    assert (done.exit_code, done.stdout) == (0, "No runs.\n")
    assert server.requests[0].path.startswith("/v1/projects/demo/runs?")


def test_a_server_of_ones_own_comes_before_the_stack_of_the_folder(
    server: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".tock").mkdir()
    (tmp_path / ".tock" / "stack.json").write_text('{"api": "http://127.0.0.1:1", "project": "demo"}')
    monkeypatch.chdir(tmp_path)

    done = CliRunner().invoke(app, ["runs", "list"], env=NOTHING | {"TOCK_SERVER": server.url, "TOCK_PROJECT": "mine"})

    assert done.exit_code == 0
    assert server.requests[0].path.startswith("/v1/projects/mine/runs?")


@pytest.mark.parametrize(
    ("options", "said", "remedy"),
    [
        (
            [],
            "No server is known.",
            "Start a local one with `tock dev`, give its URL (--server URL or TOCK_SERVER=URL)",
        ),
        (["--server", "http://127.0.0.1:1"], "No project is given.", "Give its id: --project ID or TOCK_PROJECT=ID."),
    ],
    ids=["server", "project"],
)
def test_what_is_missing_is_named_with_its_option(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], said: str, remedy: str
) -> None:
    monkeypatch.chdir(tmp_path)

    done = CliRunner().invoke(app, [*options, "runs", "list"], env=NOTHING)

    assert isinstance(done.exception, CommandError)
    assert str(done.exception) == said
    assert remedy in done.exception.details[0]


def test_projects_are_listed_and_created_without_a_project(server: Scripted) -> None:
    server.answer(Answer(body=a_page("projects")))

    done = CliRunner().invoke(app, ["--server", server.url, "projects", "list"], env=NOTHING)

    assert (done.exit_code, done.stdout) == (0, "No projects.\n")


def test_a_profile_that_is_named_comes_before_the_variables(server: Scripted, tmp_path: Path) -> None:
    stored = {"XDG_CONFIG_HOME": str(tmp_path)}
    store_profiles(Profiles().with_profile("work", Profile(server.url, "acme", "stored")), stored)
    elsewhere = {"TOCK_SERVER": "http://127.0.0.1:9", "TOCK_PROJECT": "other", "TOCK_KEY": "variable"}

    done = CliRunner().invoke(app, ["--profile", "work", "runs", "list"], env=NOTHING | stored | elsewhere)
    both = CliRunner().invoke(app, ["--profile", "work", "--server", server.url, "runs", "list"], env=NOTHING | stored)

    assert done.exit_code == 0, done.output
    [request] = server.requests
    assert request.path.startswith("/v1/projects/acme/runs")
    assert request.headers["Authorization"] == "Bearer stored"
    assert isinstance(both.exception, CommandError)
    assert "--profile: names a server of its own" in str(both.exception)


def test_a_profile_holds_for_all_that_a_command_asks_and_for_the_command_that_it_shows(
    server: Scripted, tmp_path: Path
) -> None:
    stored = {"XDG_CONFIG_HOME": str(tmp_path)}
    store_profiles(Profiles().with_profile("work", Profile(server.url, "acme", "stored")), stored)
    elsewhere = NOTHING | stored | {"TOCK_SERVER": "http://127.0.0.1:9", "TOCK_PROJECT": "other"}
    gone = Answer(404, {"type": "t", "title": "T", "status": 404, "detail": "There is no run.", "code": "not_found"})
    server.answer(Answer(body=shown_run(status="queued")), gone)

    followed = CliRunner().invoke(
        app, ["--profile", "work", "agents", "run", "digest", "--timeout", "1m"], env=elsewhere
    )
    asked = [request.path.partition("?")[0] for request in server.requests]
    server.answer(Answer(body=a_page("runs", shown_run()) | {"next_page_token": "more"}))
    listed = CliRunner().invoke(app, ["runs", "list", "--limit", "1", "--profile", "work"], env=elsewhere)

    assert str(followed.exception) == "There is no run."
    assert asked == ["/v1/projects/acme/agents/digest:run", "/v1/projects/acme/runs/r/events:stream"]
    assert "There are more than these 1: tock --profile work runs list --limit 10" in listed.stdout


@pytest.mark.parametrize("retries", [(["--no-retry"], 1), ([], 4)], ids=["once", "and again"])
@pytest.mark.parametrize("words", [["runs", "list"], ["whoami"], ["login"]], ids=" ".join)
def test_a_request_is_sent_once_where_that_is_asked_for(
    server: Scripted, tmp_path: Path, words: list[str], retries: tuple[list[str], int]
) -> None:
    server.answer(BUSY)
    options, sent = retries
    variables = NOTHING | {"XDG_CONFIG_HOME": str(tmp_path)}
    connection = ["--server", server.url, "--project", "p", "--key", "k"]

    done = CliRunner().invoke(app, [*connection, *options, *words], env=variables)

    assert done.exit_code == 1
    assert len(server.requests) == sent
