"""Keeps the process of one attempt: starts the worker, and outlives it, so that nothing which it started can."""

import contextlib
import ctypes
import os
import resource
import signal
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from tock.executors.kept_process.subreaper import become_subreaper, end_descendants

#: The number of PR_SET_PDEATHSIG in Linux's prctl(2).
_PARENT_DEATH_SIGNAL = 1
#: Kill the worker and everything it has started, at once.
KILL = signal.SIGUSR1
_SIGNALS = (signal.SIGTERM, signal.SIGCHLD, KILL)


def keep(
    work: Callable[[], None],
    *,
    parent: int,
    descriptors: Sequence[int],
    stop: Callable[[int, signal.Signals], None] = os.kill,
) -> None:
    """Run `work` in a process of its own, and leave no process behind; the worker returns, the keeper never does.

    `parent` is the process that started this one. `descriptors` belong to the worker alone. `stop` passes SIGTERM on,
    given the worker's id: to its process or to its group.

    1. Make sure that this process hears of its parent's end.
    2. Fork the worker, in a session of its own.
    3. Pass SIGTERM on to the worker; kill it at SIGUSR1, which also comes when the parent ends.
    4. When the worker has ended, kill what it has left behind.
    5. End as the worker did: by the same signal or with the same exit code.
    """
    signal.signal(signal.SIGCHLD, lambda *_: None)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    _hear_of_the_end_of(parent, by=KILL)
    become_subreaper()
    keeper = os.getpid()
    worker = os.fork()
    if worker == 0:
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        _hear_of_the_end_of(keeper, by=signal.SIGKILL)
        work()
        return
    for descriptor in descriptors:
        os.close(descriptor)
    status = _status_at_the_end_of(worker, stop=stop)
    _end_the_rest(worker)
    _end_with(status)


def _hear_of_the_end_of(parent: int, *, by: signal.Signals) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PARENT_DEATH_SIGNAL, by)
    if os.getppid() != parent:  # a race: the parent ended before the call above
        os._exit(1)


def _status_at_the_end_of(worker: int, *, stop: Callable[[int, signal.Signals], None]) -> int:
    while True:
        match signal.sigwait(_SIGNALS):
            case signal.SIGTERM:
                with contextlib.suppress(ProcessLookupError):  # a race: the worker has not called setsid() yet
                    stop(worker, signal.SIGTERM)
            case signal.SIGCHLD:
                while (ended := os.waitpid(-1, os.WNOHANG))[0] != 0:
                    if ended[0] == worker:
                        return ended[1]
            case _:
                os.kill(worker, signal.SIGKILL)


def _end_the_rest(worker: int) -> None:
    if sys.platform == "linux":
        end_descendants()
    else:  # without a subreaper only the worker's own group can be found
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(worker, signal.SIGKILL)


def _end_with(status: int) -> NoReturn:
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # the worker has dumped its core, if it should
        if -code != signal.SIGKILL:
            signal.signal(-code, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {-code})
        os.kill(os.getpid(), -code)
    os._exit(code)
