"""One Firestore emulator for all workers of a test session: the first worker that needs it starts it and stops it.

1. While it holds the guard, a worker finds the address of the running emulator, or starts one and writes the address.
2. Every worker holds a shared lock on the address for as long as it uses the emulator.
3. The worker that started the emulator stops it once it gets an exclusive lock on the address. It holds the guard
   meanwhile, so that no other worker starts to use the emulator.
"""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from anyio.from_thread import start_blocking_portal

from tock.local.firestore.emulator import FirestoreEmulator

_PAUSE = 0.05


@contextlib.contextmanager
def shared_firestore(base: Path) -> Iterator[str]:
    """Give the host:port of the emulator; `base` is the temporary directory of this worker."""
    directory = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    with contextlib.ExitStack() as stack:
        use = stack.enter_context((directory / "firestore.use").open("a"))
        guard = stack.enter_context((directory / "firestore.guard").open("a"))
        address = directory / "firestore.address"
        with _locked(guard.fileno()):
            if not address.exists():
                portal = stack.enter_context(start_blocking_portal())
                emulator = stack.enter_context(portal.wrap_async_context_manager(FirestoreEmulator.start()))
                address.write_text(emulator.host)
                stack.callback(_wait_until_unused, address, use=use.fileno(), guard=guard.fileno())
            fcntl.flock(use, fcntl.LOCK_SH)
        yield address.read_text()
        fcntl.flock(use, fcntl.LOCK_UN)


def _wait_until_unused(address: Path, *, use: int, guard: int) -> None:
    while True:
        with _locked(guard):
            try:
                fcntl.flock(use, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass
            else:
                address.unlink()
                return
        time.sleep(_PAUSE)


@contextlib.contextmanager
def _locked(descriptor: int) -> Iterator[None]:
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
