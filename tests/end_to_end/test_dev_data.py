"""`tock dev` and its own files: damage, a disk that is full or cannot be written, and a second `tock dev`."""

import json
import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from end_to_end.running_stack import RunningStack, running_dev, tock
from small_disk import SmallDisk, small_disk
from waiting import TIMEOUT, result_of

AGENTS = """
def greet(run):
    print("Grüße aus Zürich 🚀")
    print("more than the page of the log's file that the disk has given already: " + "x" * 5000)
    return {"greeted": run.input["name"]}
"""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk", size="3m") as disk:
        yield disk


def _project(dev: RunningStack, name: str) -> None:
    dev.tock("projects", "create", name)


@pytest.mark.slow
def test_damage_is_named_and_everything_else_is_there_again(tmp_path: Path) -> None:
    with running_dev(tmp_path) as dev:
        _project(dev, "kept")
    data = tmp_path / ".tock"
    (data / "firestore" / "current").write_text("")
    (data / "cloud_tasks.sqlite").write_bytes(b"spoilt" * 1000)
    (data / "identity" / "key.pem").write_text("")
    (data / "ports.json").write_text('{"api": ')

    with running_dev(tmp_path) as dev:
        assert "kept" in dev.tock("projects", "list")
        said = dev.output

    assert "Traceback" not in said
    assert re.search(
        r"firestore +\| \S+current is damaged \('' is not the number of a snapshot\): snapshot \d+ of ", said
    )
    assert re.search(r"cloud_tasks +\| ERROR \S+cloud_tasks.sqlite is damaged: .* It was set aside as ", said)
    assert re.search(r"stack +\| \S+key.pem is damaged: it was set aside as key.pem.damaged", said)


@pytest.mark.slow
def test_if_no_snapshot_is_whole_it_does_not_start_without_the_documents(tmp_path: Path) -> None:
    with running_dev(tmp_path) as dev:
        _project(dev, "kept")
    # A snapshot that was saved before the first document has no file of documents, but each has a list of its exports.
    exports = list((tmp_path / ".tock" / "firestore").glob("*/*/documents/documents.overall_export_metadata"))
    for export in exports:
        export.write_bytes(b"")

    done = tock("dev", folder=tmp_path)

    assert exports
    assert done.returncode == 1
    assert done.stderr.startswith("Error: The stored documents cannot be restored, and nothing was changed in ")
    assert "documents.overall_export_metadata has 0 bytes, not " in done.stderr
    assert "tock dev --fresh" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr

    with running_dev(tmp_path, "--fresh") as dev:
        assert "kept" not in dev.tock("projects", "list")


@pytest.mark.slow
def test_a_disk_that_fills_up_stops_no_run_and_what_is_lost_is_said(tmp_path: Path, disk: SmallDisk) -> None:
    (tmp_path / "acme.py").write_text(AGENTS)
    data = disk.folder / "data"
    arguments = ["acme", "--data", str(data)]
    with running_dev(tmp_path, *arguments, PYTHONIOENCODING="ascii") as dev:
        server = json.loads((data / "stack.json").read_text())["api"]
        here = ["--server", server, "--project", "demo"]
        config = '{"callable": "acme:greet"}'
        dev.tock(*here, "agents", "create", "greet", "--kind", "python", "--config", config)
        disk.fill()
        run = dev.tock(*here, "agents", "run", "greet", "--payload", '{"name": "Ada"}', "--wait", "--json")
        result_of(lambda: "documents cannot be saved" in dev.output)
        code = dev.stop()
        said = dev.output

    assert json.loads(run)["result"] == {"greeted": "Ada"}
    assert code == 0
    assert "Traceback" not in said
    assert "java.io" not in said
    assert re.search(r"cloud_tasks\.sqlite cannot be written: .*full\. Deliveries go on", said)
    assert re.search(
        r"documents cannot be saved \(No space left on device.*\): what changed after .* is lost when", said
    )
    assert "Gr\\xfc\\xdfe aus Z\\xfcrich" in said
    assert f"{data}/log.txt cannot be written: No space left on device; lines are missing there" in said

    disk.free()
    with running_dev(tmp_path, *arguments) as dev:
        assert "Traceback" not in dev.output


