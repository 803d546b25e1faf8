"""The stack that runs in a folder, as another process finds it: what is left of one that was killed does not run."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tock.client.local_stack import ADDRESS_FILE
from tock.local.errors import ClockDamaged, DataUnusable, NoMovableClock, StackSilent
from tock.local.running import RunningStack
from tock.local.stack.directory_lock import directory_lock
from tock.local.tcp_ports import unused_port

HOUR = timedelta(hours=1)


def _address(data: Path, **changes: Any) -> dict[str, Any]:
    movable = {
        "clock": str(data / "clock"),
        "identity": str(data / "identity"),
        "tick_url": "http://127.0.0.1:1/",
        "service_account": "tock@tock-local.iam.gserviceaccount.com",
        "cloud_tasks": f"127.0.0.1:{unused_port()}",
        "queues": ["projects/p/locations/l/queues/q"],
    }
    return {"api": "http://127.0.0.1:1", "project": "demo", "movable": {**movable, **changes}}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data of a stack that was killed: the address of closed ports."""
    folder = tmp_path / ".tock"
    with directory_lock(folder):
        pass
    (folder / ADDRESS_FILE).write_text(json.dumps(_address(folder)))
    return folder


def test_a_stack_that_was_killed_does_not_run(data: Path) -> None:
    with pytest.raises(NoMovableClock, match="does not run: start it with a time"):
        RunningStack.found(data)


def test_a_running_one_is_found_from_a_folder_below(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (data.parent / "acme").mkdir()
    monkeypatch.chdir(data.parent / "acme")

    with directory_lock(data):
        found = RunningStack.found(None)

    assert (found.data, found.project) == (data, "demo")
    assert found.movable.queues == ("projects/p/locations/l/queues/q",)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"api": 1}',
        '{"api": "a", "project": "p", "movable": 3}',
        '{"api": "a", "project": "p", "movable": {}}',
    ],
)
def test_a_damaged_address_is_said_with_its_file(data: Path, text: str) -> None:
    (data / ADDRESS_FILE).write_text(text)

    with directory_lock(data), pytest.raises(NoMovableClock, match=r"stack\.json is damaged: start it"):
        RunningStack.found(data)


@pytest.mark.anyio
async def test_files_and_ports_that_are_gone_are_said(data: Path) -> None:
    with directory_lock(data):
        running = RunningStack.found(data)

        with pytest.raises(DataUnusable, match="clock"):
            await running.advance(by=HOUR, skip=False, patience=HOUR)
        (data / "clock").write_text("noon")
        with pytest.raises(ClockDamaged):
            await running.advance(by=HOUR, skip=False, patience=HOUR)
        (data / "clock").write_text("\0" * 16)
        with pytest.raises(StackSilent, match="does not answer at 127"):
            await running.advance(by=HOUR, skip=False, patience=HOUR)
