"""The Firestore emulator as `tock dev` starts it."""

import asyncio
import os
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from anyio.from_thread import start_blocking_portal
from google.auth.credentials import AnonymousCredentials
from google.cloud.firestore import AsyncClient

from tock.local.errors import FirestoreMissing, PortLost, StartFailed
from tock.local.firestore.emulator import FirestoreEmulator
from tock.local.firestore.java import find_java
from tock.local.tcp_ports import unused_port
from waiting import until

pytestmark = pytest.mark.anyio

PROJECTS = ("tock-local", "tock-other")
HOUR = timedelta(hours=1)
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "FIRESTORE_EMULATOR_HOST"}


@pytest.mark.slow
async def test_documents_of_several_projects_outlive_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / "firestore"
    async with FirestoreEmulator.start(data=data, projects=PROJECTS, environment=ENVIRONMENT, every=HOUR) as emulator:
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", emulator.host)
        for project in PROJECTS:
            await _write(project, text=f"of {project}")

    async with FirestoreEmulator.start(data=data, projects=PROJECTS, environment=ENVIRONMENT, every=HOUR) as emulator:
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", emulator.host)

        assert [await _read(project) for project in PROJECTS] == ["of tock-local", "of tock-other"]
        assert await _read("tock-third") is None


@pytest.mark.slow
async def test_a_killed_emulator_loses_only_what_came_after_the_last_snapshot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, often = tmp_path / "firestore", timedelta(milliseconds=100)
    async with FirestoreEmulator.start(data=data, environment=ENVIRONMENT, every=often) as emulator:
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", emulator.host)
        await _write("tock-local", text="kept")
        await _two_snapshots(data)
        assert emulator.process is not None
        assert emulator.process.pid is not None
        os.killpg(emulator.process.pid, 9)
        await emulator.process.ended()

    async with FirestoreEmulator.start(data=data, environment=ENVIRONMENT, every=HOUR) as emulator:
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", emulator.host)

        assert await _read("tock-local") == "kept"


async def test_one_that_runs_already_is_used_and_left_running(host: str) -> None:
    async with FirestoreEmulator.start(environment={"FIRESTORE_EMULATOR_HOST": host}) as emulator:
        assert emulator == FirestoreEmulator(host=host, process=None)

    async with FirestoreEmulator.start(environment={"FIRESTORE_EMULATOR_HOST": host}):
        pass


async def test_one_that_is_named_but_does_not_answer_is_an_error() -> None:
    nobody = f"127.0.0.1:{unused_port()}"

    with pytest.raises(FirestoreMissing, match=f"FIRESTORE_EMULATOR_HOST is {nobody}, but no emulator answers"):
        await FirestoreEmulator.start(environment={"FIRESTORE_EMULATOR_HOST": nobody}).__aenter__()


async def test_an_occupied_port_is_refused_although_something_answers_there(host: str) -> None:
    port = int(host.rpartition(":")[2])

    with pytest.raises(StartFailed, match=f"cannot listen on port {port}"):
        await FirestoreEmulator.start(port=port, environment=ENVIRONMENT).__aenter__()


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(FirestoreEmulator.start(environment=ENVIRONMENT)) as emulator,
    ):
        yield emulator.host


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def _write(project: str, *, text: str) -> None:
    await _client(project).document("notes/one").set({"text": text})


async def _read(project: str) -> str | None:
    found = await _client(project).document("notes/one").get()
    return found.get("text") if found.exists else None


def _client(project: str) -> AsyncClient:
    return AsyncClient(project=project, credentials=AnonymousCredentials())


async def _two_snapshots(data: Path) -> None:
    """Wait until two more have begun and ended: the second began after what was written before this call."""
    seen = _number(data)
    await until(lambda: _number(data) >= seen + 2)


def _number(data: Path) -> int:
    try:
        return int((data / "current").read_text())
    except FileNotFoundError:
        return 0


@pytest.mark.slow
async def test_a_port_that_another_process_takes_meanwhile_is_named_without_a_trace_of_java(tmp_path: Path) -> None:
    port = unused_port()
    began, may_go = tmp_path / "began", tmp_path / "may_go"
    wait = f"touch {began}; while [ ! -e {may_go} ]; do sleep 0.05; done"
    starting = asyncio.ensure_future(
        FirestoreEmulator.start(port=port, environment=_with_java(tmp_path, before=wait)).__aenter__()
    )
    await until(began.exists)

    with socket.create_server(("127.0.0.1", port)):
        may_go.touch()
        with pytest.raises(PortLost) as raised:
            await starting

    assert str(raised.value) == f"firestore did not start: another process took port {port} meanwhile. Start again."


async def test_an_emulator_that_cannot_start_fails_with_its_own_words(tmp_path: Path) -> None:
    options = {"JAVA_TOOL_OPTIONS": "-Xmx1k"}

    with pytest.raises(StartFailed, match=r"(?s)firestore did not start: it ended\. Its output:.*Too small"):
        await FirestoreEmulator.start(environment=_with_java(tmp_path, options=options)).__aenter__()


def _with_java(directory: Path, *, options: dict[str, str] | None = None, before: str = ":") -> dict[str, str]:
    """The environment with a Java that takes options, or runs a command before, only when it runs the emulator."""
    real = find_java(environment=ENVIRONMENT).path
    wrapper = directory / "bin" / "java"
    wrapper.parent.mkdir()
    settings = " ".join(f"{name}={value}" for name, value in (options or {}).items())
    wrapper.write_text(
        f'#!/bin/sh\n[ "$1" = -version ] && exec {real} -version\n{before}\nexec env {settings} {real} "$@"\n'
    )
    wrapper.chmod(0o755)
    return ENVIRONMENT | {"JAVA_HOME": str(directory)}
