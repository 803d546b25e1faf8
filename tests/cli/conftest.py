"""The command line against an API: what it answers, or the real one behind a real HTTP server."""

import json
from pathlib import Path
from typing import Any

import pytest

from client.conftest import Hosted, hosted  # noqa: F401 - the fixture
from client.shown import shown_run
from terminal import typed  # noqa: F401 - the fixture
from tock.cli.errors import CommandError
from tock.client.local_stack import ADDRESS_FILE, DATA
from tock_calls import Tock, invoke
from web.conftest import clock_file, cloud_tasks, empty, rig, services  # noqa: F401 - fixtures
from web.rig import ADMIN_KEY


@pytest.fixture
def settled_run() -> dict[str, Any]:
    """A run that succeeded, as the API shows it."""
    return shown_run(warnings=["The payload has no value for {{shop}}: empty text took its place."])


@pytest.fixture
def tock(hosted: Hosted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tock:  # noqa: F811 - the fixture
    """Call `tock` by the clock of the API, as in the folder of a local stack, and return what it printed.

    `code` is the exit status that is expected.
    """
    address = {"api": hosted.url, "project": "acme", "movable": {"clock": str(clock_file(tmp_path))}}
    stack = tmp_path / DATA / ADDRESS_FILE
    stack.parent.mkdir()
    stack.write_text(json.dumps(address))
    monkeypatch.chdir(tmp_path)

    async def call(*words: str, code: int = 0, project: str = "acme") -> str:
        done = await invoke("--server", hosted.url, "--project", project, "--key", ADMIN_KEY, *words)
        assert done.exit_code == code, (done.output, done.exception)
        if isinstance(done.exception, CommandError):
            return "\n".join([str(done.exception), *done.exception.details])
        return done.output

    return call
