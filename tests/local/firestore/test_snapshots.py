"""Snapshots of the Firestore emulator's documents: damage is named, and the newest whole snapshot is restored."""

import asyncio
import json
import re
import shutil
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from google.cloud.firestore import AsyncClient

from small_disk import SmallDisk, small_disk
from tock.local.errors import DataDamaged
from tock.local.firestore.saver import Saver
from tock.local.firestore.snapshots import NotSaved, Snapshots
from waiting import until

pytestmark = pytest.mark.anyio

#: The emulator writes its documents in blocks of this many bytes, and reads a file that ends with a block as if it were
#: whole.
BLOCK = 32_768
OUTPUT = "documents/all_namespaces/all_kinds/output-0"
METADATA = "documents/documents.overall_export_metadata"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class CountedSnapshots(Snapshots):
    """Counts how often they are saved."""

    attempts = 0

    async def save(self) -> None:
        self.attempts += 1
        await super().save()


class Database:
    """One project's documents in the emulator, and their snapshots in a folder."""

    def __init__(self, client: AsyncClient, *, host: str, folder: Path) -> None:
        self.folder = folder
        self.said: list[str] = []
        self._client = client
        self.host = host

    @property
    def project(self) -> str:
        return str(self._client.project)

    def snapshots(self) -> Snapshots:
        return Snapshots(self.folder, host=self.host, projects=[self.project], log=self.said.append)

    async def write(self, text: str) -> None:
        """Write this text, in documents that take several blocks."""
        for number in range(8):
            await self._client.document(f"notes/{number}").set({"text": text, "filler": "x" * 10_000})

    async def read(self) -> set[str]:
        """The texts of all documents: one, if there is no mixture."""
        return {document.get("text") async for document in self._client.collection("notes").stream()}

    async def saved(self, *texts: str) -> None:
        """Save a snapshot after each text, as one process."""
        snapshots = self.snapshots()
        for text in texts:
            await self.write(text)
            await snapshots.save()

    async def restored(self) -> set[str]:
        """Restore into an empty emulator, as another process does; return the texts."""
        for number in range(8):
            await self._client.document(f"notes/{number}").delete()
        await self.snapshots().restore()
        return await self.read()

    def names(self) -> set[str]:
        return {path.name for path in self.folder.iterdir()}


@pytest.fixture
async def database(firestore_client: AsyncClient, firestore_emulator: str, tmp_path: Path) -> Database:
    return Database(firestore_client, host=firestore_emulator, folder=tmp_path / "firestore")


async def test_what_was_saved_last_is_restored_and_nothing_is_said(database: Database) -> None:
    await database.saved("first", "second", "third")

    assert await database.restored() == {"third"}
    assert database.said == []
    assert database.names() == {"2", "3", "current"}


async def test_without_a_snapshot_nothing_is_restored_and_nothing_is_said(database: Database) -> None:
    assert await database.restored() == set()
    assert database.said == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "content",
    [b"", b" \n", b"x", b"99", b"../../elsewhere", b"1.5", b"\xff\xfe", b"-1", "٣".encode(), b"9" * 5000],
    ids=["empty", "blank", "word", "no such snapshot", "path", "fraction", "no text", "negative", "digits", "long"],
)
async def test_a_damaged_current_is_named_and_the_newest_whole_snapshot_is_restored(
    database: Database, content: bytes
) -> None:
    await database.saved("first", "second")
    (database.folder / "current").write_bytes(content)

    assert await database.restored() == {"second"}
    [said] = database.said
    assert said.startswith(f"{database.folder / 'current'} ")
    assert "is damaged (" in said or "names snapshot 99, which is missing" in said
    assert re.search(r"snapshot 2 of \d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4} was restored; later changes", said)

    await database.saved("third")
    assert await database.restored() == {"third"}
    assert len(database.said) == 1


