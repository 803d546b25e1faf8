"""Runs all of Tock on one machine: the emulators, the functions and the ticker, each as a process."""

import asyncio
import contextlib
import functools
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self

from tock.bootstrap.moved_clock import MovedClock
from tock.bootstrap.system_clock import SystemClock
from tock.local.clock.advance import MovableStack
from tock.local.clock.clock_file import CLOCK_FILE, clock_of_start, go_on
from tock.local.data_folder import using
from tock.local.firestore.emulator import FirestoreEmulator
from tock.local.identity.run_token_key import run_token_key
from tock.local.identity.token_issuer import TokenIssuer
from tock.local.port_reservations import PortReservations
from tock.local.process import Process, Restart
from tock.local.stack.agent_modules import allow_list, require_importable
from tock.local.stack.commands import cloud_tasks_command, function_command, ticker_command
from tock.local.stack.directory_lock import directory_lock
from tock.local.stack.ending import Ending
from tock.local.stack.function_environment import (
    FUNCTIONS,
    GOOGLE_PROJECT,
    LOCATION,
    QUEUE,
    TICK_QUEUE,
    function_environment,
    process_environment,
    require_valid,
    source_folders,
)
from tock.local.stack.ports import stack_ports
from tock.local.stack.probe import listens, serves
from tock.local.stack.queues import create_queue
from tock.local.stack.stored_data import delete_data, has_data, undo_of_start

