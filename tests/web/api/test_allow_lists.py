"""Nothing that comes through the API names a program, a path, a module or a repository beyond what is allowed."""

import json
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from executors.a2a.a2a_server import serving_agent
from executors.command.deployment import Remote
from executors.http.http_calls import TLS
from executors.http.http_server import answer, serving
from tock.app.services import Services
from tock.executors.a2a.executor import A2aExecutor
from tock.executors.command.allowed import Allowed, Command, Repository
from tock.executors.command.executor import CommandExecutor
from tock.executors.command.limits import WorkspaceLimits
from tock.executors.http.executor import HttpExecutor
from tock.executors.llm.deployment_models import DeploymentModels, McpServer, ModelProvider
from tock.executors.llm.executor import LlmExecutor
from tock.executors.python.executor import PythonExecutor
from tock.executors.registry import Executors
from tock.web.deployment import Access
from web.rig import ADMIN_KEY_HASH, Rig, created, make_rig, ok, problem

pytestmark = pytest.mark.anyio
AGENTS = "/v1/projects/acme/agents"
#: Prints its arguments and what of its environment the run decides, and leaves a file in its workspace.
PRINTS = """
import json, os, pathlib, sys
sys.stdin.readline()
pathlib.Path("new.txt").write_text("new")
print(json.dumps({"result": {"argv": sys.argv[1:], "path": os.environ["PATH"]}}))
"""


@dataclass(frozen=True)
class Allowing:
    """A deployment that allows something to each kind, and a valid configuration of each."""

    rig: Rig
    configs: dict[str, dict[str, Any]]

    async def make_agents(self) -> None:
        for kind, config in self.configs.items():
            created(await self.rig.api.post(AGENTS, json={"id": kind, "kind": kind, "config": config}))


@pytest.fixture
async def allowing(services: Services, tmp_path: Path) -> AsyncIterator[Allowing]:
    remote = Remote(tmp_path / "there")
    argv = [sys.executable, "-c", PRINTS, "its own"]
    theirs = {"url": remote.url, "projects": ["other"]}
    async with serving(answer("200 OK", b'"done"')) as server, serving_agent() as (_, address):
        hosts = [f"127.0.0.1:{server.port}", address]
        now = services.clock.now
        executors = [
            PythonExecutor(modules=["web.sample_agents"]),
            HttpExecutor(allowed_hosts=hosts, secrets={}, now=now, tls=TLS),
            A2aExecutor(allowed_hosts=hosts, secrets={}, now=now, tls=TLS),
            LlmExecutor(
                models=DeploymentModels(
                    providers={"openai": ModelProvider()},
                    servers={
                        "acme": {"notes": McpServer(command="notes-mcp")},
                        "other": {"files": McpServer(command="x")},
                    },
                ),
                allowed_hosts=[],
                secrets={},
            ),
            CommandExecutor(
                commands=Allowed(
                    {
                        "work": Command.model_validate({"argv": argv, "projects": ["acme"], "arguments": 1}),
                        "theirs": Command.model_validate({"argv": ["/bin/true"], "projects": ["other"]}),
                    }
                ),
                repositories=Allowed(
                    {
                        "shop": Repository.model_validate({"url": remote.url, "projects": ["acme"]}),
                        "vault": Repository.model_validate(theirs),
                    }
                ),
                secrets={},
                workspaces=WorkspaceLimits(tmp_path / "workspaces", count=9, size=10**9),
            ),
        ]
        rig = make_rig(
            replace(services, executors=Executors(executors)), Access(admin_key_hash=ADMIN_KEY_HASH, keys=True)
        )
        created(await rig.api.post("/v1/projects", json={"id": "acme"}))
        configs: dict[str, dict[str, Any]] = {
            "python": {"callable": "web.sample_agents:digest"},
            "http": {"url": f"http://127.0.0.1:{server.port}/"},
            "a2a": {"url": f"http://{address}/"},
            "llm": {"model": "test"},
            "command": {"command": "work", "repository": "shop"},
        }
        yield Allowing(rig, configs)


