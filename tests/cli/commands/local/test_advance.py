"""`tock dev advance` without a stack, and what its arguments must be."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
import typer.main

from end_to_end.entered import entered
from tock.cli.call.default_group import DefaultGroup
from tock.cli.main import app
from tock.local.stack.directory_lock import directory_lock


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("advance", "2h"), "does not run: start it with a time"),
        (("advance", "2 hours"), "does not run: start it with a time"),
        (("advance", "2h", "--patience", "long"), "'--patience': 'long' is not a duration"),
        (("advance", "far"), "'LENGTH': 'far' is not a duration"),
        (("--at", "soon"), "--at: 'soon' is no time."),
        (("start", "--at", "2h"), "--at: '2h' is a length of time: write '2h ago' or 'in 2h'."),
    ],
)
def test_what_is_wrong_is_said_with_a_remedy(tmp_path: Path, arguments: Sequence[str], told: str) -> None:
    done = entered("dev", *arguments, folder=tmp_path)

    code = 1 if told.startswith("does not run") else 2
    assert (done.returncode, told in done.stderr) == (code, True), done.stderr


def test_a_stack_on_the_machines_clock_says_how_to_get_another_one(tmp_path: Path) -> None:
    data = tmp_path / ".tock"
    address = {"api": "http://127.0.0.1:1", "project": "demo", "movable": None}
    with directory_lock(data):
        (data / "stack.json").write_text(json.dumps(address))
        done = entered("dev", "advance", "2h", folder=tmp_path)

    assert done.returncode == 1
    assert "has the machine's clock, which cannot be moved: start it with a time, such as tock dev --at" in done.stderr


def test_the_words_after_dev_are_modules_unless_the_first_names_a_command() -> None:
    dev = typer.main.get_command(app).commands["dev"]  # type: ignore[attr-defined] # it is a group
    assert isinstance(dev, DefaultGroup)

    def chosen(*words: str) -> str:
        with dev.make_context("dev", list(words)) as context:
            return str(context._protected_args[0])

    assert [chosen(), chosen("acme.agents"), chosen("--port", "1"), chosen("advance", "2h")] == [
        "start",
        "start",
        "start",
        "advance",
    ]
