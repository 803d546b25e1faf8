"""The processes of a stack: each is started on a port of its own, and answers before the next one starts."""

import asyncio
import functools
import os
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType

from tock.bootstrap.moved_clock import MovedClock
from tock.bootstrap.system_clock import SystemClock
from tock.local.firestore.emulator import FirestoreEmulator
from tock.local.identity.run_token_key import run_token_key
from tock.local.process import Process, Restart
from tock.local.stack.commands import cloud_tasks_command, function_command, ticker_command
from tock.local.stack.ending import Ending
from tock.local.stack.function_environment import (
    FUNCTIONS,
    LOCATION,
    QUEUE,
    TICK_QUEUE,
    function_environment,
    source_folders,
)
from tock.local.stack.probe import listens, serves
from tock.local.stack.queues import create_queue
from tock.local.stack.settings import StackSettings

_TIMEOUT = timedelta(seconds=60)


class Components:
    """The processes of one stack and their addresses; the exit stack stops what was started, in reverse order."""

    def __init__(
        self,
        settings: StackSettings,
        *,
        ports: Mapping[str, int],
        clock: MovedClock | None,
        exit_stack: AsyncExitStack,
        log: Callable[[str, str], None],
        announce: Callable[[str], None],
    ) -> None:
        #: The URL of each function, by its name.
        self.urls: Mapping[str, str] = {name: f"http://127.0.0.1:{ports[name]}/" for name in FUNCTIONS}
        #: host:port of the Firestore emulator.
        self.firestore = f"127.0.0.1:{ports['firestore']}"
        #: host:port of the Cloud Tasks emulator.
        self.cloud_tasks = f"127.0.0.1:{ports['cloud_tasks']}"
        #: The running processes, by name; without a Firestore emulator that Tock did not start.
        self.processes: Mapping[str, Process] = {}
        self._settings = settings
        self._ports = ports
        self._clock = clock
        self._clock_file = None if clock is None else settings.clock_file
        self._exit_stack = exit_stack
        self._log = log
        self._announce = announce

    async def start_firestore(self, ending: Ending) -> None:
        """Start the Firestore emulator, whose end ends the stack; or find the one that runs."""
        emulator = await self._exit_stack.enter_async_context(
            FirestoreEmulator.start(
                data=self._settings.data / "firestore",
                projects=(self._settings.project,),
                port=self._ports["firestore"],
                environment={**os.environ, **self._settings.environment},
                log=self._log,
            )
        )
        self.firestore = emulator.host
        self._announce(f"firestore answers at {self.firestore}")
        if emulator.process is not None:
            self.processes = {**self.processes, emulator.process.name: emulator.process}
            ending.watch(emulator.process)

    async def start_cloud_tasks(self) -> None:
        """Start the Cloud Tasks emulator, and create its queues."""
        port = self._ports["cloud_tasks"]
        process = self._process(
            "cloud_tasks",
            command=cloud_tasks_command(port=port, data=self._settings.data, clock=self._clock_file),
        )
        self._exit_stack.push_async_callback(process.stop)
        await process.start()
        await process.answers(functools.partial(listens, port), timeout=_TIMEOUT)
        for queue in (QUEUE, TICK_QUEUE):
            await create_queue(self.cloud_tasks, project=self._settings.project, location=LOCATION, queue=queue)
        self._announce(f"cloud_tasks answers at {self.cloud_tasks}")

    def function_environment(self, certificates: Path) -> dict[str, str]:
        """Return the variables of every function, with the addresses of the emulators as they are known by now."""
        own = function_environment(
            firestore=self.firestore,
            cloud_tasks=self.cloud_tasks,
            urls=self.urls,
            service_account=self._settings.service_account,
            certificates=certificates,
            started=(self._clock or SystemClock()).now(),
            clock=self._clock_file,
        )
        own |= source_folders(self._settings.path)
        key = run_token_key(self._settings.data / "identity")
        return {**own, "TOCK_RUN_TOKEN_KEY": key, **self._settings.environment}

    async def start_functions(self, environment: Mapping[str, str]) -> None:
        """Start all five functions at the same time; they are stopped at the same time too."""
        functions = {
            name: self._process(
                name,
                command=function_command(name, entry_module=self._settings.entry_module, port=self._ports[name]),
                environment=environment,
            )
            for name in FUNCTIONS
        }
        self._exit_stack.push_async_callback(_stop_all, functions)
        for process in functions.values():
            await process.start()
        for name, process in functions.items():
            await process.answers(functools.partial(serves, self.urls[name]), timeout=_TIMEOUT)
            self._announce(f"{name} answers at {self.urls[name]}")

    async def start_ticker(self) -> None:
        """Start the ticker, which calls the tick."""
        process = self._process(
            "ticker",
            command=ticker_command(
                url=self.urls["tick"],
                service_account=self._settings.service_account,
                data=self._settings.data,
                period=self._settings.period,
                clock=self._clock_file,
            ),
        )
        self._exit_stack.push_async_callback(process.stop)
        await process.start()

    def _process(
        self, name: str, *, command: list[str], environment: Mapping[str, str] = MappingProxyType({})
    ) -> Process:
        """Return a process that is restarted when it dies, and that imports the same `tock` as this process."""
        process = Process(
            name,
            command=command,
            environment={**self._settings.process_environment, **environment},
            log=self._log,
            restart=Restart(),
        )
        self.processes = {**self.processes, name: process}
        return process


async def _stop_all(processes: Mapping[str, Process]) -> None:
    await asyncio.gather(*(process.stop() for process in processes.values()))