PYTHON, TOOLS = "web.sample_agents:digest", "config.tools[0]"
#: A kind, a configuration, the field that is refused, the value that is shown, and words of the remedy.
REFUSED: list[tuple[str, dict[str, Any], str, Any, str]] = [
    ("python", {"callable": "os:system"}, "config.callable", "os:system", "TOCK_PYTHON_MODULES"),
    ("python", {"callable": "web.rig:make_rig"}, "config.callable", "web.rig:make_rig", "TOCK_PYTHON_MODULES"),
    ("python", {"callable": "web.sample_agents2:a"}, "config.callable", "web.sample_agents2:a", "TOCK_PYTHON_MODULES"),
    ("python", {"callable": "/bin/sh"}, "config.callable", "/bin/sh", "package.module:function"),
    ("python", {"callable": "../agents:run"}, "config.callable", "../agents:run", "package.module:function"),
    ("python", {"callable": "web.sample_agents:_x"}, "config.callable", "web.sample_agents:_x", "a public function"),
    ("python", {"callable": PYTHON, "module": "os"}, "config.module", "os", "leave it out"),
    ("python", {"callable": PYTHON, "isolation": "/bin/sh"}, "config.isolation", "/bin/sh", "write 'process'"),
    ("http", {"url": "file:///bin/sh"}, "config.url", "file:///bin/sh", "write an https URL"),
    ("http", {"url": "https://e.com/", "command": "/bin/sh"}, "config.command", "/bin/sh", "leave it out"),
    ("http", {"url": "https://e.com/", "cancel_url": "unix:/run/x"}, "config.cancel_url", "unix:/run/x", "https"),
    ("http", {"url": "https://e.com/", "steer_url": "file:///x"}, "config.steer_url", "file:///x", "https"),
    ("a2a", {"url": "file:///etc/card.json"}, "config.url", "file:///etc/card.json", "write an https URL"),
    ("a2a", {"url": "https://e.com/", "callable": "os:system"}, "config.callable", "os:system", "leave it out"),
    ("llm", {"model": "test", "tools": [{"command": "/bin/sh"}]}, TOOLS, '{"command": "/bin/sh"}', '{"mcp": NAME}'),
    ("llm", {"model": "test", "tools": [{"mcp": "/bin/sh"}]}, f"{TOOLS}.mcp", "/bin/sh", "TOCK_MCP_SERVERS"),
    ("llm", {"model": "test", "tools": [{"mcp": "files"}]}, f"{TOOLS}.mcp", "files", "TOCK_MCP_SERVERS"),
    (
        "llm",
        {"model": "test", "tools": [{"mcp": "notes", "args": ["-c", "x"]}]},
        TOOLS,
        '{"mcp": "notes", "args": ["-c", "x"]}',
        '{"mcp": NAME}',
    ),
    ("llm", {"model": "test", "tools": [{"mcp_url": "stdio:sh"}]}, f"{TOOLS}.mcp_url", "stdio:sh", "https URL"),
    ("llm", {"model": "test", "tools": [{"mcp_url": "/x.py"}]}, f"{TOOLS}.mcp_url", "/x.py", "https URL"),
    ("llm", {"model": "outlines:/etc/passwd"}, "config.model", "outlines:/etc/passwd", "TOCK_MODEL_PROVIDERS"),
    ("llm", {"model": "../../etc/passwd"}, "config.model", "../../etc/passwd", "PROVIDER:NAME"),
    ("llm", {"model": "test", "command": "/bin/sh"}, "config.command", "/bin/sh", "leave it out"),
    ("command", {"command": "/bin/sh"}, "config.command", "/bin/sh", "TOCK_COMMANDS"),
    ("command", {"command": "theirs"}, "config.command", "theirs", "TOCK_COMMANDS"),
    ("command", {"command": "work", "argv": ["/bin/sh"]}, "config.argv", '["/bin/sh"]', "leave it out"),
    (
        "command",
        {"command": "work", "environment": {"PATH": "."}},
        "config.environment",
        '{"PATH": "."}',
        "leave it out",
    ),
    ("command", {"command": "work", "repository": "vault"}, "config.repository", "vault", "TOCK_REPOSITORIES"),
    (
        "command",
        {"command": "work", "repository": "file:///etc"},
        "config.repository",
        "file:///etc",
        "TOCK_REPOSITORIES",
    ),
    ("command", {"command": "work", "repository": "../vault"}, "config.repository", "../vault", "TOCK_REPOSITORIES"),
    ("command", {"command": "work", "arguments": ["--exec=sh"]}, "config.arguments[0]", "--exec=sh", "starts with '-'"),
]


@pytest.mark.parametrize(
    ("kind", "config", "field", "value", "remedy"), REFUSED, ids=[f"{kind} {config}" for kind, config, *_ in REFUSED]
)
async def test_a_configuration_names_only_what_the_deployment_allows(
    *, kind: str, config: dict[str, Any], field: str, value: Any, remedy: str, allowing: Allowing
) -> None:
    api = allowing.rig.api
    before = created(await api.post(AGENTS, json={"id": "a", "kind": kind, "config": allowing.configs[kind]}))
    whole = {"kind": kind, "config": config}

    answers = [
        await api.post(AGENTS, json={"id": "b", **whole}),
        await api.put(f"{AGENTS}/a", json=whole),
        await api.patch(f"{AGENTS}/a", json={"config": dict.fromkeys(allowing.configs[kind]) | config}),
    ]

    for refused in answers:
        [error] = problem(refused, 400)["errors"]
        assert (error["field"], error["value"]) == (field, value)
        assert remedy in error["message"]
    assert ok(await api.get(f"{AGENTS}/a"))["config"] == before["config"]
    problem(await api.get(f"{AGENTS}/b"), 404)


