"""The kinds of agents, each with an agent that does what the contract suite asks of all of them."""

import asyncio
import json
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
from executors.llm import notes_program
from executors.llm.llm_calls import MODEL
from executors.llm.llm_calls import executor as llm_executor
from executors.llm.model_server import KEY, Call, Refuse, Say, serving_model
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
STEP = {"step": 2}


@dataclass
class Kind:
    """An executor, the configuration of its agent, and what may be expected of the agent.

    What the agent does, its run's message says: `work` (and `more`, when the run is resumed), `nothing`, `fail`, `ask`
    (answered "main"), `listen` (told "Only Monday."), `hang`, `stubborn` (it refuses its stop), `again` (it saves a
    state and fails, then goes on with the state) and `survive` (its process dies in the first attempt).
    """

    executor: Executor
    config: dict[str, Any]
    #: Settings of a deployment whose functions reach the agent.
    settings: dict[str, str]
    #: Whether the agent's work on the run `hang` has been stopped, given the data of its last event.
    stopped: Callable[[Any], object]
    #: The same for the run `stubborn`; None if nothing can stop an agent of this kind that refuses it.
    overcome: Callable[[Any], object] | None
    #: Whether the agent is a service, which notices its stop when it has read what came over the network.
    is_service: bool = False
    #: Makes the agent ready for a run with this message, where it cannot read the message itself.
    prepare: Callable[[str], None] = lambda _: None
    #: The results by message; `mended` is that of the message `more` after `fail`.
    results: dict[str, Any] = field(default_factory=dict)
    #: The error's type of the message `fail`.
    failure: str = ""
    used: dict[str, int] = field(default_factory=lambda: dict(USED))
    #: Whether an agent of this kind can end without any trace of work.
    can_be_idle: bool = True
    #: The member `callback` of the last request, for an agent that calls back.
    callback: Callable[[], dict[str, str]] | None = None
    #: The state in the last request, for an agent that gets it so.
    state: Callable[[], Any] = lambda: None
    #: What a wait is for, and the verb and body that end it.
    answer: tuple[str, dict[str, Any]] = ("answer", {"value": "main"})
    #: Whether the agent sends events while it works.
    tells: bool = True
    #: Whether the agent has got its attempt; an agent that tells something has.
    is_at_work: Callable[[], object] = lambda: True
    #: Lets a model go on that is in the middle of its answer.
    release: Callable[[], None] = lambda: None
    #: Returns a file of what the remote keeps of a run.
    kept: Callable[[str, str], str] | None = None

    @property
    def abilities(self) -> frozenset[Ability]:
        return self.executor.abilities(self.config)


SAID = {
    "work": ["work"],
    "ask": "main",
    "more": ["work", "more"],
    "mended": ["fail", "more"],
    "steer": [["steer", "Only Monday."]],
    "follow_up": [["follow_up", "Only Monday."]],
    "again": STEP,
    "survive": STEP,
}


@asynccontextmanager
async def python_agent(folder: Path, isolation: str) -> AsyncIterator[Kind]:
    config = {"callable": "contract.python_agent:works", "isolation": isolation}
    is_process = isolation == "process"

    def stopped(told: Any) -> bool:
        return (folder / "stopped").exists() and not (is_process and runs(told["process"]))

    yield Kind(
        PythonExecutor(modules=["contract.*"]),
        config,
        {"TOCK_PYTHON_MODULES": "contract.python_agent"},
        stopped,
        (lambda told: not runs(told["process"])) if is_process else None,
        results=SAID,
        failure="AgentError",
    )


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
        if path != "/stream":
            config["usage"] = {name: f"usage.{name}" for name in USED}
        config |= {"answers": "callback", "deadline": "PT1H"} if path == "/later" else {"steer_url": base + "/steer"}

        def result(said: Any, usage: dict[str, int]) -> Any:
            return said if path == "/stream" else {"said": said, "usage": usage}

        def stopped(_: Any) -> bool:
            return agent.cancelled.is_set() and agent.left.is_set()

        yield Kind(
            executor,
            config,
            {"TOCK_ALLOWED_HOSTS": "127.0.0.1"},
            stopped,
            stopped,
            is_service=True,
            results={
                "work": result(["work"], USED),
                "survive": result(["survive"], USED),
                "again": "done",
                "steer": result(SAID["steer"], {}),
                "follow_up": result(SAID["follow_up"], {}),
            },
            failure="missing" if path == "/stream" else "http_404",
            tells=path == "/stream",
            is_at_work=lambda: agent.requests,
            callback=(lambda: agent.requests[-1]["callback"]) if path == "/later" else None,
            state=lambda: agent.requests[-1].get("state"),
        )


