"""The Firestore emulator of this machine: one that runs already, or one started for the occasion."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx

from tock.local.errors import FirestoreMissing, StartFailed
from tock.local.firestore.jar import MAIN_CLASS, cache, find_jar, needed_java
from tock.local.firestore.java import MINIMUM, find_java
from tock.local.firestore.release import PINNED
from tock.local.firestore.snapshots import Snapshots
from tock.local.ports import is_free, unused_port
from tock.local.process import Process

_NAME = "firestore"
_PATIENCE = timedelta(seconds=60)
#: One line an event; the emulator's INFO tells of each connection and each snapshot.
_FORMAT = "-Djava.util.logging.SimpleFormatter.format=%4$s: %5$s%6$s%n"
_CHATTER = "INFO: "
#: A price: the second compiler costs a start 40 % more processor time, and what it gains comes after minutes of load.
_QUICK = "-XX:TieredStopAtLevel=1"


@dataclass(frozen=True, slots=True)
class FirestoreEmulator:
    """A Firestore emulator that answers at `host` ("127.0.0.1:8080"); `process` is None when it is not ours."""

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
        """Give an emulator that answers, and stop it afterwards if it was started here.

        With `data`, the documents of `projects` (ids of Google projects) are kept in that directory: restored at the
        start, saved at the end and every so often between, so that a kill loses no more than the last few seconds.
        FIRESTORE_EMULATOR_HOST in the environment names one that runs already; that one keeps its data to itself.

        Raises:
            FirestoreMissing: there is no emulator and none could be had, or the one named does not answer.
            JavaMissing: there is no Java to run it.
            StartFailed: it ended or stayed silent; with its own output.
        """
        if named := environment.get("FIRESTORE_EMULATOR_HOST"):
            yield await _running(named, environment=environment)
            return
        process, host, answered = await _started(port, environment=environment, log=log)
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(process.stop)
            await process.start()
            await process.answers(lambda: answers(host), patience=_PATIENCE)
            answered.set()
            if data is not None:
                await stack.enter_async_context(_kept(data, host=host, projects=projects, every=every, log=log))
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
            reason=f"FIRESTORE_EMULATOR_HOST is {host}, but none answers there.",
            jar=cache(environment, home=Path.home()) / PINNED.name,
        )
    return FirestoreEmulator(host=host, process=None)


async def _started(
    port: int | None, *, environment: Mapping[str, str], log: Callable[[str, str], None]
) -> tuple[Process, str, asyncio.Event]:
    """The process, not started yet, the host:port it will answer at, and what to set once it does."""
    chosen = port or unused_port()
    if not is_free(chosen):
        raise StartFailed(_NAME, reason=f"cannot listen on port {chosen}, where something else does", output=())
    jar = await asyncio.to_thread(
        find_jar, environment=environment, home=Path.home(), progress=_by_tenths(lambda text: log(_NAME, text))
    )
    needed = max(MINIMUM, await asyncio.to_thread(needed_java, jar))
    java = await asyncio.to_thread(find_java, needed, environment=environment)
    answered = asyncio.Event()

    def hear(name: str, text: str) -> None:
        """Pass on what matters: the greeting stays in the process's tail, for a start that fails."""
        if answered.is_set() and text and not text.startswith(_CHATTER):
            log(name, text)

    command = [str(java.path), "-Duser.language=en", _QUICK, _FORMAT, "-cp", str(jar), MAIN_CLASS, "start"]
    process = Process(
        _NAME,
        command=[*command, "--host=127.0.0.1", f"--port={chosen}"],
        environment=environment,
        log=hear,
    )
    return process, f"127.0.0.1:{chosen}", answered


@asynccontextmanager
async def _kept(
    data: Path, *, host: str, projects: Sequence[str], every: timedelta, log: Callable[[str, str], None]
) -> AsyncIterator[None]:
    snapshots = Snapshots(data, host=host, projects=projects)
    try:
        await snapshots.restore()
    except httpx.HTTPError as exc:
        raise StartFailed(_NAME, reason=f"could not read its documents in {data}", output=[str(exc)]) from exc
    keeping = asyncio.create_task(snapshots.keep(every=every, log=lambda text: log(_NAME, text)))
    try:
        yield
    finally:
        keeping.cancel()
        await asyncio.wait([keeping])
        try:
            await snapshots.save()
        except (httpx.HTTPError, OSError) as exc:
            log(_NAME, f"could not save its documents at the end: {exc or type(exc).__name__}")


def _by_tenths(tell: Callable[[str], None]) -> Callable[[int, int], None]:
    """A listener to a download that tells of each tenth once."""
    told = -1

    def listen(done: int, total: int) -> None:
        nonlocal told
        tenth = 10 * done // total
        if tenth > told:
            told = tenth
            tell(f"downloading the Firestore emulator, {10 * tenth} % of {total >> 20} MiB")

    return listen
