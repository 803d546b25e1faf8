"""The options that all commands share may stand anywhere."""

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from tock.cli.call.root import shared_options_first
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
    ],
)
def test_shared_options_come_first(given: str, parsed: str) -> None:
    root = get_command(app)
    assert isinstance(root, TyperGroup)

    assert shared_options_first(root, given.split()) == parsed.split()