@asynccontextmanager
async def a2a_agent(_: Path, __: str) -> AsyncIterator[Kind]:
    async with serving_agent() as (reviewer, address):
        yield Kind(
            A2aExecutor(allowed_hosts=[address], secrets={}, now=SystemClock().now),
            {"url": f"http://{address}"},
            {"TOCK_ALLOWED_HOSTS": "127.0.0.1"},
            lambda _: reviewer.canceled,
            lambda _: reviewer.canceled,
            is_service=True,
            results={
                "work": "I say work.",
                "more": "I say more.",
                "mended": "I say more.",
                "ask": "You said main.",
                "survive": "I say survive.",
            },
            failure="task_failed",
            used={"input_tokens": 0, "output_tokens": 0},
            can_be_idle=False,
        )


def _model_answers(held: asyncio.Event, ids: Path) -> dict[str, Sequence[Say | Call | Refuse]]:
    """Return what the model's server answers to a run with each message."""
    add = Call([("add", {"a": 2, "b": 3})])
    return {
        "work": [Say(["work"])],
        "more": [Say(["more"])],
        "fail": [Refuse(404, "no such page")],
        "hang": [Say(["one ", "two"], hold=held)],
        "stubborn": [Call([("hang", {"file": str(ids)})])],
        "listen": [Say(["one ", "two"], hold=held), Say(["Monday."])],
        "ask": [Call([("drop", {"name": "x"})]), Say(["dropped"])],
        "again": [add, Refuse(503), Say(["5"])],
        "survive": [add, Say(["one ", "two"], hold=held), Say(["5"])],
    }


@asynccontextmanager
async def llm_agent(folder: Path, __: str) -> AsyncIterator[Kind]:
    notes = McpServer(command=sys.executable, args=(notes_program.__file__,))
    held, ids = asyncio.Event(), folder / "ids"
    async with serving_model() as server:
        answers = _model_answers(held, ids)
        provider = {"key": KEY, "base_url": f"http://{server.address}/v1"}
        servers = {"notes": {"command": notes.command, "args": list(notes.args)}}
        preparing = ""

        def prepare(message: str) -> None:
            nonlocal preparing
            preparing = message
            server.answers[:] = answers[message]

        def is_at_work() -> bool:
            """Whether the model is in its answer, or its tool in its work."""
            if preparing == "stubborn":
                return ids.exists() and len(ids.read_text().split()) == 2
            return len(server.answers) < len(answers[preparing]) - (preparing == "survive")

        yield Kind(
            llm_executor(server, servers={"notes": notes}),
            {"model": MODEL, "tools": [{"mcp": "notes"}], "approve": ["drop"]},
            {
                "TOCK_MODEL_PROVIDERS": json.dumps({"openai-chat": provider}),
                "TOCK_MCP_SERVERS": json.dumps({"acme": servers}),
            },
            lambda _: server.disconnected.is_set(),
            lambda _: not any(runs(int(process)) for process in ids.read_text().split()),
            is_service=True,
            prepare=prepare,
            is_at_work=is_at_work,
            release=held.set,
            results={
                "work": "work",
                "more": "more",
                "mended": "more",
                "steer": "Monday.",
                "follow_up": "Monday.",
                "ask": "dropped",
                "again": "5",
                "survive": "5",
            },
            failure="http_404",
            can_be_idle=False,
            answer=("approve", {}),
        )


@asynccontextmanager
async def command_agent(folder: Path, _: str) -> AsyncIterator[Kind]:
    remote = await asyncio.to_thread(Remote, folder / "there")
    argv = [sys.executable, str(Path(__file__).with_name("program.py"))]
    yield Kind(
        command_executor(folder, argv, url=remote.url),
        {"command": "work", "repository": "shop"},
        {
            "TOCK_COMMANDS": json.dumps({"work": {"argv": argv, "projects": ["*"]}}),
            "TOCK_REPOSITORIES": json.dumps({"shop": {"url": remote.url, "projects": ["*"]}}),
            "TOCK_WORKSPACE_FOLDER": str(folder / "workspaces"),
        },
        lambda told: not runs(told["process"]),
        lambda told: not runs(told["process"]),
        results={**SAID, "survive": {**STEP, "first": "of the first leg"}},
        failure="command_failed",
        kept=lambda run, file: remote.show(f"refs/tock/runs/{run}:{file}"),
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