_TIMEOUT = timedelta(seconds=60)
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
        #: host:port of the Firestore emulator.
        self.firestore = ""
        #: host:port of the Cloud Tasks emulator.
        self.cloud_tasks = ""
        #: The running processes, by name; without a Firestore emulator that Tock did not start.
        self.processes: Mapping[str, Process] = {}
        #: The clock that can be moved; None for the machine's.
        self.clock: MovedClock | None = None
        self._data = data.absolute()
        self._entry_module = entry_module.absolute()
        self._log = log
        self._extras = dict(environment)
        self._period = period
        self._fresh = fresh
        self._path = tuple(path)
        self._api_port, self._preferred_api_port = api_port, preferred_api_port
        self._at = at
        self._stands = stands
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
            with using(self._data):
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

    async def _start(self, ending: Ending) -> None:
        """Lock the directory, check the modules, and start Firestore, Cloud Tasks, the functions and the ticker."""
        self._exit_stack.enter_context(directory_lock(self._data))
        if self._fresh:
            await asyncio.to_thread(delete_data, self._data)
        goes_on = has_data(self._data)
        # What a start that fails takes back, once its processes have ended.
        undo = self._exit_stack.enter_context(contextlib.ExitStack())
        undo.callback(undo_of_start(self._data))
        self.clock = clock_of_start(self._data / CLOCK_FILE, at=self._at, has_data=goes_on)
        environment = {**process_environment(self._path), **self._extras}
        await require_importable(self._allowed_modules, folders=self._path, environment=environment)
        reservations = self._exit_stack.enter_context(PortReservations())
        ports = stack_ports(
            self._data,
            api_port=self._api_port,
            preferred_api_port=self._preferred_api_port,
            reservations=reservations,
        )
        token_issuer = await asyncio.to_thread(TokenIssuer.load, self._data / "identity", log=self._log_own)
        self.firestore, self.cloud_tasks = (f"127.0.0.1:{ports[name]}" for name in ("firestore", "cloud_tasks"))
        self.urls = {name: f"http://127.0.0.1:{ports[name]}/" for name in FUNCTIONS}
        require_valid({**os.environ, **self._function_environment(token_issuer.certificates)})
        await self._start_firestore(ports["firestore"], ending=ending)
        await self._start_cloud_tasks(ports["cloud_tasks"])
        if goes_on:
            # From now on stored tasks may be delivered.
            undo.pop_all()
        await self._start_functions(ports, environment=self._function_environment(token_issuer.certificates))
        await self._start_ticker()
        undo.pop_all()
        if self.clock is not None and not self._stands:
            going_on = asyncio.create_task(go_on(self._data / CLOCK_FILE, self.clock))
            self._exit_stack.callback(going_on.cancel)
        self._log_info(f"Tock answers at {self.urls['api']}")

    def _log_own(self, text: str) -> None:
        self._log(_STACK, text)

    def _log_info(self, text: str) -> None:
        self._log_own(f"INFO {text}")

    async def _start_firestore(self, port: int, *, ending: Ending) -> None:
        emulator = await self._exit_stack.enter_async_context(
            FirestoreEmulator.start(
                data=self._data / "firestore",
                projects=(self._project,),
                port=port,
                environment={**os.environ, **self._extras},
                log=self._log,
            )
        )
        self.firestore = emulator.host
        self._log_info(f"firestore answers at {self.firestore}")
        if emulator.process is not None:
            self.processes = {**self.processes, emulator.process.name: emulator.process}
            ending.watch(emulator.process)

    async def _start_cloud_tasks(self, port: int) -> None:
        process = self._process(
            "cloud_tasks",
            command=cloud_tasks_command(port=port, data=self._data, clock=self._clock_file),
        )
        self._exit_stack.push_async_callback(process.stop)
        await process.start()
        await process.answers(functools.partial(listens, port), timeout=_TIMEOUT)
        for queue in (QUEUE, TICK_QUEUE):
            await create_queue(self.cloud_tasks, project=self._project, location=LOCATION, queue=queue)
        self._log_info(f"cloud_tasks answers at {self.cloud_tasks}")

    def _function_environment(self, certificates: Path) -> dict[str, str]:
        own = function_environment(
            firestore=self.firestore,
            cloud_tasks=self.cloud_tasks,
            urls=self.urls,
            service_account=self._service_account,
            certificates=certificates,
            started=(self.clock or SystemClock()).now(),
            clock=self._clock_file,
        )
        own |= source_folders(self._path)
        return {**own, "TOCK_RUN_TOKEN_KEY": run_token_key(self._data / "identity"), **self._extras}

    async def _start_functions(self, ports: Mapping[str, int], *, environment: Mapping[str, str]) -> None:
        """Start all five functions at the same time; they are stopped at the same time too."""
        functions = {
            name: self._process(
                name,
                command=function_command(name, entry_module=self._entry_module, port=ports[name]),
                environment=environment,
            )
            for name in FUNCTIONS
        }
        self._exit_stack.push_async_callback(_stop_all, functions)
        for process in functions.values():
            await process.start()
        for name, process in functions.items():
            await process.answers(functools.partial(serves, self.urls[name]), timeout=_TIMEOUT)
            self._log_info(f"{name} answers at {self.urls[name]}")

    async def _start_ticker(self) -> None:
        process = self._process(
            "ticker",
            command=ticker_command(
                url=self.urls["tick"],
                service_account=self._service_account,
                data=self._data,
                period=self._period,
                clock=self._clock_file,
            ),
        )
        self._exit_stack.push_async_callback(process.stop)
        await process.start()

    @property
    def movable(self) -> MovableStack | None:
        """What moving the clock takes; None if this stack has the machine's."""
        if self._clock_file is None:
            return None
        return MovableStack(
            clock=str(self._clock_file),
            identity=str(self._data / "identity"),
            tick_url=self.urls["tick"],
            service_account=self._service_account,
            cloud_tasks=self.cloud_tasks,
            queues=self.queues,
        )

    @property
    def queues(self) -> tuple[str, ...]:
        """The whole names of the queues."""
        parent = f"projects/{self._project}/locations/{LOCATION}/queues"
        return f"{parent}/{QUEUE}", f"{parent}/{TICK_QUEUE}"

    def _process(
        self, name: str, *, command: list[str], environment: Mapping[str, str] = MappingProxyType({})
    ) -> Process:
        """Return a process that is restarted when it dies, and that imports the same `tock` as this process."""
        process = Process(
            name,
            command=command,
            environment={**process_environment(self._path), **environment},
            log=self._log,
            restart=Restart(),
        )
        self.processes = {**self.processes, name: process}
        return process

    @property
    def _clock_file(self) -> Path | None:
        """The file of the clock that can be moved, or None."""
        return None if self.clock is None else self._data / CLOCK_FILE

    @property
    def _allowed_modules(self) -> Sequence[str]:
        """The modules that agents of any project may name."""
        return allow_list("TOCK_PYTHON_MODULES", {**os.environ, **self._extras}).entries

    @property
    def _project(self) -> str:
        return self._extras.get("GOOGLE_CLOUD_PROJECT", GOOGLE_PROJECT)

    @property
    def _service_account(self) -> str:
        return self._extras.get("TOCK_SERVICE_ACCOUNT", f"tock@{self._project}.iam.gserviceaccount.com")

    async def _stop(self) -> None:
        if self._ending is not None:
            self._ending.forget_processes()
        await self._exit_stack.aclose()
        self.processes = {}


async def _stop_all(processes: Mapping[str, Process]) -> None:
    await asyncio.gather(*(process.stop() for process in processes.values()))
