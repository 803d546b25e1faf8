"""The options that all commands share may stand anywhere."""

from typing import Any

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from tock.cli.call.former_names import FORMER_NAMES
from tock.cli.call.root import ordered
from tock.cli.main import app


@pytest.mark.parametrize(
    ("given", "parsed"),
    [
        ("runs list --project p", "--project p runs list"),
        ("runs list --project=p --limit 3 --key k", "--project=p --key k runs list --limit 3"),
        ("--server s runs --project p show r", "--server s --project p runs show r"),
        # A value is no option, and what an option takes is no command.
        ("agents run a --message --project", "agents run a --message --project"),
        ("--project agents runs list", "--project agents runs list"),
        ("runs steer r -- --project", "runs steer r -- --project"),
        # These end the call.
        ("runs list --help", "runs list --help"),
        ("runs list --version", "runs list --version"),
        ("runs list --project", "--project runs list"),
        ("nothing --key k", "--key k nothing"),
        # Former names.
        ("proof t --from=x --to y", "proof t --since=x --until y"),
        ("triggers proof t --zone z --to y", "--zone z triggers proof t --until y"),
        (
            "triggers create t --message --timeout --timeout 5m",
            "triggers create t --message --timeout --attempt-timeout 5m",
        ),
        ("triggers run t --timeout 5m", "triggers run t --timeout 5m"),
    ],
)
def test_shared_options_come_first(given: str, parsed: str) -> None:
    root = get_command(app)
    assert isinstance(root, TyperGroup)

    assert ordered(root, given.split()) == parsed.split()


@pytest.mark.parametrize("path", FORMER_NAMES)
def test_a_former_name_leads_to_an_option_and_is_that_of_none(path: str) -> None:
    command: Any = get_command(app)
    for name in path.split():
        command = command.commands[name]
    options = {name for each in command.params for name in each.opts}

    assert set(FORMER_NAMES[path].values()) <= options
    assert options.isdisjoint(FORMER_NAMES[path])
