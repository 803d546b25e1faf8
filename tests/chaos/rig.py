"""The stack under chaos: several instances of tick and run, and a proxy before Firestore."""

import functools
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import anyio
import httpx

import tock
from chaos.diary import DIRECTORY
from chaos.load import MODULE
from chaos.plan import INSTANCES, Profile, instances
from chaos.proxy import Proxy
from tock.core.time import duration_text
from tock.local.firestore.emulator import FirestoreEmulator
from tock.local.identity import LocalIdentity
from tock.local.ports import unused_port
from tock.local.process import Process, Restart
from tock.local.stack.function_environment import LOCATION, PROJECT, QUEUE, TICK_QUEUE, function_environment
from tock.local.stack.probe import listens, serves
from tock.local.stack.queues import create_queue
from tock.local.stack.stack import Stack
from waiting import TIMEOUT

_STACK = "stack"
_FUNCTIONS = Path(tock.__file__).parents[1]
_SOURCE = _FUNCTIONS / "main.py"
_TESTS = Path(__file__).parents[1]
#: The service account that may call tick and run.
ACCOUNT = f"tock@{PROJECT}.iam.gserviceaccount.com"


@dataclass(frozen=True, slots=True)
class Rig:
    """A running stack and the places where it can be hurt."""

    stack: Stack
    #: host:port of Firestore itself, behind the proxy.
    firestore: str
    #: What all functions reach Firestore through.
    weather: Proxy
    #: Every instance of every function, by name: `run`, `run-2`, ….
    instances: Mapping[str, Process]
    #: Where each instance answers.
    urls: Mapping[str, str]
    identity: LocalIdentity
    data: Path
    #: The queues that Cloud Tasks has.
    queues: Sequence[str]

    @property
    def diaries(self) -> Path:
        """Where the agents write down what they do."""
        return self.data / "diaries"

    async def forget_tasks(self) -> None:
        """Let Cloud Tasks lose everything it keeps; it starts again with empty queues."""
        process = self.stack.processes["cloud_tasks"]
        starts = process.restarts
        if process.pid is not None:
            # A race: a process that is stopped writes nothing more, and its successor finds no file.
            os.killpg(process.pid, signal.SIGSTOP)
            for file in self.data.joinpath(_STACK).glob("cloud_tasks*"):
                file.unlink()
            os.killpg(process.pid, signal.SIGKILL)
        with anyio.fail_after(TIMEOUT):
            port = int(self.stack.cloud_tasks.rsplit(":", 1)[1])
            while process.restarts == starts or process.pid is None or not await listens(port):
                await anyio.sleep(0.1)
        for queue in self.queues:
            await create_queue(self.stack.cloud_tasks, project=PROJECT, location=LOCATION, queue=queue)


@asynccontextmanager
async def rigged(*, data: Path, profile: Profile, log: Callable[[str, str], None]) -> AsyncIterator[Rig]:
    """Run the stack with the profile's times until the block ends; nothing of it outlives the block."""
    (data / "diaries").mkdir(parents=True)
    environment = {name: value for name, value in os.environ.items() if name != "FIRESTORE_EMULATOR_HOST"}
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(_TESTS), os.environ.get("PYTHONPATH")]))
    async with AsyncExitStack() as parts:
        emulator = await parts.enter_async_context(FirestoreEmulator.start(environment=environment, log=log))
        weather = Proxy(targets=[int(emulator.host.rsplit(":", 1)[1])])
        await parts.enter_async_context(weather.serving())
        fronts = {name: Proxy(targets=()) for name, many in INSTANCES.items() if many > 1}
        for front in fronts.values():
            await parts.enter_async_context(front.serving())
        settings = {
            "FIRESTORE_EMULATOR_HOST": f"127.0.0.1:{weather.port}",
            **{f"TOCK_{name.upper()}_URL": f"http://127.0.0.1:{front.port}/" for name, front in fronts.items()},
            "TOCK_SERVICE_ACCOUNT": ACCOUNT,
            "TOCK_PYTHON_MODULES": MODULE,
            "TOCK_LEASE": duration_text(profile.lease),
            "TOCK_HEARTBEAT": duration_text(profile.heartbeat),
            "TOCK_GRACE": duration_text(profile.grace),
            "TOCK_LOOK_AHEAD": duration_text(profile.look_ahead),
            DIRECTORY: str(data / "diaries"),
        }
        stack = await parts.enter_async_context(
            Stack(data=data / _STACK, source=_SOURCE, log=log, environment=settings, period=profile.period)
        )
        identity = LocalIdentity.load(data / _STACK / "identity")
        settings = _settings(stack, identity=identity) | settings
        ports = {name: unused_port() for name in instances() if name not in INSTANCES}
        urls = {**stack.urls, **{name: f"http://127.0.0.1:{port}/" for name, port in ports.items()}}
        further = {name: _instance(name, port=port, environment=settings, log=log) for name, port in ports.items()}
        parts.push_async_callback(_stop_all, further.values())
        for name, process in further.items():
            await process.start()
            await process.answers(functools.partial(serves, urls[name]), patience=timedelta(seconds=TIMEOUT))
        for function, front in fronts.items():
            front.targets = [httpx.URL(urls[name]).port or 0 for name in instances(function)]
        yield Rig(
            stack=stack,
            firestore=emulator.host,
            weather=weather,
            instances={name: stack.processes[name] for name in INSTANCES} | further,
            urls=urls,
            identity=identity,
            data=data,
            queues=[QUEUE, TICK_QUEUE],
        )


def _settings(stack: Stack, *, identity: LocalIdentity) -> dict[str, str]:
    """What a further instance finds in its environment: the same as the stack's own."""
    return function_environment(
        firestore=stack.firestore,
        cloud_tasks=stack.cloud_tasks,
        urls=stack.urls,
        service_account=ACCOUNT,
        certificates=identity.certificates,
    )


def _instance(name: str, *, port: int, environment: Mapping[str, str], log: Callable[[str, str], None]) -> Process:
    path = os.pathsep.join(filter(None, [str(_FUNCTIONS), os.environ.get("PYTHONPATH")]))
    return Process(
        name,
        command=[
            *(sys.executable, "-m", "functions_framework", "--signature-type", "http"),
            *("--source", str(_SOURCE), "--target", name.split("-", maxsplit=1)[0]),
            *("--host", "127.0.0.1", "--port", str(port)),
        ],
        environment={**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1", **environment},
        log=log,
        restart=Restart(),
    )


async def _stop_all(processes: Iterable[Process]) -> None:
    async with anyio.create_task_group() as tasks:
        for process in processes:
            tasks.start_soon(process.stop)
