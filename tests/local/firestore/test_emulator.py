"""The Firestore emulator as `tock dev` starts it."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from anyio.from_thread import start_blocking_portal
from google.auth.credentials import AnonymousCredentials
from google.cloud.firestore import AsyncClient

from tock.local.errors import FirestoreMissing, StartFailed
from tock.local.firestore.emulator import FirestoreEmulator
from tock.local.firestore.java import find_java
from tock.local.firestore.snapshots import Snapshots
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


async def test_half_a_snapshot_counts_for_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", host)
    await _write("tock-half", text="whole")
    snapshots = Snapshots(tmp_path, host=host, projects=["tock-half"])
    await snapshots.save()
    (tmp_path / "2" / "tock-half").mkdir(parents=True)
    await _write("tock-half", text="since")

    assert await snapshots.restore() == 1
    assert await _read("tock-half") == "whole"

    await snapshots.save()
    assert sorted(os.listdir(tmp_path)) == ["2", "current"]  # noqa: PTH208 - a few names, at once


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


async def test_an_emulator_that_cannot_start_fails_with_its_own_words(tmp_path: Path) -> None:
    options = {"JAVA_TOOL_OPTIONS": "-Xmx1k"}

    with pytest.raises(StartFailed, match=r"(?s)firestore did not start: it ended\. Its output:.*Too small"):
        await FirestoreEmulator.start(environment=_with_java(tmp_path, options=options)).__aenter__()


def _with_java(directory: Path, *, options: dict[str, str]) -> dict[str, str]:
    """The environment with a Java that cannot be asked its release otherwise, and options for the emulator alone."""
    real = find_java(environment=ENVIRONMENT).path
    wrapper = directory / "bin" / "java"
    wrapper.parent.mkdir()
    settings = " ".join(f"{name}={value}" for name, value in options.items())
    wrapper.write_text(f'#!/bin/sh\n[ "$1" = -version ] && exec {real} -version\nexec env {settings} {real} "$@"\n')
    wrapper.chmod(0o755)
    return ENVIRONMENT | {"JAVA_HOME": str(directory)}