#: What a person may write into a run in the hope that something of it is started, read or imported.
SMUGGLED = {
    "a program": "/bin/sh -c 'touch {owned}'",
    "words of a shell": "$(touch {owned}) `touch {owned}`; touch {owned}",
    "an option": "--upload-pack=touch {owned}",
    "a module": "smuggled:agent",
    "a path": "../../owned",
    "a protocol": "ext::touch {owned}",
}


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose path is so short that the name of a model may hold it several times."""
    with TemporaryDirectory() as path:
        yield Path(path)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["python", "http", "a2a", "llm", "command"])
@pytest.mark.parametrize("what", SMUGGLED)
async def test_a_run_names_nothing_that_is_started(
    kind: str, what: str, allowing: Allowing, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owned = folder / "owned"
    (folder / "smuggled.py").write_text(f"import pathlib; pathlib.Path({str(owned)!r}).touch()", encoding="utf-8")
    monkeypatch.syspath_prepend(folder)
    word = SMUGGLED[what].format(owned=owned)
    await allowing.make_agents()
    rig, run_path = allowing.rig, f"{AGENTS}/{kind}:run"
    names = ("command", "argv", "callable", "repository", "url", "tools", "config", "PATH", "environment")
    given = {"message": f"{{{{payload.command}}}} {word}", "payload": dict.fromkeys(names, word), "model": word}

    refused = problem(await rig.api.post(run_path, json={"input": {"ref": word}}), 400)
    run = await rig.execute((await rig.api.post(run_path, json={"input": given, "subject": word})).json())
    resumed = await rig.api.post(f"/v1/projects/acme/runs/{run['id']}:resume", json={"feedback": word, "model": word})
    if resumed.status_code == 202:
        await rig.execute(resumed.json())

    [error] = refused["errors"]
    assert (error["field"], error["value"][:50]) == ("input.ref", word[:50])
    assert not owned.exists()
    if kind == "llm":
        assert (run["status"], run["error"]["type"]) == ("failed", "invalid_config")
    elif kind == "command":
        assert run["result"]["argv"] == ["its own"]
        assert run["result"]["path"] != word
    else:
        assert run["status"] == "succeeded", run


#: A request, the field that is refused, and words of the remedy.
COMMANDS: list[tuple[dict[str, Any], str, str]] = [
    ({"command": "/bin/sh"}, "command", ""),
    ({"command": "../work"}, "command", ""),
    ({"command": "nothing"}, "command", "TOCK_COMMANDS"),
    ({"command": "theirs"}, "command", "TOCK_COMMANDS"),
    ({"command": "work", "arguments": ["-c"]}, "arguments[0]", "starts with '-'"),
    ({"command": "work", "arguments": ["a", "b"]}, "arguments", "at most 1 texts"),
    ({"command": "work", "argv": ["/bin/sh"]}, "argv", ""),
    ({"command": "work", "repository": "vault"}, "repository", ""),
    ({"command": "work", "environment": {"PATH": "."}}, "environment", ""),
]


async def test_a_follow_up_command_names_only_what_the_deployment_allows(allowing: Allowing) -> None:
    await allowing.make_agents()
    rig = allowing.rig
    run = await rig.execute((await rig.api.post(f"{AGENTS}/command:run", json={})).json())
    path = f"/v1/projects/acme/runs/{run['id']}:exec"

    for body, field, remedy in COMMANDS:
        [error] = problem(await rig.api.post(path, json=body), 400)["errors"]
        assert error["field"] == field, error
        assert error["value"] is not None, error
        assert remedy in error["message"]
    done = await rig.execute((await rig.api.post(path, json={"command": "work", "arguments": ["; true"]})).json())
    assert done["result"]["argv"] == ["its own", "; true"]


async def test_a_trigger_brings_nothing_that_is_started(allowing: Allowing) -> None:
    await allowing.make_agents()
    base = {"id": "t", "agent": "command", "schedule": {"cron": "0 9 * * *"}}
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"agent": "../command"}, "agent"),
        ({"agent": {"kind": "command", "config": {"command": "work"}}}, "agent"),
        ({"config": {"command": "work"}}, "config"),
        ({"command": "work"}, "command"),
        ({"input": {"ref": "--upload-pack=sh"}}, "input.ref"),
        ({"input": {"command": "work"}}, "input.command"),
    ]

    for fields, field in wrong:
        refused = problem(await allowing.rig.api.post("/v1/projects/acme/triggers", json=base | fields), 400)
        assert refused["errors"][0]["field"] == field, json.dumps(refused)
