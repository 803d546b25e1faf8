"""`tock.testing.stack`: all of Tock for a test, with a clock that the test moves."""

import importlib
import os
import secrets
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType, ModuleType

from anyio.from_thread import BlockingPortal, start_blocking_portal
from pydantic import TypeAdapter, ValidationError

from tock import packaged_files
from tock.bootstrap.moved_clock import MovedClock
from tock.client._sync.client import Client
from tock.core.errors import InvalidArgument
from tock.core.time.duration import Duration
from tock.core.time.instant import Instant
from tock.local.clock.advance import PATIENCE, Advance, MovableStack, advance
from tock.local.stack.agent_modules import allow_list
from tock.local.stack.function_environment import THIS_MACHINE
from tock.local.stack.session import PROJECT, Session, ensure, session
from tock.manifest.read import read_definitions
from tock.testing.import_folders import folders_of
from tock.web.resources.runs.run import RunResource
from tock.web.resources.triggers.proof import ProofResource


class Stack:
    """A running stack: its API, its clock, and what its triggers did."""

    def __init__(
        self, running: Session, *, movable: MovableStack, clock: MovedClock, portal: BlockingPortal, log: Sequence[str]
    ) -> None:
        self._movable = movable
        self._clock = clock
        self._portal = portal
        #: The URL of the API, and a client for the project of this stack.
        self.server = running.stack.urls["api"].rstrip("/")
        self.client = Client(self.server, project=PROJECT, key=running.access.admin_key or None)
        #: The lines of the log so far, each beginning with the name of the process that wrote it.
        self.log = log

    @property
    def now(self) -> datetime:
        """The time on the clock of the stack, UTC."""
        return self._clock.now()

    def advance(
        self, by: timedelta | str, *, skip: bool = False, patience: timedelta | str = PATIENCE
    ) -> list[RunResource]:
        """Move the clock forward, and return the runs whose fire time it passed, oldest first.

        The clock goes from minute to minute with a tick at each, and from delivery to delivery; it stands while runs
        are at work. With `skip` it goes to the end at once, as if no tick had come for so long, and ticks there: what
        was due meanwhile is a backlog. `by` is a length such as `2h` or a timedelta.

        Raises InvalidArgument, StillAtWork (a run did not end within `patience`, in real time), TickFailed.
        """
        moved = self._move(_length(by, field="by"), skip=skip, patience=_length(patience, field="patience"))
        return self.runs(since=moved.start + timedelta(microseconds=1), until=moved.end + timedelta(microseconds=1))

    def advance_to(
        self, instant: datetime | str, *, skip: bool = False, patience: timedelta | str = PATIENCE
    ) -> list[RunResource]:
        """Move the clock to an instant, as `advance` does. One that has passed is an InvalidArgument."""
        until = _instant(instant, field="instant")
        if until < self.now:
            raise InvalidArgument(
                field="instant", value=instant, remedy=f"it is {self.now.isoformat()}: give a later one"
            )
        return self.advance(until - self.now, skip=skip, patience=patience)

    def runs(
        self,
        trigger: str | None = None,
        *,
        since: datetime | str | None = None,
        until: datetime | str | None = None,
    ) -> list[RunResource]:
        """Return the runs of one trigger or of all, oldest fire time first: at or after `since`, before `until`.

        A run that was claimed and whose fire time has not come is one of them.
        """
        found = self.client.runs.list(trigger=trigger, since=since, until=until, page_size=100)
        return sorted(found, key=lambda run: (run.scheduled_for, run.trigger or "", run.id))

    def proof(self, trigger: str, *, since: datetime | str, until: datetime | str | None = None) -> ProofResource:
        """Return the proof of a trigger's occurrences from `since` to `until`, by default to now.

        `holds` says that each of them has fired, was skipped or missed for a reason, or is on its way.
        """
        return self.client.triggers.proof(trigger, since=since, until=self.now if until is None else until)

    def _move(self, by: timedelta, *, skip: bool, patience: timedelta) -> Advance:
        return self._portal.call(lambda: advance(self._movable, by=by, skip=skip, patience=patience))


