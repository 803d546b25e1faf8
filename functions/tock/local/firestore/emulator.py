"""Starts the Firestore emulator, or uses one that already runs."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx

from tock.local.errors import FirestoreMissing, PortLost, StartFailed
from tock.local.firestore.emulator_log import EmulatorLog
from tock.local.firestore.export_api import ExportFailed
from tock.local.firestore.jar import MAIN_CLASS, cache, find_jar, needed_java
from tock.local.firestore.java import MINIMUM, find_java
from tock.local.firestore.release import PINNED
from tock.local.firestore.saver import Saver
from tock.local.firestore.snapshots import Snapshots
from tock.local.process import Process
from tock.local.tcp_ports import is_free, unused_port

_NAME = "firestore"
_TIMEOUT = timedelta(seconds=60)
#: Makes the emulator log one line per event.
_FORMAT = "-Djava.util.logging.SimpleFormatter.format=%4$s: %5$s%6$s%n"
#: Disables Java's second compiler, which costs 40 % more CPU time at the start and pays off only after minutes of load.
_QUICK = "-XX:TieredStopAtLevel=1"


@dataclass(frozen=True, slots=True)
class FirestoreEmulator:
    """A Firestore emulator at `host` ("127.0.0.1:8080"); `process` is None if Tock did not start it."""

    host: str
    process: Process | None

    @staticmethod
    @asynccontextmanager
    async def start(
        *,
        data: Path | None = None,
        projects: Sequence[str] = ("tock-local",),
        port: int | None = None,
        environment: Mapping[str, str] = os.environ,
        log: Callable[[str, str], None] = lambda _name, _text: None,
        every: timedelta = timedelta(seconds=5),
    ) -> "AsyncIterator[FirestoreEmulator]":
        """Start an emulator, yield it once it answers, and stop it when the context is left.

        With `data`, the documents of `projects` (ids of Google Cloud projects) are stored in that directory: they are
        restored at the start, and saved periodically (`every`) and at the end, so that a kill loses only the last few
        seconds. If FIRESTORE_EMULATOR_HOST in the environment names a running emulator, that one is used: it is neither
        stopped nor are its documents stored.

        Raises:
            FirestoreMissing: there is no emulator and none could be downloaded, or the named one does not answer.
            JavaMissing: there is no Java to run it.
            StartFailed: the emulator ended or did not answer in time; the message contains its output.
            DataDamaged: documents were stored, but no snapshot is whole.
            OSError: `data` cannot be read or written.
        """
        if named := environment.get("FIRESTORE_EMULATOR_HOST"):
            yield await _running(named, environment=environment)
            return
        process, host, answered = await _started(port, environment=environment, log=log)
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(process.stop)
            await process.start()
            await _until_it_answers(process, host=host)
            answered.set()
            if data is not None:
                await stack.enter_async_context(_persisted(data, host=host, projects=projects, every=every, log=log))
            yield FirestoreEmulator(host=host, process=process)


async def answers(host: str) -> bool:
    """Whether a Firestore emulator answers at this host:port."""
    try:
        async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
            answer = await client.get(f"http://{host}/")
    except (httpx.HTTPError, httpx.InvalidURL):
        return False
    return answer.status_code == httpx.codes.OK and answer.text.strip() == "Ok"


async def _running(host: str, *, environment: Mapping[str, str]) -> FirestoreEmulator:
    if not await answers(host):
        raise FirestoreMissing(
            reason=f"FIRESTORE_EMULATOR_HOST is {host}, but no emulator answers there.",
            jar=cache(environment, home=Path.home()) / PINNED.name,
        )
    return FirestoreEmulator(host=host, process=None)


async def _started(
    port: int | None, *, environment: Mapping[str, str], log: Callable[[str, str], None]
) -> tuple[Process, str, asyncio.Event]:
    """Return the process, not started yet, its future host:port, and an event to set once it answers."""
    chosen = port or unused_port()
    if not is_free(chosen):
        raise StartFailed(_NAME, reason=f"cannot listen on port {chosen}: another process does", output=())
    jar = await asyncio.to_thread(
        find_jar, environment=environment, home=Path.home(), progress=_log_tenths(lambda text: log(_NAME, text))
    )
    needed = max(MINIMUM, await asyncio.to_thread(needed_java, jar))
    java = await asyncio.to_thread(find_java, needed, environment=environment)
    answered = asyncio.Event()
    warnings = EmulatorLog(log)

    def log_warnings(name: str, text: str) -> None:
        """Log the warnings after the start; if the start fails, the error contains the earlier lines."""
        if answered.is_set():
            warnings(name, text)

    command = [str(java.path), "-Duser.language=en", _QUICK, _FORMAT, "-cp", str(jar), MAIN_CLASS, "start"]
    process = Process(
        _NAME,
        command=[*command, "--host=127.0.0.1", f"--port={chosen}"],
        environment=environment,
        log=log_warnings,
    )
    return process, f"127.0.0.1:{chosen}", answered


async def _until_it_answers(process: Process, *, host: str) -> None:
    """Return once the emulator answers. Raises StartFailed, or PortLost if another process got its port."""
    try:
        await process.answers(lambda: answers(host), timeout=_TIMEOUT)
    except StartFailed as exc:
        port = int(host.rpartition(":")[2])
        if process.pid is None and not is_free(port):
            raise PortLost(_NAME, port=port) from exc
        raise


@asynccontextmanager
async def _persisted(
    data: Path, *, host: str, projects: Sequence[str], every: timedelta, log: Callable[[str, str], None]
) -> AsyncIterator[None]:
    """Restore the documents, then save them every so often and when the context is left."""
    snapshots = Snapshots(data, host=host, projects=projects, log=lambda text: log(_NAME, text))
    try:
        await snapshots.restore()
    except ExportFailed as exc:
        raise StartFailed(_NAME, reason=f"could not read its documents in {data}", output=[str(exc)]) from exc
    saver = Saver(snapshots, log=lambda text: log(_NAME, text))
    saving = asyncio.create_task(saver.run(every=every))
    try:
        yield
    finally:
        saving.cancel()
        await asyncio.wait([saving])
        await saver.finish()
        if not saving.cancelled():
            saving.result()


def _log_tenths(log: Callable[[str], None]) -> Callable[[int, int], None]:
    """Return a progress callback that logs each tenth of the download once."""
    logged = -1

    def progress(done: int, total: int) -> None:
        nonlocal logged
        tenth = 10 * done // total
        if tenth > logged:
            logged = tenth
            log(f"downloading the Firestore emulator, {10 * tenth} % of {total >> 20} MiB")

    return progress
