"""The local stack: it answers, restarts what ends, keeps its data, and leaves no process."""

import asyncio
import json
import os
import signal
import sys
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud.firestore import AsyncClient

from tock.local.errors import AlreadyRunning, LocalError, StartFailed
from tock.local.stack.queues import create_queue
from tock.local.stack.stack import Stack
from waiting import TIMEOUT, until

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(sys.platform != "linux", reason="the processes left are looked for in /proc"),
]

HERE = Path(__file__).parent
SOURCE = HERE / "stack_functions.py"
FUNCTIONS = ["tick", "run", "trigger", "retry", "api"]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def mark(monkeypatch: pytest.MonkeyPatch) -> str:
    """A word in the environment of every process that the test starts, and of their children."""
    word = f"tock-test-{uuid.uuid4()}"
    monkeypatch.setenv("TOCK_TEST_MARK", word)
    monkeypatch.delenv("FIRESTORE_EMULATOR_HOST", raising=False)
    return word


async def test_a_stack_answers_heals_and_is_alone(tmp_path: Path, mark: str) -> None:
    lines: list[tuple[str, str]] = []
    data = tmp_path / "tock"
    settings: dict[str, Any] = {"data": data, "entry_module": SOURCE, "period": timedelta(seconds=1)}

    async with (
        Stack(**settings, environment={"EXTRA": "yes"}, log=lambda *line: lines.append(line)) as stack,
        httpx.AsyncClient(timeout=30) as client,
    ):
        assert list(stack.urls) == FUNCTIONS
        assert list(stack.processes) == ["firestore", "cloud_tasks", *FUNCTIONS, "ticker"]

        found = (await client.get(stack.urls["run"])).json()
        assert {name: found["environment"].get(name) for name in ENVIRONMENT} | {"TOCK_CERTIFICATES": None} == {
            **ENVIRONMENT,
            "FIRESTORE_EMULATOR_HOST": stack.firestore,
            "CLOUD_TASKS_EMULATOR_HOST": stack.cloud_tasks,
            "TOCK_RUN_URL": stack.urls["run"],
            "TOCK_RUN_AUDIENCE": stack.urls["run"],
            "TOCK_TICK_URL": stack.urls["tick"],
            "TOCK_TICK_AUDIENCE": stack.urls["tick"],
        }
        assert Path(found["environment"]["TOCK_CERTIFICATES"]).is_relative_to(data)
        assert found["environment"]["TOCK_API_URL"] == stack.urls["api"]
        assert found["environment"]["TOCK_RUN_TOKEN_KEY"] == (data / "identity" / "run-tokens.key").read_text()

        await until(lambda: any(name == "ticker" and '"message": "ticked"' in text for name, text in lines))
        await create_queue(stack.cloud_tasks, project="tock-local", location="local", queue="runs")

        with pytest.raises(AlreadyRunning, match=f"as process {os.getpid()}"):
            await Stack(**settings, log=lambda *_: None).__aenter__()

        killed = stack.processes["run"].pid
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        await until(lambda: stack.processes["run"].pid not in {None, killed})
        assert (await _answered(client, stack.urls["run"])).json()["pid"] != found["pid"]
        assert not _alive(found["pid"])

    await until(lambda: _with(mark) == [os.getpid()] or not _with(mark))