@contextmanager
def stack(
    modules: str | ModuleType | Sequence[str | ModuleType],
    *,
    at: datetime | str,
    environment: Mapping[str, str] = MappingProxyType({}),
    log: Callable[[str, str], None] = lambda _name, _line: None,
) -> Iterator[Stack]:
    """Run all of Tock with the agents and triggers of these modules, until the block ends.

    Its clock stands at `at` (an aware time, or RFC 3339 text) and moves only by `advance`. The functions import from
    the folders from which this process does, and get the `TOCK_*` variables of `environment`. Everything that is
    stored is in a folder that is deleted when the block ends. Google's Firestore emulator is the one that `tock dev`
    finds; with FIRESTORE_EMULATOR_HOST a running one, where the stack has a Google Cloud project of its own, and which
    keeps the documents. `log` is called with each line and the process that wrote it. As a fixture of pytest:

        @pytest.fixture
        def tock_stack():
            with tock.testing.stack("acme.agents", at="2027-03-28T00:50:00Z") as stack:
                yield stack

    It takes some seconds to start. All processes end when the block ends, and on Linux also if this process is killed;
    the folder for temporary files then keeps `tock-…`.

    Raises InvalidArgument, DefinitionsRefused, LocalError.
    """
    names = _names(modules)
    folders = folders_of(importlib.import_module(name) for name in names)
    entries = read_definitions(names)
    lines: list[str] = []

    def keep(name: str, line: str) -> None:
        lines.append(f"{name} | {line}")
        log(name, line)

    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="tock-", ignore_cleanup_errors=True)))
        portal = opened.enter_context(start_blocking_portal())
        running = opened.enter_context(
            portal.wrap_async_context_manager(
                session(
                    data=folder,
                    entry_module=packaged_files.entry_module(),
                    log=keep,
                    environment=_environment(names, given=environment, folder=folder),
                    path=folders,
                    at=_instant(at, field="at"),
                    stands=True,
                )
            )
        )
        clock, movable = running.stack.clock, running.stack.movable
        if clock is None or movable is None:
            raise RuntimeError("the stack has no clock that can be moved")
        made = Stack(running, movable=movable, clock=clock, portal=portal, log=lines)
        opened.callback(made.client.close)
        for entry in entries:
            portal.call(ensure, running.api, f"/{entry.kind}s", {"id": entry.id, **entry.fields})
        yield made


def _names(modules: str | ModuleType | Sequence[str | ModuleType]) -> list[str]:
    given = [modules] if isinstance(modules, str | ModuleType) else list(modules)
    names = [each.__name__ if isinstance(each, ModuleType) else each for each in given]
    if not names:
        raise InvalidArgument(field="modules", value=modules, remedy="name at least one module, such as 'acme.agents'")
    return names


def _environment(names: Sequence[str], *, given: Mapping[str, str], folder: Path) -> dict[str, str]:
    modules = allow_list("TOCK_PYTHON_MODULES", given).allowing(*names)
    hosts = allow_list("TOCK_ALLOWED_HOSTS", given).allowing(*THIS_MACHINE)
    shared = os.environ.get("FIRESTORE_EMULATOR_HOST") or given.get("FIRESTORE_EMULATOR_HOST")
    own_project = {"GOOGLE_CLOUD_PROJECT": f"tock-test-{secrets.token_hex(8)}"} if shared else {}
    return {
        "TOCK_WORKSPACE_FOLDER": str(folder / "workspaces"),
        **own_project,
        **given,
        # Nobody else reaches this stack, and the test has no key.
        "TOCK_ADMIN_KEY_HASH": "",
        "TOCK_PYTHON_MODULES": modules.text,
        "TOCK_ALLOWED_HOSTS": hosts.text,
    }


def _length(value: timedelta | str, *, field: str) -> timedelta:
    try:
        length: timedelta = TypeAdapter(Duration).validate_python(value)
    except ValidationError as exc:
        raise InvalidArgument(field=field, value=value, remedy=exc.errors()[0]["msg"]) from exc
    return length


def _instant(value: datetime | str, *, field: str) -> datetime:
    try:
        instant: datetime = TypeAdapter(Instant).validate_python(value)
    except ValidationError as exc:
        raise InvalidArgument(field=field, value=value, remedy=exc.errors()[0]["msg"]) from exc
    return instant
