"""Supervises a child process: logs its output, kills its whole group when it ends, and restarts it after a crash."""

import asyncio
import contextlib
import os
import signal
import sys
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from tock.local.errors import StartFailed, no_answer

#: Runs in the child, which then executes the command. On Linux it makes the kernel send the child SIGTERM when the
#: parent dies, however it dies. On other systems the child goes on after its parent was killed with SIGKILL.
_LAUNCHER = """
import os, signal, sys
if sys.platform == "linux":
    import ctypes
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)
if os.getppid() != int(sys.argv[1]):
    sys.exit("the parent died first")
os.execvp(sys.argv[2], sys.argv[2:])
"""

#: A longer line, in bytes, is split.
_LONGEST_LINE = 1 << 18
#: How many lines of output are kept for the message of a failed start.
_LAST_LINES = 40
_POLL_SECONDS = 0.05
_DRAIN_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Restart:
    """How long to wait before a process that died is restarted: `first`, doubled each time up to `longest`."""

    first: timedelta = timedelta(milliseconds=200)
    longest: timedelta = timedelta(seconds=30)
    #: A process that ran this long counts as healthy: its next death counts as the first again.
    healthy: timedelta = timedelta(seconds=20)

    def delay(self, deaths: int) -> timedelta:
        """Return the wait before the next start, after this many deaths in a row (1 or more)."""
        doubled: timedelta = self.first * 2 ** min(deaths - 1, 30)
        return min(self.longest, doubled)


class Process:
    """A command that runs in a session of its own from `start` to `stop`.

    `log` is called with (name, line) for each line of its standard output and error. With a `restart`, the command is
    started again whenever it ends by itself; the rest of its process group is killed first.
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
        self.last_lines: deque[str] = deque(maxlen=_LAST_LINES)
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
        """The process's id, which is also its group's id; None while it does not run."""
        return self._child.pid if self._child is not None and self._child.returncode is None else None

    async def start(self) -> None:
        """Start the command and its supervision. Raises OSError if no process can be started."""
        await self._spawn()
        self._supervision = asyncio.create_task(self._supervise())

    async def answers(self, probe: Callable[[], Awaitable[bool]], *, timeout: timedelta) -> None:  # noqa: ASYNC109 - its error names it
        """Return once the probe returns True.

        Raises:
            StartFailed: the process ended first, or `timeout` passed; the message contains its last lines of output.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout.total_seconds()
        deaths = self.restarts
        while True:
            answered = await probe()
            # A race: what answered may be another process that got the port, so the end of this one counts first.
            if self.restarts > deaths or self._supervision is None or self._supervision.done():
                raise StartFailed(self.name, reason="ended", output=self.last_lines)
            if answered:
                return
            if loop.time() > deadline:
                raise StartFailed(self.name, reason=no_answer(timeout), output=self.last_lines)
            await asyncio.sleep(_POLL_SECONDS)

    async def ended(self) -> int:
        """Wait until the process has ended for good, and return its exit code, which is negative for a signal."""
        if self._supervision is None:
            raise RuntimeError(f"{self.name} was not started")
        return await asyncio.shield(self._supervision)

    async def stop(self) -> None:
        """Send SIGTERM to the process, SIGKILL to its whole group after `grace`, and wait. A second call waits too."""
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
        """Wait for the process to end; with a `restart`, restart it until `stop` is called. Return the exit code."""
        loop = asyncio.get_running_loop()
        deaths = 0
        while True:
            started = loop.time()
            code = await self._wait_for_end()
            if self._stopping.is_set() or self._restart is None:
                return code
            healthy = loop.time() - started >= self._restart.healthy.total_seconds()
            deaths = 1 if healthy else deaths + 1
            delay = self._restart.delay(deaths).total_seconds()
            self.restarts += 1
            self._log(self.name, f"ended with {_exit_text(code)}; starts again in {delay:g} s")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), timeout=delay)
            if self._stopping.is_set():
                return code
            await self._spawn()
            if self._stopping.is_set() and self.pid is not None:
                # A race: stop() was called while the new process was being started, and found no process to end.
                _signal(self.pid, signal.SIGTERM, group=False)

    async def _spawn(self) -> None:
        ours, theirs = os.pipe()
        try:
            self._child = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", "-c", _LAUNCHER, str(os.getpid()), *self._command),
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

    async def _wait_for_end(self) -> int:
        """Wait until the process has ended, kill its group, read the rest of its output, and return its exit code."""
        child, lines = self._child, self._lines
        if child is None or lines is None:
            raise RuntimeError(f"{self.name} was not started")
        code = await child.wait()
        _signal(child.pid, signal.SIGKILL, group=True)
        # Wait 2 s at most: a grandchild in a session of its own may keep the pipe open for ever.
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
                    self._record_line(line)
            if rest:
                self._record_line(rest)
        finally:
            transport.close()

    def _record_line(self, line: bytes) -> None:
        text = line.decode(errors="replace").rstrip()
        self.last_lines.append(text)
        self._log(self.name, text)


def _signal(pid: int, number: signal.Signals, *, group: bool) -> None:
    """Send the signal, unless the process or group has ended already."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        (os.killpg if group else os.kill)(pid, number)


def _exit_text(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name
