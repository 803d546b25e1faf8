"""What the runbook tells to type and to look for exists: commands, make targets, variables, events."""

import re
from typing import Any

import typer.main

from infra.configuration import INFRA
from infra.log_events import events
from tock.cli.main import app

TEXT = (INFRA / "README.md").read_text()


def test_every_command_exists() -> None:
    command: Any = typer.main.get_command(app)

    named = set(re.findall(r"(?<![\w/-])tock ([a-z]+)(?: ([a-z]+))?", TEXT))

    assert named
    for group, name in named:
        assert group in command.commands, f"tock {group}"
        below = getattr(command.commands[group], "commands", {})
        assert not below or name in below, f"tock {group} {name}"


def test_every_make_target_exists() -> None:
    targets = re.findall(r"^([a-z-]+):", (INFRA.parent / "Makefile").read_text(), re.MULTILINE)

    assert {"deploy"} <= set(re.findall(r"(?:&& |^|`)make ([a-z-]+)", TEXT, re.MULTILINE)) <= set(targets)


def test_every_variable_and_event_exists() -> None:
    named = set(re.findall(r"`([a-z]+(?:_[a-z]+)+)`", TEXT))

    assert named - events().keys() - _variables() == set()


def _variables() -> set[str]:
    return set(re.findall(r'^variable "(\w+)"', (INFRA / "variables.tf").read_text(), re.MULTILINE))
