"""What a start that fails leaves of the stored data and its clock."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tock.bootstrap.moved_clock import MovedClock
from tock.local.clock.clock_file import CLOCK_FILE, clock_of_start
from tock.local.errors import FirestoreMissing, LocalError, ModulesNotImportable
from tock.local.stack.stack import Stack
from tock.local.stack.stored_data import delete_data, has_data, undo_of_start
from tock.local.tcp_ports import unused_port

NIGHT = datetime(2027, 3, 28, 0, 50, tzinfo=UTC)
SOURCE = Path(__file__).parent / "stack_functions.py"


async def _failed(data: Path, *, error: type[LocalError], **environment: str) -> Stack:
    """Return a stack whose start with a time has failed."""
    given: dict[str, Any] = {"data": data, "entry_module": SOURCE, "log": lambda *_: None, "at": NIGHT}
    stack = Stack(**given, environment=environment)
    with pytest.raises(error):
        await stack.__aenter__()
    return stack


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("error", "environment"),
    [
        (ModulesNotImportable, {"TOCK_PYTHON_MODULES": "acme.agnets"}),
        (FirestoreMissing, {"FIRESTORE_EMULATOR_HOST": f"127.0.0.1:{unused_port()}"}),
    ],
    ids=["module", "firestore"],
)
async def test_a_start_that_fails_leaves_no_clock(
    tmp_path: Path, error: type[LocalError], environment: dict[str, str]
) -> None:
    await _failed(tmp_path, error=error, **environment)

    assert not (tmp_path / CLOCK_FILE).exists()
    assert not has_data(tmp_path)


@pytest.mark.anyio
async def test_a_start_that_fails_gives_stored_data_their_clock_back(tmp_path: Path) -> None:
    (tmp_path / "firestore").mkdir()
    before = clock_of_start(tmp_path / CLOCK_FILE, at=NIGHT - timedelta(days=2), has_data=True)
    assert before is not None
    before.go_on_from(NIGHT - timedelta(days=1))

    await _failed(tmp_path, error=ModulesNotImportable, TOCK_PYTHON_MODULES="acme.agnets")

    after = MovedClock.shared(tmp_path / CLOCK_FILE)
    assert not after.stands
    assert after.now() < NIGHT - timedelta(hours=23)
    assert after.ticked_until == NIGHT - timedelta(days=2)


def test_stored_data_on_the_machines_clock_keep_that(tmp_path: Path) -> None:
    (tmp_path / "cloud_tasks.sqlite").touch()

    undo = undo_of_start(tmp_path)
    (tmp_path / CLOCK_FILE).write_text("of this start")
    undo()

    assert has_data(tmp_path)
    assert not (tmp_path / CLOCK_FILE).exists()


def test_what_is_deleted_is_documents_tasks_and_clock(tmp_path: Path) -> None:
    for folder in ("firestore", "identity"):
        (tmp_path / folder).mkdir()
    for file in (CLOCK_FILE, "cloud_tasks.sqlite", "cloud_tasks.sqlite-wal", "ports.json"):
        (tmp_path / file).touch()

    delete_data(tmp_path)

    assert sorted(each.name for each in tmp_path.iterdir()) == ["identity", "ports.json"]
