"""What an agent's configuration and the deployment's settings may hold."""

import json
from pathlib import Path
from typing import Any

import pytest

from tock.core.errors import InvalidArgument
from tock.core.run.outcome import Failed
from tock.executors.command.allowed import Allowed, Command, Repository
from tock.executors.command.executor import CommandExecutor
from tock.executors.command.limits import WorkspaceLimits
from tock.ports.executor import RunContext

pytestmark = pytest.mark.anyio

COMMANDS = {
    "coder": {"argv": ["true"], "projects": ["acme"], "arguments": 2},
    "free": {"argv": ["true", "--"], "projects": ["*"], "arguments": 1},
    "other": {"argv": ["true"], "projects": ["beta"]},
}
REPOSITORIES = {
    "shop": {"url": "https://git.example.com/shop.git", "projects": ["acme"]},
    "vault": {"url": "https://git.example.com/vault.git", "projects": ["beta"]},
}


@pytest.fixture
def command(tmp_path: Path) -> CommandExecutor:
    return CommandExecutor(
        commands=Allowed.parse(json.dumps(COMMANDS), kind=Command),
        repositories=Allowed.parse(json.dumps(REPOSITORIES), kind=Repository),
        secrets=None,
        workspaces=WorkspaceLimits(tmp_path, count=1, size=1),
    )


@pytest.mark.parametrize(
    "config",
    [
        {"command": "coder"},
        {"command": "coder", "repository": "shop", "arguments": ["a", "b"]},
        {"command": "free", "arguments": ["--verbose"]},
    ],
)
def test_what_the_deployment_allows_is_accepted(config: dict[str, Any], command: CommandExecutor) -> None:
    command.check(config, project="acme")


OWN = "name an entry of the setting TOCK_COMMANDS: one of coder, free"
REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "no command": ({}, "config.command", OWN),
    "a path": ({"command": "/bin/sh"}, "config.command", OWN),
    "a list": ({"command": ["/bin/sh"]}, "config.command", OWN),
    "another project's command": ({"command": "other"}, "config.command", OWN),
    "an unknown command": ({"command": "nothing"}, "config.command", OWN),
    "another project's repository": (
        {"command": "coder", "repository": "vault"},
        "config.repository",
        "name an entry of the setting TOCK_REPOSITORIES: one of shop",
    ),
    "a URL": (
        {"command": "coder", "repository": "file:///etc"},
        "config.repository",
        "name an entry of the setting TOCK_REPOSITORIES: one of shop",
    ),
    "a program": (
        {"command": "coder", "argv": ["/bin/sh"]},
        "config.argv",
        "leave it out: a command agent has only command, repository, arguments, previous",
    ),
    "earlier runs by another word": (
        {"command": "coder", "previous": "last"},
        "config.previous",
        "write true or false",
    ),
    "too many arguments": (
        {"command": "coder", "arguments": ["a", "b", "c"]},
        "config.arguments",
        "give a list of at most 2 texts, as many as the command's entry allows",
    ),
    "arguments that are no list": (
        {"command": "coder", "arguments": "a b"},
        "config.arguments",
        "give a list of at most 2 texts, as many as the command's entry allows",
    ),
    "an argument that is no text": (
        {"command": "coder", "arguments": ["a", 1]},
        "config.arguments[1]",
        "give a text of at most 4000 characters without NUL",
    ),
    "an option": (
        {"command": "coder", "arguments": ["--config=x"]},
        "config.arguments[0]",
        "starts with '-', so the program could take it for an option: options belong to the command's entry",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_what_it_does_not_allow_is_refused_when_written_and_when_run(
    case: str, command: CommandExecutor, context: RunContext
) -> None:
    config, field, remedy = REFUSED[case]

    with pytest.raises(InvalidArgument) as caught:
        command.check(config, project="acme")
    outcome = await command.execute(config, context)

    assert (caught.value.field, caught.value.remedy) == (field, remedy)
    assert outcome == Failed("invalid_config", f"{field}: {remedy}", retryable=False)


def test_a_project_without_entries_is_told_so(command: CommandExecutor) -> None:
    with pytest.raises(InvalidArgument) as caught:
        command.check({"command": "free", "repository": "shop"}, project="gamma")

    assert caught.value.remedy == ("name an entry of the setting TOCK_REPOSITORIES: there is none for this project yet")


async def test_a_secret_that_the_deployment_lacks_is_named(tmp_path: Path, context: RunContext) -> None:
    entry = Command.model_validate(
        {"argv": ["true"], "projects": ["*"], "environment": {"KEY": {"secret": "acme/key"}}}
    )
    command = CommandExecutor(
        commands=Allowed({"coder": entry}),
        repositories=Allowed({}),
        secrets={},
        workspaces=WorkspaceLimits(tmp_path, count=1, size=1),
    )

    outcome = await command.execute({"command": "coder"}, context)

    message = "config.command: its entry names the secret 'acme/key', which TOCK_SECRETS does not hold: add it there"
    assert outcome == Failed("invalid_config", message, retryable=False)


WRONG: dict[str, tuple[type[Any], str, str]] = {
    "no JSON": (Command, "{", "is not JSON: "),
    "a missing file": (Command, "/nowhere/commands.json", "is neither a JSON object nor a file that can be read"),
    "no argv": (Command, '{"a": {"projects": ["*"]}}', "the entry 'a' is not valid: argv: Field required"),
    "no projects": (Command, '{"a": {"argv": ["x"]}}', "the entry 'a' is not valid: projects: Field required"),
    "a project that is none": (
        Command,
        '{"a": {"argv": ["x"], "projects": ["a b"]}}',
        "'a b' is not a project's id: write an id, or '*' for every project",
    ),
    "a program of the workspace": (
        Command,
        '{"a": {"argv": ["./x"], "projects": ["*"]}}',
        "'./x' would be looked up in the workspace: write a name in PATH or a whole path",
    ),
    "a variable of Tock's": (
        Command,
        '{"a": {"argv": ["x"], "projects": ["*"], "environment": {"TOCK_KEY": "x"}}}',
        "'TOCK_KEY' is no name for a variable",
    ),
    "another scheme": (
        Repository,
        '{"a": {"url": "ext::sh -c true", "projects": ["*"]}}',
        "is not the URL of a repository: write https://HOST/PATH",
    ),
    "an option as URL": (
        Repository,
        '{"a": {"url": "--upload-pack=x", "projects": ["*"]}}',
        "is not the URL of a repository: write https://HOST/PATH",
    ),
    "a ref that is an option": (
        Repository,
        '{"a": {"url": "https://h/p", "ref": "--x", "projects": ["*"]}}',
        "is no name of a branch or a tag",
    ),
    "a password in the URL": (
        Repository,
        '{"a": {"url": "https://ada:hunter22@h/p", "projects": ["*"]}}',
        "holds a user or a password: name the secret in 'secret' instead",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_setting_says_what_to_write(case: str) -> None:
    kind, text, problem = WRONG[case]

    with pytest.raises(ValueError, match="is") as caught:
        Allowed.parse(text, kind=kind)

    assert problem in str(caught.value)
    assert "hunter22" not in str(caught.value)


def test_a_setting_may_be_a_file(tmp_path: Path) -> None:
    file = tmp_path / "commands.json"
    file.write_text(json.dumps(COMMANDS), encoding="utf-8")

    assert Allowed.parse(str(file), kind=Command) == Allowed.parse(json.dumps(COMMANDS), kind=Command)
