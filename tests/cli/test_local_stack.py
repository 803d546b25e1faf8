"""Which stack the command line finds when no server is given."""

from pathlib import Path

import pytest

from tock.cli.client import Client
from tock.cli.errors import CommandError


@pytest.mark.parametrize("below", [".", "acme", "acme/agents"])
def test_the_stack_of_a_folder_is_found_from_every_folder_below_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, below: str
) -> None:
    (tmp_path / ".tock").mkdir()
    (tmp_path / ".tock" / "stack.json").write_text('{"api": "http://127.0.0.1:1", "project": "demo"}')
    (tmp_path / below).mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(tmp_path / below)

    client = Client.found(server="", project="", key="")

    assert (client.server, client.project) == ("http://127.0.0.1:1", "demo")


def test_without_a_stack_or_a_server_it_says_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(CommandError, match="No server is known") as raised:
        Client.found(server="", project="demo", key="")

    assert "tock dev" in raised.value.details[0]
