"""The kinds of agents, each with an agent that does what the contract suite asks of all of them."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contract.web_agent import WebAgent
from executors.a2a.a2a_server import serving_agent
from executors.asgi_server import serving_app
from executors.command.deployment import Remote
from executors.command.deployment import executor as command_executor
from executors.http.http_calls import TLS
from executors.llm import mcp_program
from executors.llm.llm_calls import MODEL
from executors.llm.llm_calls import executor as llm_executor
from executors.llm.model_server import Call, ModelServer, Refuse, Say, serving_model
from executors.python.processes import runs
from tock.bootstrap.system_clock import SystemClock
from tock.executors.a2a.executor import A2aExecutor
from tock.executors.callbacks import Callbacks
from tock.executors.http.executor import HttpExecutor
from tock.executors.llm.deployment_models import McpServer
from tock.executors.python.executor import PythonExecutor
from tock.ports.executor import Ability, Executor
from web.rig import ORIGIN, RUN_TOKENS

USED = {"input_tokens": 10, "output_tokens": 5}


@dataclass
class Kind:
    """An executor, the configuration of its agent, and what may be expected of the agent."""

    executor: Executor
    config: dict[str, Any]
    #: Whether the agent's work on the run `hang` has been stopped, given the data of its first event.
    stopped: Callable[[Any], object]
    #: Makes the agent ready for a run with this message, where it cannot read the message itself.
    prepare: Callable[[str], None] = lambda _: None
    #: The results of the messages `work`, `listen` (told "Only Monday."), `ask` (answered "main"), `more` after `work`.
    results: dict[str, Any] = field(default_factory=dict)
    #: The error's type of the message `fail`.
    failure: str = ""
    used: dict[str, int] = field(default_factory=lambda: dict(USED))
    #: Whether an agent of this kind can end without any trace of work.
    can_be_idle: bool = True
    #: The member `callback` of the last request, for an agent that calls back.
    callback: Callable[[], dict[str, str]] | None = None
    #: What a wait is for, and the verb and body that end it.
    answer: tuple[str, dict[str, Any]] = ("answer", {"value": "main"})
    #: Whether the agent sends events while it works.
    tells: bool = True
    #: Lets a model go on that is in the middle of its answer.
    release: Callable[[], None] = lambda: None

    @property
    def abilities(self) -> frozenset[Ability]:
        return self.executor.abilities(self.config)


SAID = {"work": ["work"], "listen": ["Only Monday."], "ask": "main", "more": ["work", "more"]}


@asynccontextmanager
async def python_agent(folder: Path, isolation: str) -> AsyncIterator[Kind]:
    config = {"callable": "contract.python_agent:works", "isolation": isolation}

    def stopped(told: Any) -> bool:
        return (folder / "stopped").exists() and (isolation == "loop" or not runs(told["process"]))

    yield Kind(PythonExecutor(modules=["contract.*"]), config, stopped, results=SAID, failure="AgentError")


@asynccontextmanager
async def http_agent(_: Path, path: str) -> AsyncIterator[Kind]:
    agent = WebAgent()
    async with serving_app(agent.app) as address:
        executor = HttpExecutor(
            allowed_hosts=[address],
            secrets={},
            now=SystemClock().now,
            tls=TLS,
            callbacks=Callbacks(url=ORIGIN, tokens=RUN_TOKENS),
        )
        base = f"http://{address}"
        config: dict[str, Any] = {"url": base + path, "cancel_url": base + "/cancel"}
        if path == "/":
            config |= {"usage": {name: f"usage.{name}" for name in USED}, "steer_url": base + "/steer"}
        elif path == "/stream":
            config |= {"steer_url": base + "/steer"}
        else:
            config |= {"answers": "callback", "deadline": "PT1H"}
        wrapped = {"said": ["work"], "usage": USED} if path == "/" else ["work"]
        heard = {"said": ["Only Monday."], "usage": {}} if path == "/" else ["Only Monday."]
        yield Kind(
            executor,
            config,
            lambda _: agent.cancelled.is_set(),
            results={"work": wrapped, "listen": heard, "ask": "main"},
            failure="missing" if path == "/stream" else "http_404",
            tells=path == "/stream",
            callback=(lambda: agent.callback) if path == "/later" else None,
        )


@asynccontextmanager
async def a2a_agent(_: Path, __: str) -> AsyncIterator[Kind]:
    async with serving_agent() as (reviewer, address):
        yield Kind(
            A2aExecutor(allowed_hosts=[address], secrets={}, now=SystemClock().now),
            {"url": f"http://{address}"},
            lambda _: reviewer.canceled,
            results={"work": "I say work.", "more": "I say more.", "ask": "You said main."},
            failure="task_failed",
            used={"input_tokens": 0, "output_tokens": 0},
            can_be_idle=False,
        )


#: What the model's server answers to a run with each message.
MODEL_ANSWERS: dict[str, Callable[[asyncio.Event], Sequence[Say | Call | Refuse]]] = {
    "work": lambda _: [Say(["work"])],
    "more": lambda _: [Say(["more"])],
    "fail": lambda _: [Refuse(404, "no such page")],
    "hang": lambda held: [Say(["one ", "two"], hold=held)],
    "listen": lambda held: [Say(["one ", "two"], hold=held), Say(["Monday."])],
    "ask": lambda _: [Call([("drop", {"name": "x"})]), Say(["dropped"])],
}


@asynccontextmanager
async def llm_agent(_: Path, __: str) -> AsyncIterator[Kind]:
    notes = McpServer(command=sys.executable, args=(mcp_program.__file__,))
    held = asyncio.Event()
    async with serving_model() as server:
        yield Kind(
            llm_executor(server, servers={"notes": notes}),
            {"model": MODEL, "tools": [{"mcp": "notes"}], "approve": ["drop"]},
            lambda _: server.disconnected.is_set(),
            prepare=lambda message: _prepare(server, message, held),
            release=held.set,
            results={"work": "work", "more": "more", "listen": "Monday.", "ask": "dropped"},
            failure="http_404",
            can_be_idle=False,
            answer=("approve", {}),
        )


def _prepare(server: ModelServer, message: str, held: asyncio.Event) -> None:
    server.answers[:] = MODEL_ANSWERS[message](held)


@asynccontextmanager
async def command_agent(folder: Path, _: str) -> AsyncIterator[Kind]:
    remote = await asyncio.to_thread(Remote, folder / "there")
    argv = [sys.executable, str(Path(__file__).with_name("program.py"))]
    yield Kind(
        command_executor(folder, argv, url=remote.url),
        {"command": "work", "repository": "shop"},
        lambda told: not runs(told["process"]),
        results=SAID,
        failure="command_failed",
    )


#: Each kind as it is set up, by the name of its tests.
KINDS = {
    "python in the loop": (python_agent, "loop"),
    "python in a process": (python_agent, "process"),
    "http": (http_agent, "/"),
    "http by a stream": (http_agent, "/stream"),
    "http by callback": (http_agent, "/later"),
    "a2a": (a2a_agent, ""),
    "llm": (llm_agent, ""),
    "command": (command_agent, ""),
}