@pytest.mark.parametrize("command", ["dev", "demo"])
def test_a_disk_that_is_full_from_the_start_is_one_sentence(tmp_path: Path, disk: SmallDisk, command: str) -> None:
    disk.fill()

    done = tock(command, "--data", str(disk.folder / "data"), folder=tmp_path)

    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: {disk.folder / 'data'} cannot be used: No space left on device")
    assert "choose another directory: --data" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize("command", ["dev", "demo"])
def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path, disk: SmallDisk, command: str) -> None:
    disk.forbid_writing()

    done = tock(command, "--data", str(disk.folder / "data"), folder=tmp_path)

    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: {disk.folder / 'data'} cannot be used: Read-only file system. ")
    disk.allow_writing()


@pytest.mark.parametrize("command", ["dev", "demo"])
def test_a_folder_that_cannot_be_is_one_sentence(tmp_path: Path, command: str) -> None:
    (tmp_path / "file").touch()

    done = tock(command, "--data", "file/data", folder=tmp_path)

    assert done.returncode == 1
    assert done.stderr.startswith("Error: file/data cannot be used: Not a directory")


def test_a_second_one_in_the_same_folder_is_one_sentence_and_the_first_goes_on(dev: RunningStack) -> None:
    done = tock("dev", folder=dev.folder)

    assert done.returncode == 1
    [said] = done.stderr.splitlines()
    assert re.fullmatch(rf"Error: A stack already uses \S+\.tock, as process {dev.process.pid}\. .*--data\.", said)
    assert "pulse" in dev.tock("agents", "list")


def test_a_second_one_on_the_same_port_is_one_sentence(dev: RunningStack, tmp_path: Path) -> None:
    port = dev.api.split(":")[2].split("/")[0]

    done = tock("dev", "--port", port, folder=tmp_path)

    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"Error: Port {port} is in use: choose another with --port, or leave the option out."
    ]


@pytest.mark.slow
def test_two_that_start_at_once_with_the_same_ports_have_nothing_in_common(tmp_path: Path) -> None:
    with running_dev(_folder(tmp_path / "first")):
        pass
    for name in ("second", "third"):
        (_folder(tmp_path / name) / ".tock").mkdir()
        ports = (tmp_path / "first" / ".tock" / "ports.json").read_text()
        (tmp_path / name / ".tock" / "ports.json").write_text(ports)
    both = threading.Barrier(2, timeout=TIMEOUT)
    found: dict[str, str] = {}

    def run(name: str) -> None:
        with running_dev(tmp_path / name) as dev:
            _project(dev, name)
            both.wait()
            found[name] = dev.tock("projects", "list") + dev.output

    threads = [threading.Thread(target=run, args=(name,)) for name in ("second", "third")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(found) == ["second", "third"]
    assert "third" not in found["second"].replace(str(tmp_path), "")
    assert "second" not in found["third"].replace(str(tmp_path), "").replace("period_seconds", "")
    assert "java" not in "".join(found.values())


@pytest.mark.slow
def test_two_that_start_at_once_on_the_same_port_leave_one_with_a_sentence_for_the_other(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
    refusals: list[str] = []
    one_ended = threading.Event()

    def run(name: str) -> None:
        try:
            with running_dev(_folder(tmp_path / name), "--port", port):
                one_ended.wait(TIMEOUT)
        except AssertionError as exc:
            refusals.append(str(exc))
        finally:
            one_ended.set()

    threads = [threading.Thread(target=run, args=(name,)) for name in ("first", "second")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    [said] = refusals
    assert f"Error: Port {port} is in use" in said
    assert "Traceback" not in said


def _folder(path: Path) -> Path:
    path.mkdir(exist_ok=True)
    return path
