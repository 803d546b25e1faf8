"""Whoever edits a file that `tock dev` reads at its start only is told so."""

from pathlib import Path

import anyio
import pytest

from tock.local.sources.unread import Unread
from waiting import until

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.parametrize("exists", [True, False])
async def test_an_edit_is_said_also_of_a_file_that_comes(tmp_path: Path, *, exists: bool) -> None:
    file = tmp_path / "tock.toml"
    if exists:
        file.write_text("definitions = ['acme']\n")
    heard: list[tuple[str, str]] = []
    unread = Unread.now(file)

    async with anyio.create_task_group() as tasks:
        file.write_text("definitions = ['acme.agents']\n")
        tasks.start_soon(unread.tell_of_edits, lambda *line: heard.append(line))
        await until(lambda: len(heard) == 1)
        file.unlink()
        await until(lambda: len(heard) == 2)
        tasks.cancel_scope.cancel()

    said = "tock.toml was edited: start `tock dev` anew, which reads it at its start only"
    assert heard == [("tock", said)] * 2
