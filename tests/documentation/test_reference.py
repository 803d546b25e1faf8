"""The pages of the reference have everything that the code has, and say of each thing what it is."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import typer.main

import tock
import tock.testing
from documentation.pages import PAGES
from documentation.put_together import REFERENCE, pages_of_the_site
from documentation.reference import (
    command_line,
    events,
    operations,
    python_agents,
    python_client,
    python_testing,
    settings,
    statuses,
)
from documentation.reference.openapi import document
from tock.bootstrap.settings import Settings
from tock.cli.main import app
from tock.core.run.events.event_kind import EventKind
from tock.core.run.status import AttemptStatus, RunSource, RunStatus

#: A row of a table whose second cell is empty.
_EMPTY = re.compile(r"^\| (`[^|]+`) \|  \|.*$", re.MULTILINE)


@pytest.mark.parametrize("page", REFERENCE.values(), ids=REFERENCE)
def test_everything_on_a_page_has_a_meaning(page: Callable[[], str]) -> None:
    assert _EMPTY.findall(page()) == []


def test_the_settings_are_all_there() -> None:
    page = settings.page()

    named = set(re.findall(r"^\| `(TOCK_[A-Z_]+)` \|", page, re.MULTILINE))

    google = {"GOOGLE_CLOUD_PROJECT", "FIRESTORE_EMULATOR", "CLOUD_TASKS_EMULATOR", "CLOUD_RUN_SERVICE"}
    assert named == {f"TOCK_{name.upper()}" for name in Settings.model_fields if name.upper() not in google}


def test_the_operations_and_schemas_are_all_there() -> None:
    page, found = operations.page(), document()
    requests = [
        f"`{method.upper()} {path}`"
        for path, methods in found["paths"].items()
        for method in methods
        if method != "servers"
    ]

    assert [request for request in requests if request not in page] == []
    assert [name for name in found["components"]["schemas"] if f"### {name}\n" not in page] == []


def test_the_commands_are_all_there() -> None:
    page = command_line.page()

    commands = set(_commands("tock", typer.main.get_command(app)))

    assert {"tock dev", "tock dev advance", "tock apply", "tock agents run", "tock runs approve"} <= commands
    assert [words for words in sorted(commands) if not re.search(rf"^##+ {words}$", page, re.MULTILINE)] == []


def _commands(words: str, command: Any) -> Iterator[str]:
    """Yield the words of every command that does something."""
    below = getattr(command, "commands", {})
    if not below or hasattr(command, "default"):
        yield words
    for name, each in below.items():
        if not each.hidden and each is not getattr(command, "default", None):
            yield from _commands(f"{words} {name}", each)


def test_the_words_are_all_there() -> None:
    page, of_events = statuses.page(), events.page()

    words = [word for words in (RunStatus, RunSource, AttemptStatus) for word in words]

    assert [word for word in words if f"| `{word}` |" not in page] == []
    assert [kind for kind in EventKind if f"| `{kind}` |" not in of_events] == []
    assert {"no_progress", "invalid_config", "result_not_json", "lost", "timed_out"} <= {
        kind.strip("`") for kind, _ in statuses.error_types()
    }


def test_all_that_people_import_is_there() -> None:
    text = python_agents.page() + python_client.page()

    names = [name for name in tock.__all__ if not name.startswith("Async")]

    assert [name for name in names if not re.search(rf"^##+ (tock\.)?{name}$", text, re.MULTILINE)] == []


def test_all_of_the_testing_kit_is_there() -> None:
    text = python_testing.page()

    assert [name for name in tock.testing.__all__ if f"### tock.testing.{name}\n" not in text] == []


def test_the_site_has_every_page() -> None:
    assert {*PAGES, *REFERENCE} - pages_of_the_site() == set()