@pytest.mark.slow
async def test_an_interrupted_stack_leaves_no_process_and_its_successor_finds_all_again(
    tmp_path: Path, mark: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with _program(tmp_path / "tock") as (first, said):
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", said["firestore"])
        note = AsyncClient(project="tock-local", credentials=AnonymousCredentials()).document("notes/one")
        await note.set({"text": "kept"})
        monkeypatch.delenv("FIRESTORE_EMULATOR_HOST")

        first.send_signal(signal.SIGINT)

        assert (await _last(first)) == {"ended": "SIGINT"}
        await until(lambda: not _with(mark))

    async with _program(tmp_path / "tock") as (second, again):
        assert again == said
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", again["firestore"])
        note = AsyncClient(project="tock-local", credentials=AnonymousCredentials()).document("notes/one")
        assert (await note.get()).to_dict() == {"text": "kept"}
        assert len(_with(mark)) > len(FUNCTIONS)

        second.kill()
        await second.wait()

        await until(lambda: not _with(mark))


async def test_a_signal_during_the_start_breaks_it_off(tmp_path: Path, mark: str) -> None:
    run = await _started(tmp_path / "tock", entry_module=SOURCE)
    await _line(run, lambda event: "firestore answers" in event.get("log", ""))

    run.send_signal(signal.SIGTERM)

    assert "interrupted: SIGTERM" in (await _last(run))["error"]
    await until(lambda: not _with(mark))


@pytest.mark.slow
async def test_functions_that_cannot_be_loaded_fail_a_fresh_start_and_all_stops(tmp_path: Path, mark: str) -> None:
    broken = tmp_path / "main.py"
    broken.write_text("raise RuntimeError('no such agent')\n")

    data = tmp_path / "tock"
    metadata = "firestore/7/tock-local/documents/documents.overall_export_metadata"
    for path, unreadable in {
        metadata: "?",
        "firestore/current": "7",
        "cloud_tasks.sqlite": "?",
        "identity/old": "",
    }.items():
        (data / path).parent.mkdir(parents=True, exist_ok=True)
        (data / path).write_text(unreadable)

    with pytest.raises(StartFailed, match="no such agent") as raised:
        await Stack(data=data, entry_module=broken, fresh=True, log=lambda *_: None).__aenter__()

    assert isinstance(raised.value, LocalError)
    assert (data / "identity" / "old").exists()
    await until(lambda: not [pid for pid in _with(mark) if pid != os.getpid()])


#: What every function finds; the empty ones are filled in with the stack's own.
ENVIRONMENT = {
    "GOOGLE_CLOUD_PROJECT": "tock-local",
    "FIRESTORE_EMULATOR_HOST": "",
    "CLOUD_TASKS_EMULATOR_HOST": "",
    "TOCK_LOCATION": "local",
    "TOCK_QUEUES": "runs",
    "TOCK_TICK_QUEUE": "ticks",
    "TOCK_RUN_URL": "",
    "TOCK_RUN_AUDIENCE": "",
    "TOCK_TICK_URL": "",
    "TOCK_TICK_AUDIENCE": "",
    "TOCK_SERVICE_ACCOUNT": "tock@tock-local.iam.gserviceaccount.com",
    "TOCK_CERTIFICATES": None,
    "EXTRA": "yes",
}


@asynccontextmanager
async def _program(data: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, dict[str, Any]]]:
    """A process that holds a stack which answers, and what it said of it."""
    run = await _started(data, entry_module=SOURCE)
    try:
        yield run, await _line(run, lambda event: "urls" in event)
    finally:
        if run.returncode is None:
            run.kill()
            await run.communicate()


async def _started(data: Path, *, entry_module: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, str(HERE / "stack_program.py"), str(data), str(entry_module)),
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )


async def _line(run: asyncio.subprocess.Process, matches: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    assert run.stdout is not None
    heard = []
    async with asyncio.timeout(TIMEOUT):
        while line := await run.stdout.readline():
            heard.append(json.loads(line))
            if matches(heard[-1]):
                return dict(heard[-1])
    raise AssertionError(heard)


async def _last(run: asyncio.subprocess.Process) -> dict[str, Any]:
    """What it said in the end, the log aside."""
    said, _ = await asyncio.wait_for(run.communicate(), timeout=TIMEOUT)
    return dict([event for event in map(json.loads, said.splitlines()) if "log" not in event][-1])


async def _answered(client: httpx.AsyncClient, url: str) -> httpx.Response:
    async with asyncio.timeout(TIMEOUT):
        while True:
            try:
                return await client.get(url)
            except httpx.TransportError:
                await asyncio.sleep(0.05)


def _with(mark: str) -> list[int]:
    """The processes whose environment had the word when they began."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _alive(int(entry.name)):
            try:
                if mark.encode() in (entry / "environ").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def _alive(pid: int) -> bool:
    """Whether the process runs; one that waits for its parent to notice its end (Z) does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
