"""Runs all of Tock on one machine: the emulators, the functions and the ticker, each as a process."""

import asyncio
import contextlib
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self

from tock.bootstrap.moved_clock import MovedClock
from tock.local.clock.advance import MovableStack
from tock.local.clock.clock_file import clock_of_start, go_on
from tock.local.data_folder import using
from tock.local.identity.token_issuer import TokenIssuer
from tock.local.port_reservations import PortReservations
from tock.local.process import Process
from tock.local.stack.agent_modules import require_importable
from tock.local.stack.components import Components
from tock.local.stack.directory_lock import directory_lock
from tock.local.stack.ending import Ending
from tock.local.stack.function_environment import require_valid
from tock.local.stack.ports import stack_ports
from tock.local.stack.settings import StackSettings
from tock.local.stack.stored_data import delete_data, has_data, undo_of_start

_STACK = "stack"


class Stack:
    """The stack, which runs while the context is entered; when it is left, every process has ended.

    The directory `data` stores everything, so a later stack continues with the same data; with `fresh`, the stored data
    is deleted first. `entry_module` is the file with the functions. `environment` is given to every function and
    overrides the stack's own variables. `path` are folders that the functions import from; a module there, or on
    PYTHONPATH, is imported anew once it was edited. `api_port` is the API's port; without it the stack takes
    `preferred_api_port` if that is free, or else chooses one. `log` is called with (component, line).

    With `at`, the stack has a clock that can be moved, which begins there once every component runs; it goes on with
    the machine's or, if it `stands`, not by itself. A stack that continues with the data of one keeps its clock. A
    start that fails leaves the clock of the stored data as it was, unless the functions ran and have seen the new time.

    If the context is entered in the main thread, the stack handles SIGINT and SIGTERM: during the start such a signal
    raises StartInterrupted, afterwards it ends `wait`.
    """

    def __init__(
        self,
        *,
        data: Path,
        entry_module: Path,
        log: Callable[[str, str], None],
        environment: Mapping[str, str] = MappingProxyType({}),
        period: timedelta = timedelta(minutes=1),
        fresh: bool = False,
        path: Sequence[Path] = (),
        api_port: int | None = None,
        preferred_api_port: int | None = None,
        at: datetime | None = None,
        stands: bool = False,
    ) -> None:
        #: The URL of each function, by its name.
        self.urls: Mapping[str, str] = {}
        #: The clock that can be moved; None for the machine's.
        self.clock: MovedClock | None = None
        self._settings = StackSettings(
            data=data.absolute(),
            entry_module=entry_module.absolute(),
            environment=dict(environment),
            path=tuple(path),
            period=period,
        )
        self._log = log
        self._fresh = fresh
        self._api_port, self._preferred_api_port = api_port, preferred_api_port
        self._at = at
        self._stands = stands
        self._components: Components | None = None
        self._exit_stack = contextlib.AsyncExitStack()
        self._ending: Ending | None = None

    async def __aenter__(self) -> Self:
        """Start every component; if one fails, stop those that had started.

        Raises:
            AlreadyRunning: another stack uses the data directory.
            DataUnusable: the data directory cannot be read or written.
            DataDamaged: the stored documents are damaged, and no snapshot of them is whole.
            ClockBackwards: the stored data has seen a time after `at`.
            ClockDamaged: the stored clock is none.
            WrongEnvironment: the functions would refuse a TOCK_ variable.
            ModulesNotImportable: a module that agents may name cannot be imported.
            PortTaken: another process listens on the API's port.
            StartInterrupted: SIGINT or SIGTERM came, or a component that had started ended.
            StartFailed, FirestoreMissing, JavaMissing: a component could not be started.
        """
        self._ending = Ending()
        try:
            self._ending.handle_signals(self._exit_stack)
            with using(self._settings.data):
                await self._ending.run(self._start(self._ending))
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop every component, in reverse order."""
        await self._stop()

    async def wait(self) -> str:
        """Wait until the stack ends, and return why: the signal that came, or the component that ended for good."""
        if self._ending is None:
            raise RuntimeError("the stack was not started")
        return await self._ending.wait()

    @property
    def firestore(self) -> str:
        """host:port of the Firestore emulator."""
        return "" if self._components is None else self._components.firestore

    @property
    def cloud_tasks(self) -> str:
        """host:port of the Cloud Tasks emulator."""
        return "" if self._components is None else self._components.cloud_tasks

    @property
    def processes(self) -> Mapping[str, Process]:
        """The running processes, by name; without a Firestore emulator that Tock did not start."""
        return {} if self._components is None else self._components.processes

    @property
    def queues(self) -> tuple[str, ...]:
        """The whole names of the queues."""
        return self._settings.queues

    @property
    def movable(self) -> MovableStack | None:
        """What moving the clock takes; None if this stack has the machine's."""
        if self.clock is None:
            return None
        return MovableStack(
            clock=str(self._settings.clock_file),
            identity=str(self._settings.data / "identity"),
            tick_url=self.urls["tick"],
            service_account=self._settings.service_account,
            cloud_tasks=self.cloud_tasks,
            queues=self.queues,
        )

    async def _start(self, ending: Ending) -> None:
        """Lock the directory, check the modules, and start Firestore, Cloud Tasks, the functions and the ticker."""
        settings = self._settings
        self._exit_stack.enter_context(directory_lock(settings.data))
        if self._fresh:
            await asyncio.to_thread(delete_data, settings.data)
        goes_on = has_data(settings.data)
        # What a start that fails takes back, once its processes have ended.
        undo = self._exit_stack.enter_context(contextlib.ExitStack())
        undo.callback(undo_of_start(settings.data))
        self.clock = clock_of_start(settings.clock_file, at=self._at, has_data=goes_on)
        environment = {**settings.process_environment, **settings.environment}
        await require_importable(settings.allowed_modules, folders=settings.path, environment=environment)
        ports = stack_ports(
            settings.data,
            api_port=self._api_port,
            preferred_api_port=self._preferred_api_port,
            reservations=self._exit_stack.enter_context(PortReservations()),
        )
        token_issuer = await asyncio.to_thread(TokenIssuer.load, settings.data / "identity", log=self._log_own)
        components = self._components = Components(
            settings,
            ports=ports,
            clock=self.clock,
            exit_stack=self._exit_stack,
            log=self._log,
            announce=self._log_info,
        )
        self.urls = components.urls
        require_valid({**os.environ, **components.function_environment(token_issuer.certificates)})
        await components.start_firestore(ending)
        await components.start_cloud_tasks()
        if goes_on:
            # From now on stored tasks may be delivered.
            undo.pop_all()
        await components.start_functions(components.function_environment(token_issuer.certificates))
        await components.start_ticker()
        undo.pop_all()
        if self.clock is not None and not self._stands:
            going_on = asyncio.create_task(go_on(settings.clock_file, self.clock))
            self._exit_stack.callback(going_on.cancel)
        self._log_info(f"Tock answers at {self.urls['api']}")

    def _log_own(self, text: str) -> None:
        self._log(_STACK, text)

    def _log_info(self, text: str) -> None:
        self._log_own(f"INFO {text}")

    async def _stop(self) -> None:
        if self._ending is not None:
            self._ending.forget_processes()
        await self._exit_stack.aclose()
        if self._components is not None:
            self._components.processes = {}
