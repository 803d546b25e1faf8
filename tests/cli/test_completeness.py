"""The command line has each operation of the API, with each parameter and each field of a body.

Each command is called with all its options, against a server that answers as the OpenAPI document says.
"""

from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
from typer.core import TyperArgument, TyperGroup
from typer.main import get_command
from typer.testing import CliRunner

from client.described_api import DescribedApi, operations
from tock.cli.main import app
from tock.web.api.app import create_app
from web.conftest import cloud_tasks, empty, services  # noqa: F401 - fixtures
from web.rig import Rig

#: Operations that no command calls, and why.
NO_COMMAND = {
    **dict.fromkeys(
        ("send_events", "checkpoint_run", "callback_run"), "an agent elsewhere calls it, with the token of its run"
    ),
    **dict.fromkeys(
        ("list_own_triggers", "create_own_trigger", "delete_own_trigger"),
        "an agent calls it, with the token of its run",
    ),
    **dict.fromkeys(
        ("trigger_function", "retry_function"),
        "functions of their own; `triggers run`, `agents run` and `runs retry` do that",
    ),
    **dict.fromkeys(
        ("put_agent", "put_trigger", "put_project"), "`tock apply` calls it, for what a file defines as a whole"
    ),
    "stream_events": "its end needs a run that goes on; tests/cli/runs/test_run_events.py follows one",
}
#: Parameters and fields that no option sends, and why.
NO_OPTION = {
    "page_token": "lists read as many pages as --limit needs",
    "if-match": "`tock apply` sends it, of what it compared",
    "id_prefix": "whatever takes the id of a run takes its beginning",
    "last-event-id": "the stream goes on by itself",
    "occurrences": "--json lists them, a table does not",
}
#: Commands that are not called here, and why.
NOT_CALLED = {
    **dict.fromkeys(("dev start", "dev advance", "demo", "listen"), "start servers on this machine"),
    **dict.fromkeys(("init", "archive", "deploy", "cost", "schema"), "ask no API"),
    **dict.fromkeys(("plan", "apply", "export", "import"), "read and write definitions; tests/cli/applying"),
    **dict.fromkeys(("login", "profiles list", "profiles use", "profiles remove"), "keep profiles on this machine"),
    "tail": "goes on until Ctrl-C; tests/cli/runs/test_run_events.py",
    "runs follow": "needs a run that goes on; tests/cli/runs/test_run_events.py",
}
#: A value for each option and argument that takes one, by its name, or by the command and its name.
SAMPLES = {
    "changes": "{}",
    "--limit": "1",
    "--attempt": "1",
    "--per-trigger": "1",
    "time": "2027-01-01T09:00:00Z",
    "--count": "1",
    **dict.fromkeys(("--since", "--until", "--start", "--end", "--anchor", "--at"), "2027-01-01"),
    **dict.fromkeys(("--concurrency", "--queue-depth", "--max-parallel", "--max-retries"), "1"),
    **dict.fromkeys(("--config", "--payload", "--label"), "x=y"),
    "--evidence": '{"output_schema": {}, "events": [], "min_tokens": 1}',
    **dict.fromkeys(
        ("--attempt-timeout", "--retry-delay", "--progress-every", "--catch-up-window", "--start-deadline"), "1h"
    ),
    "--cron": "0 9 * * *",
    "--time-zone": "UTC",
    "--every": "1h",
    "--overlap": "queue",
    "--session": "new",
    "--catch-up": "all",
    "--sort": "created.at",
    "runs list --sort": "cost",
    "--by": "agent",
    "--cancel": "all",
    "--status": "failed",
}
#: Options, and arguments that may be left out, of which only some can be given at once: a call for each.
ALTERNATIVES = (("--cron", "--time-zone"), ("--every", "--anchor"), ("--at",), ("trigger",))
#: Fields whose members all go through one option, as KEY=VALUE.
ANY_MEMBERS = frozenset({"config"})
#: Options that say how something is printed or waited for, or that stand for many calls, and those of Google's tools.
LEFT_OUT = {
    *("--json", "--ndjson", "--csv", "--columns", "--wait", "--follow", "--clear"),
    *("--where", "--plan", "--google-project", "--region"),
}


