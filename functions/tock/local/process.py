"""One supervised child process: its lines go to a log, its whole group dies with it, a crash is made good."""

import asyncio
import contextlib
import os
import signal
import sys
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from tock.local.errors import StartFailed, silence

#: Runs in the child before the command takes its place: it asks Linux for SIGTERM when the parent dies, however
#: the parent dies. Elsewhere the child outlives a parent that was killed with SIGKILL.
_LEASH = """
import os, signal, sys
if sys.platform == "linux":
    import ctypes
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)
if os.getppid() != int(sys.argv[1]):
    sys.exit("the parent died first")
os.execvp(sys.argv[2], sys.argv[2:])
"""

#: A limit: a longer line is cut into pieces.
_LONGEST_LINE = 1 << 18
_TAIL = 40
_POLL_SECONDS = 0.05
_DRAIN_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Restart:
    """How soon a process that died is started again: `first`, doubled each time up to `longest`."""

    first: timedelta = timedelta(milliseconds=200)
    longest: timedelta = timedelta(seconds=30)
    #: One that lived this long has recovered: the next death counts as the first.
    healthy: timedelta = timedelta(seconds=20)

    def delay(self, deaths: int) -> timedelta:
        """The wait before the next start, after this many deaths in a row (1 or more)."""
        doubled: timedelta = self.first * 2 ** min(deaths - 1, 30)
        return min(self.longest, doubled)


class Process:
    """A command in a session of its own, from `start` to `stop`.

    `log` gets (name, line) for each line of its standard output and error. With a `restart`, the process is
    started again whenever it ends by itself; what is left of its group is killed first.
    """

    def __init__(
        self,
        name: str,
        *,
        command: Sequence[str],
        environment: Mapping[str, str],
        log: Callable[[str, str], None],
        restart: Restart | None = None,
        grace: timedelta = timedelta(seconds=5),
    ) -> None:
        self.name = name
        self.restarts = 0
        self.tail: deque[str] = deque(maxlen=_TAIL)
        self._command = tuple(command)
        self._environment = dict(environment)
        self._log = log
        self._restart = restart
        self._grace = grace
        self._child: asyncio.subprocess.Process | None = None
        self._stopping = asyncio.Event()
        self._lines: asyncio.Task[None] | None = None
        self._supervision: asyncio.Task[int] | None = None

    @property
    def pid(self) -> int | None:
        """The id of the process, which is also that of its group; None while nothing runs."""
        return self._child.pid if self._child is not None and self._child.returncode is None else None

    async def start(self) -> None:
        """Start the command and its supervision. Raises OSError when nothing can be started."""
        await self._spawn()
        self._supervision = asyncio.create_task(self._supervise())

    async def answers(self, probe: Callable[[], Awaitable[bool]], *, patience: timedelta) -> None:
        """Return once the probe says True.

        Raises:
            StartFailed: the process died first, or `patience` ran out; with what the process said.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + patience.total_seconds()
        deaths = self.restarts
        while not await probe():
            if self.restarts > deaths or self._supervision is None or self._supervision.done():
                raise StartFailed(self.name, reason="ended", output=self.tail)
            if loop.time() > deadline:
                raise StartFailed(self.name, reason=silence(patience), output=self.tail)
            await asyncio.sleep(_POLL_SECONDS)

    async def ended(self) -> int:
        """Wait for the end of a process that is not started again: its exit code, negative for a signal."""
        if self._supervision is None:
            raise RuntimeError(f"{self.name} was not started")
        return await asyncio.shield(self._supervision)

    async def stop(self) -> None:
        """End it: SIGTERM to the process, and after the grace SIGKILL to its whole group. A second call waits too."""
        if self._supervision is None:
            return
        self._stopping.set()
        if self.pid is not None:
            _signal(self.pid, signal.SIGTERM, group=False)
        done, _ = await asyncio.wait([self._supervision], timeout=self._grace.total_seconds())
        if not done and self.pid is not None:
            self._log(self.name, f"did not stop within {self._grace.total_seconds():g} s and was killed")
            _signal(self.pid, signal.SIGKILL, group=True)
        await asyncio.shield(self._supervision)

    async def _supervise(self) -> int:
        """Outlive the process, and start it again as long as nobody asked for its end."""
        loop = asyncio.get_running_loop()
        deaths = 0
        while True:
            started = loop.time()
            code = await self._outlive()
            if self._stopping.is_set() or self._restart is None:
                return code
            healthy = loop.time() - started >= self._restart.healthy.total_seconds()
            deaths = 1 if healthy else deaths + 1
            delay = self._restart.delay(deaths).total_seconds()
            self.restarts += 1
            self._log(self.name, f"ended with {_meaning(code)}; starts again in {delay:g} s")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), timeout=delay)
            if self._stopping.is_set():
                return code
            await self._spawn()
            if self._stopping.is_set() and self.pid is not None:
                # A race: stop() came while the new process was being born, and saw none to end.
                _signal(self.pid, signal.SIGTERM, group=False)

    async def _spawn(self) -> None:
        ours, theirs = os.pipe()
        try:
            self._child = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", "-c", _LEASH, str(os.getpid()), *self._command),
                env=self._environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=theirs,
                stderr=theirs,
                start_new_session=True,
            )
        except BaseException:
            os.close(ours)
            raise
        finally:
            os.close(theirs)
        self._lines = asyncio.create_task(self._forward(ours))

    async def _outlive(self) -> int:
        """Wait for the process to end, then end its group and hear out its last lines; the exit code."""
        child, lines = self._child, self._lines
        if child is None or lines is None:
            raise RuntimeError(f"{self.name} was not started")
        code = await child.wait()
        _signal(child.pid, signal.SIGKILL, group=True)
        # A limit: a grandchild in a session of its own may hold the pipe open for ever.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(lines, timeout=_DRAIN_SECONDS)
        return code

    async def _forward(self, descriptor: int) -> None:
        reader = asyncio.StreamReader()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(descriptor, "rb", buffering=0)
        )
        try:
            rest = b""
            while chunk := await reader.read(_LONGEST_LINE):
                *lines, rest = (rest + chunk).split(b"\n")
                if len(rest) > _LONGEST_LINE:
                    lines, rest = [*lines, rest], b""
                for line in lines:
                    self._hear(line)
            if rest:
                self._hear(rest)
        finally:
            transport.close()

    def _hear(self, line: bytes) -> None:
        text = line.decode(errors="replace").rstrip()
        self.tail.append(text)
        self._log(self.name, text)


def _signal(pid: int, number: signal.Signals, *, group: bool) -> None:
    """Send the signal; a process or a group that is gone already needs none."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        (os.killpg if group else os.kill)(pid, number)


def _meaning(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name