async def test_a_current_that_is_missing_is_named_too(database: Database) -> None:
    await database.saved("first", "second")
    (database.folder / "current").unlink()

    assert await database.restored() == {"second"}
    assert database.said[0].startswith(f"{database.folder / 'current'} is missing: snapshot 2 of ")


def _cut(path: Path, size: int) -> None:
    path.write_bytes(path.read_bytes()[:size])


def _zero(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2] + bytes(len(content) - len(content) // 2))


DAMAGES: dict[str, Callable[[Path, str], None]] = {
    "documents cut within a block": lambda folder, project: _cut(folder / project / OUTPUT, 50_000),
    "documents cut at a block": lambda folder, project: _cut(folder / project / OUTPUT, BLOCK),
    "documents emptied": lambda folder, project: _cut(folder / project / OUTPUT, 0),
    "documents zeroed": lambda folder, project: _zero(folder / project / OUTPUT),
    "documents missing": lambda folder, project: (folder / project / OUTPUT).unlink(),
    "metadata cut": lambda folder, project: _cut(folder / project / METADATA, 20),
    "metadata missing": lambda folder, project: (folder / project / METADATA).unlink(),
    "project missing": lambda folder, project: shutil.rmtree(folder / project),
    "list cut": lambda folder, _: _cut(folder / "files.json", 20),
    "list emptied": lambda folder, _: _cut(folder / "files.json", 0),
    "list is no list": lambda folder, _: (folder / "files.json").write_text(json.dumps({"files": 5})) and None,
    "all missing": lambda folder, _: shutil.rmtree(folder),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
async def test_a_damaged_snapshot_is_named_and_the_one_before_it_is_restored(
    database: Database, damage: Callable[[Path, str], None]
) -> None:
    await database.saved("first", "second")
    damage(database.folder / "2", database.project)

    assert await database.restored() == {"first"}
    [said] = database.said
    assert "snapshot 1 of " in said
    assert "was restored; later changes" in said

    await database.saved("third")
    assert await database.restored() == {"third"}
    assert len(database.said) == 1


async def test_a_damaged_snapshot_is_set_aside_not_deleted(database: Database) -> None:
    await database.saved("first", "second")
    _cut(database.folder / "2" / database.project / OUTPUT, BLOCK)

    await database.restored()
    await database.saved("third", "fourth", "fifth")

    assert database.names() == {"2.damaged", "4", "5", "current"}
    assert (database.folder / "2.damaged" / database.project / OUTPUT).stat().st_size == BLOCK
    assert f"2/{database.project}/{OUTPUT} has {BLOCK} bytes, not " in database.said[0]
    assert str(database.folder / "2.damaged") in database.said[0]


async def test_if_no_snapshot_is_whole_nothing_starts_and_nothing_is_changed(database: Database) -> None:
    await database.saved("first", "second")
    for number in "12":
        _cut(database.folder / number / database.project / OUTPUT, BLOCK)

    with pytest.raises(DataDamaged) as raised:
        await database.restored()

    said = str(raised.value)
    assert said.count(f"{OUTPUT} has {BLOCK} bytes") == 2
    assert "tock dev --fresh" in said
    assert database.names() == {"1", "2", "current"}


async def test_a_snapshot_of_an_earlier_version_which_wrote_no_list_is_restored(database: Database) -> None:
    await database.saved("first")
    (database.folder / "1" / "files.json").unlink()

    assert await database.restored() == {"first"}
    assert database.said == []


async def test_a_snapshot_of_an_earlier_version_that_the_emulator_refuses_is_an_error(database: Database) -> None:
    await database.saved("first")
    (database.folder / "1" / "files.json").unlink()
    _cut(database.folder / "1" / database.project / OUTPUT, 50_000)

    with pytest.raises(DataDamaged, match="Invalid record"):
        await database.restored()


async def test_a_snapshot_that_a_kill_left_unfinished_counts_for_nothing_and_is_replaced(database: Database) -> None:
    await database.saved("first")
    shutil.copytree(database.folder / "1", database.folder / "2")
    (database.folder / "2" / "files.json").unlink()
    _cut(database.folder / "2" / database.project / OUTPUT, BLOCK)

    assert await database.restored() == {"first"}
    assert database.said == []

    await database.saved("second")
    assert database.names() == {"1", "3", "current"}


async def test_a_snapshot_that_is_whole_counts_although_a_kill_came_before_current_named_it(database: Database) -> None:
    await database.saved("first", "second")
    (database.folder / "current").write_text("1")

    assert await database.restored() == {"second"}
    assert database.said == []


# ---------------------------------------------------------------- the disk


@pytest.fixture
async def disk(database: Database, tmp_path: Path) -> AsyncIterator[SmallDisk]:
    with small_disk(tmp_path / "disk", size="512k") as disk:
        database.folder = disk.folder / "firestore"
        yield disk


async def test_on_a_full_disk_saving_says_so_and_the_snapshot_before_it_stays(
    database: Database, disk: SmallDisk
) -> None:
    await database.saved("first")
    snapshots = database.snapshots()
    await snapshots.restore()
    disk.fill()
    await database.write("second")

    with pytest.raises(NotSaved, match="No space left on device"):
        await snapshots.save()

    assert database.names() == {"1", "current"}
    disk.free()
    assert await database.restored() == {"first"}
    await database.write("third")
    await snapshots.save()
    assert await database.restored() == {"third"}
    assert database.said == []


async def test_on_a_disk_that_cannot_be_written_saving_says_so(database: Database, disk: SmallDisk) -> None:
    await database.saved("first")
    disk.forbid_writing()

    with pytest.raises(NotSaved, match="Read-only file system"):
        await database.saved("second")

    assert await database.restored() == {"first"}


async def test_where_there_can_be_no_folder_saving_says_so(database: Database, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    database.folder = tmp_path / "file" / "firestore"

    with pytest.raises(NotSaved, match="Not a directory"):
        await database.saved("first")


async def test_an_outage_of_the_disk_is_said_once_with_what_is_lost_and_its_end_too(
    database: Database, disk: SmallDisk
) -> None:
    await database.saved("first")
    snapshots = CountedSnapshots(
        database.folder, host=database.host, projects=[database.project], log=database.said.append
    )
    await snapshots.restore()
    disk.fill()

    saving = asyncio.create_task(Saver(snapshots, log=database.said.append).run(every=timedelta(milliseconds=10)))
    await until(lambda: snapshots.attempts >= 3)
    disk.free()
    await until(lambda: len(database.said) >= 2)
    saving.cancel()
    await asyncio.wait([saving])

    failed, recovered = database.said
    assert re.search(
        r"cannot be saved \(.*No space left on device.*\): what changed after \d{4}-.* is lost when Tock stops, unless",
        failed,
    )
    assert recovered == "documents are saved again"


async def test_a_database_without_documents_is_saved_and_restored(database: Database) -> None:
    await database.snapshots().save()

    assert await database.restored() == set()
    assert database.said == []


async def test_a_project_that_is_no_longer_asked_for_is_kept(database: Database) -> None:
    await database.saved("first")
    other = Snapshots(database.folder, host=database.host, projects=["tock-other"], log=database.said.append)
    await other.restore()
    for _ in range(3):
        await other.save()

    assert await database.restored() == {"first"}
    assert database.said == []


async def test_the_last_save_says_what_is_lost_or_that_it_worked_again(database: Database, disk: SmallDisk) -> None:
    await database.saved("first")
    snapshots = database.snapshots()
    await snapshots.restore()
    disk.fill()

    await Saver(snapshots, log=database.said.append).finish()

    [said] = database.said
    assert re.search(r"saved at the end \(No space left on device.*\): what changed after \d{4}-.* is lost", said)