pytestmark = pytest.mark.anyio


@pytest.fixture
def document(empty: Rig) -> dict[str, Any]:  # noqa: F811 - the fixture
    return create_app(empty.deployment).openapi()


@pytest.fixture
def api(document: dict[str, Any]) -> Iterator[DescribedApi]:
    with DescribedApi(document) as api:
        thread = Thread(target=api.serve_forever, args=(0.01,))
        thread.start()
        yield api
        api.shutdown()
        thread.join()


async def test_each_operation_has_a_command_and_each_field_an_option(
    api: DescribedApi, document: dict[str, Any]
) -> None:
    for path, command in _commands(get_command(app)):
        if path in NOT_CALLED:
            continue
        for words in _calls(path, command):
            done = CliRunner().invoke(app, ["--server", api.url, "--project", "x", *path.split(), *words])
            assert done.exit_code in {0, 1}, (path, words, done.output)
            assert done.exception is None or isinstance(done.exception, SystemExit), (path, words, done.exception)

    assert api.unknown == []
    described = {each.name: each for each in operations(document)}
    assert described.keys() - api.sent.keys() == NO_COMMAND.keys()
    for name, sent in api.sent.items():
        wanted = described[name]
        missing = {
            *(wanted.query - sent.query),
            *(wanted.headers - sent.headers),
            *(path for path in wanted.body if not _is_sent(path, sent.body)),
        }
        assert missing - NO_OPTION.keys() == set(), name


async def test_every_exception_names_something_that_is_there(document: dict[str, Any]) -> None:
    described = {each.name: each for each in operations(document)}
    named = {name for each in described.values() for name in (*each.query, *each.headers, *each.body)}
    commands = {path for path, _ in _commands(get_command(app))}

    assert NO_COMMAND.keys() - described.keys() == set()
    assert NO_OPTION.keys() - named == set()
    assert NOT_CALLED.keys() - commands == set()
    options = {name for _, command in _commands(get_command(app)) for each in command.params for name in each.opts}
    assert LEFT_OUT - options == set()


def _commands(command: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if not isinstance(command, TyperGroup):
        yield path, command
        return
    for name, inner in command.commands.items():
        yield from _commands(inner, f"{path} {name}".strip())


def _calls(path: str, command: Any) -> Iterator[list[str]]:
    """Yield the words of as many calls as it takes to give each option once."""
    names = {name for each in command.params for name in _names(each)}
    known = [chosen for chosen in ALTERNATIVES if set(chosen) & names]
    apart = {name for chosen in known for name in chosen}
    for chosen in known or [()]:
        yield list(_words(path, command, excluded=apart - set(chosen)))


def _names(parameter: Any) -> list[str]:
    """Return the names of an option, or of an argument that may be left out."""
    if isinstance(parameter, TyperArgument):
        return [] if parameter.required else [str(parameter.name)]
    return list(parameter.opts)


def _words(path: str, command: Any, *, excluded: set[str]) -> Iterator[str]:
    waits = any("--wait" in each.opts for each in command.params)
    left_out = LEFT_OUT | excluded | ({"--timeout"} if waits else set())
    for each in command.params:
        if isinstance(each, TyperArgument):
            if excluded.intersection(_names(each)):
                continue
            yield SAMPLES.get(each.name, "x")
            continue
        option = next((name for name in each.opts if name.startswith("--")), "")
        if option in left_out or not option:
            continue
        yield option
        if not each.is_flag:
            yield SAMPLES.get(f"{path} {option}", SAMPLES.get(option, "x"))


def _is_sent(path: str, sent: set[str]) -> bool:
    """Whether a field was sent, or what holds any JSON inside it or around it."""
    around = path.partition(".")[0]
    inside = path if around not in ANY_MEMBERS else around
    return path in sent or any(each.startswith(f"{inside}.") for each in sent)
