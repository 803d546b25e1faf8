"""The stack of an experiment: several instances of `tick` and `run`, and a proxy in front of Firestore."""

import functools
import json
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
from chaos.faults.plan import INSTANCES, Profile, instances
from chaos.faults.proxy import Proxy
from chaos.load.repository import create_repository
from chaos.load.resources import CHECK, MODULE, REPOSITORY, WORK
from chaos.load.work_line import DIRECTORY
from chaos.processes import MARK
from tock.core.run.run_token import RunTokens
from tock.core.time.duration import duration_text
from tock.local.firestore.emulator import FirestoreEmulator
from tock.local.identity.run_token_key import run_token_key
from tock.local.identity.token_issuer import TokenIssuer
from tock.local.process import Process, Restart
from tock.local.stack.function_environment import GOOGLE_PROJECT, LOCATION, QUEUE, TICK_QUEUE, function_environment
from tock.local.stack.probe import listens, serves
from tock.local.stack.queues import create_queue
from tock.local.stack.stack import Stack
from tock.local.tcp_ports import unused_port
from waiting import TIMEOUT

_STACK, _REPOSITORY = "stack", "shop.git"
_FUNCTIONS = Path(tock.__file__).parents[1]
_SOURCE = _FUNCTIONS / "main.py"
_TESTS = Path(__file__).parents[1]
#: The service account that may call tick and run.
ACCOUNT = f"tock@{GOOGLE_PROJECT}.iam.gserviceaccount.com"


@dataclass(frozen=True, slots=True)
class Rig:
    """A running stack, with what faults are injected into."""

    stack: Stack
    #: host:port of Firestore itself, without the proxy.
    firestore: str
    #: The proxy through which all functions reach Firestore.
    firestore_proxy: Proxy
    #: Every instance of every function, by name: `run`, `run-2`, ….
    instances: Mapping[str, Process]
    #: The URL of each instance.
    urls: Mapping[str, str]
    token_issuer: TokenIssuer
    data: Path
    #: The queues of Cloud Tasks.
    queues: Sequence[str]

    @property
    def work_logs(self) -> Path:
        """The folder of the agents' work logs."""
        return self.data / "work_logs"

    @property
    def repository(self) -> Path:
        """The repository of the command agents."""
        return self.data / _REPOSITORY

    @property
    def run_tokens(self) -> RunTokens:
        """What signs the tokens of runs."""
        return RunTokens(run_token_key(self.data / _STACK / "identity"))

    async def lose_tasks(self) -> None:
        """Kill Cloud Tasks and delete its data; return once it has restarted with empty queues."""
        process = self.stack.processes["cloud_tasks"]
        starts = process.restarts
        if process.pid is not None:
            # A race: a stopped process writes nothing more, so that the restarted one finds no file.
            os.killpg(process.pid, signal.SIGSTOP)
            for file in self.data.joinpath(_STACK).glob("cloud_tasks*"):
                file.unlink()
            os.killpg(process.pid, signal.SIGKILL)
        with anyio.fail_after(TIMEOUT):
            port = int(self.stack.cloud_tasks.rsplit(":", 1)[1])
            while process.restarts == starts or process.pid is None or not await listens(port):
                await anyio.sleep(0.1)
        for queue in self.queues:
            await create_queue(self.stack.cloud_tasks, project=GOOGLE_PROJECT, location=LOCATION, queue=queue)


@asynccontextmanager
async def chaos_rig(*, data: Path, profile: Profile, log: Callable[[str, str], None]) -> AsyncIterator[Rig]:
    """Run the stack with the profile's times until the block ends; no process outlives the block."""
    (data / "work_logs").mkdir(parents=True)
    environment = {name: value for name, value in os.environ.items() if name != "FIRESTORE_EMULATOR_HOST"}
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(_TESTS), os.environ.get("PYTHONPATH")]))
    async with AsyncExitStack() as parts:
        emulator = await parts.enter_async_context(FirestoreEmulator.start(environment=environment, log=log))
        firestore_proxy = Proxy(targets=[int(emulator.host.rsplit(":", 1)[1])])
        await parts.enter_async_context(firestore_proxy.serving())
        balancers = {name: Proxy(targets=()) for name, many in INSTANCES.items() if many > 1}
        for balancer in balancers.values():
            await parts.enter_async_context(balancer.serving())
        settings = {
            "FIRESTORE_EMULATOR_HOST": f"127.0.0.1:{firestore_proxy.port}",
            **{
                f"TOCK_{name.upper()}_URL": f"http://127.0.0.1:{balancer.port}/" for name, balancer in balancers.items()
            },
            "TOCK_SERVICE_ACCOUNT": ACCOUNT,
            "TOCK_PYTHON_MODULES": MODULE,
            "TOCK_LEASE": duration_text(profile.lease),
            "TOCK_HEARTBEAT": duration_text(profile.heartbeat),
            "TOCK_GRACE": duration_text(profile.grace),
            "TOCK_LOOK_AHEAD": duration_text(profile.look_ahead),
            DIRECTORY: str(data / "work_logs"),
            **_commands(data, url=await anyio.to_thread.run_sync(create_repository, data / _REPOSITORY)),
        }
        stack = await parts.enter_async_context(
            Stack(data=data / _STACK, entry_module=_SOURCE, log=log, environment=settings, period=profile.period)
        )
        token_issuer = TokenIssuer.load(data / _STACK / "identity")
        settings = _settings(stack, token_issuer=token_issuer, data=data) | settings
        ports = {name: unused_port() for name in instances() if name not in INSTANCES}
        urls = {**stack.urls, **{name: f"http://127.0.0.1:{port}/" for name, port in ports.items()}}
        more = {name: _instance(name, port=port, environment=settings, log=log) for name, port in ports.items()}
        parts.push_async_callback(_stop_all, more.values())
        for name, process in more.items():
            await process.start()
            await process.answers(functools.partial(serves, urls[name]), timeout=timedelta(seconds=TIMEOUT))
        for function, balancer in balancers.items():
            balancer.targets = [httpx.URL(urls[name]).port or 0 for name in instances(function)]
        yield Rig(
            stack=stack,
            firestore=emulator.host,
            firestore_proxy=firestore_proxy,
            instances={name: stack.processes[name] for name in INSTANCES} | more,
            urls=urls,
            token_issuer=token_issuer,
            data=data,
            queues=[QUEUE, TICK_QUEUE],
        )


def _commands(data: Path, *, url: str) -> dict[str, str]:
    """Return the variables that allow the commands and the repository to every project."""
    environment = {MARK: str(data), "PYTHONPATH": str(_TESTS)}
    program = [sys.executable, "-P", str(_TESTS / "chaos" / "load" / "program.py")]
    commands = {
        verb: {"argv": [*program, verb], "environment": environment, "projects": ["*"]} for verb in (WORK, CHECK)
    }
    return {
        "TOCK_COMMANDS": json.dumps(commands),
        "TOCK_REPOSITORIES": json.dumps({REPOSITORY: {"url": url, "projects": ["*"]}}),
        "TOCK_WORKSPACE_FOLDER": str(data / "workspaces"),
    }


def _settings(stack: Stack, *, token_issuer: TokenIssuer, data: Path) -> dict[str, str]:
    """Return the environment of a more instance: the same as that of the stack's own."""
    own = function_environment(
        firestore=stack.firestore,
        cloud_tasks=stack.cloud_tasks,
        urls=stack.urls,
        service_account=ACCOUNT,
        certificates=token_issuer.certificates,
    )
    return {**own, "TOCK_RUN_TOKEN_KEY": run_token_key(data / _STACK / "identity")}


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
