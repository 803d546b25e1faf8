"""A deployment with secrets of every sort, and agents of each kind that say all of them."""

import json
import sys
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import anyio

from contract.leaking_servers import LeakingReviewer, LeakingWeb, serving_garbled
from executors.a2a.a2a_server import serving_agent
from executors.asgi_server import serving_app
from executors.command.deployment import Remote
from executors.http.http_server import answer, serving
from executors.llm import notes_program
from executors.llm.llm_calls import MODEL
from executors.llm.model_server import Call, Refuse, Say, serving_model
from tock.app.services import Services
from tock.bootstrap.deployment import build
from tock.bootstrap.settings import Settings
from web.rig import ADMIN_KEY_HASH, ORIGIN, Rig, created, make_rig

RUN_TOKEN_KEY = "the-key-of-run-tokens-of-this-deployment"
SECRETS = {
    "acme/SIGN": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "acme/TOKEN": "token-of-the-service-of-acme",
    "acme/LOGIN": "ada:password-of-ada",
    "acme/MODEL": "sk-key-of-the-project-acme",
    "acme/MCP": "token-of-the-mcp-server-of-acme",
    "acme/CODER": "key-of-the-coding-agent",
}
PROVIDER, NOTES, HEADER = "sk-key-of-the-deployment", "token-of-the-deployments-notes", "value-of-a-header-of-acme"
LOGIN = b64encode(SECRETS["acme/LOGIN"].encode()).decode()
#: Everything that must be nowhere. A value of a header is part of a configuration, which the API shows.
ALL = [*SECRETS.values(), RUN_TOKEN_KEY, PROVIDER, NOTES, LOGIN]
AUTHORIZED = {"auth": {"basic": "acme/LOGIN"}, "headers": {"X-Team": HEADER}}


@dataclass
class Leaks:
    """A deployment whose agent `leaks` is of one kind."""

    kind: str
    config: dict[str, Any]
    allowed: tuple[str, ...] = ()
    provider: str | None = None
    program: str = "true"
    repository: str = "file:///nowhere"
    #: Makes a model ready for a run with this message.
    prepare: Callable[[str], None] = lambda _: None
    web: LeakingWeb | None = None
    #: What must be nowhere besides. What is called back comes to the API, which knows no headers of agents.
    further: tuple[str, ...] = ()
    #: In how many places at least there is something masked: what the API shows, what is stored, what is logged.
    masked: int = 2
    succeeds: bool = True

    async def deployed(self, services: Services) -> Rig:
        """Return the deployment, as its settings have it built, on the store and the queue of the test."""
        provider = {"key": PROVIDER} | ({} if self.provider is None else {"base_url": f"http://{self.provider}/v1"})
        notes = {"command": sys.executable, "args": [notes_program.__file__], "env": {"NOTES_TOKEN": NOTES}}
        coder = {"CODER_KEY": {"secret": "acme/CODER"}}
        command = {"argv": [sys.executable, self.program], "projects": ["acme"], "environment": coder}
        settings = Settings.of_environment(
            {
                "GOOGLE_CLOUD_PROJECT": "acme",
                "TOCK_LOCATION": "local",
                "FIRESTORE_EMULATOR_HOST": "127.0.0.1:1",
                "CLOUD_TASKS_EMULATOR_HOST": "127.0.0.1:1",
                "TOCK_ADMIN_KEY_HASH": ADMIN_KEY_HASH,
                "TOCK_API_URL": ORIGIN,
                "TOCK_RUN_TOKEN_KEY": RUN_TOKEN_KEY,
                "TOCK_SECRETS": json.dumps(SECRETS),
                "TOCK_ALLOWED_HOSTS": ",".join(self.allowed),
                "TOCK_PYTHON_MODULES": "contract.*",
                "TOCK_MODEL_PROVIDERS": json.dumps({"openai-chat": provider}),
                "TOCK_MCP_SERVERS": json.dumps({"acme": {"notes": notes}}),
                "TOCK_COMMANDS": json.dumps({"work": command}),
                "TOCK_REPOSITORIES": json.dumps({"shop": {"url": self.repository, "projects": ["acme"]}}),
            }
        )
        built = build(settings, shutdown=anyio.Event())
        own = replace(services, executors=built.services.executors, mask=built.services.mask)
        rig = make_rig(own, built.access)
        created(await rig.api.post("/v1/projects", json={"id": "acme"}))
        agent = {"id": "leaks", "kind": self.kind, "config": self.config}
        created(await rig.api.post("/v1/projects/acme/agents", json=agent))
        return rig


@asynccontextmanager
async def _python(_: Path, isolation: str) -> AsyncIterator[Leaks]:
    config = {"callable": "contract.leaking_agent:leaks", "isolation": isolation}
    yield Leaks("python", config)


@asynccontextmanager
async def _http(_: Path, path: str) -> AsyncIterator[Leaks]:
    web = LeakingWeb([*ALL, HEADER])
    async with serving_app(web.app) as address:
        config: dict[str, Any] = {"url": f"http://{address}{path}", "secret": "acme/SIGN", **AUTHORIZED}
        if path == "/":
            config |= {"usage": {"model": "usage.model", "input_tokens": "usage.tokens"}}
        elif path == "/later":
            config |= {"answers": "callback"}
        further = () if path == "/later" else (HEADER,)
        succeeds = path != "/redirect"
        yield Leaks("http", config, allowed=(address,), web=web, further=further, succeeds=succeeds)


@asynccontextmanager
async def _garbled(_: Path, __: str) -> AsyncIterator[Leaks]:
    async with serving_garbled([*ALL, HEADER]) as address:
        config = {"url": f"http://{address}/", "answers": "callback", **AUTHORIZED}
        yield Leaks("http", config, allowed=(address,), further=(HEADER,), succeeds=False)


@asynccontextmanager
async def _a2a(_: Path, streaming: str) -> AsyncIterator[Leaks]:
    agent = LeakingReviewer(secrets=[*ALL, HEADER])
    async with serving_agent(streaming=bool(streaming), agent=agent) as (_, address):
        config = {"url": f"http://{address}", **AUTHORIZED}
        yield Leaks("a2a", config, allowed=(address,), further=(HEADER,))


#: What the model's server answers to a run with each message.
_SAID = " ".join(ALL)
_ANSWERS: dict[str, list[Say | Call | Refuse]] = {
    "succeed": [
        Call(
            [("complain", {"text": _SAID}), ("seen_environment", {"name": "NOTES_TOKEN"}), ("fail", {"reason": _SAID})]
        ),
        Say([_SAID, _SAID]),
    ],
    "fail": [Refuse(400, _SAID)],
    "wait": [Call([("drop", {"name": _SAID})]), Say([_SAID])],
}


@asynccontextmanager
async def _llm(_: Path, key: str) -> AsyncIterator[Leaks]:
    async with serving_model() as server:

        def prepare(message: str) -> None:
            server.answers[:] = _ANSWERS[message]

        own = {"key": key} if key else {}
        config = {"model": MODEL, **own, "tools": [{"mcp": "notes"}], "approve": ["drop"]}
        yield Leaks("llm", config, provider=server.address, prepare=prepare)


@asynccontextmanager
async def _llm_tools(_: Path, status: str) -> AsyncIterator[Leaks]:
    said = answer(status, _SAID.encode(), content_type="application/json")
    async with serving_model() as model, serving(said) as server:
        address = f"127.0.0.1:{server.port}"
        tools = [{"mcp_url": f"http://{address}/mcp", "auth": "acme/MCP"}]
        yield Leaks(
            "llm",
            {"model": MODEL, "tools": tools},
            allowed=(address,),
            provider=model.address,
            masked=0,
            succeeds=False,
        )


@asynccontextmanager
async def _command(folder: Path, repository: str) -> AsyncIterator[Leaks]:
    remote = Remote(folder / "there")
    config = {"command": "work"} | ({"repository": repository} if repository else {})
    program = str(Path(__file__).with_name("leaking_program.py"))
    yield Leaks("command", config, program=program, repository=remote.url)


#: Each kind as it is set up, by the name of its tests.
KINDS: dict[str, tuple[Callable[[Path, str], Any], str]] = {
    "python in the loop": (_python, "loop"),
    "python in a process": (_python, "process"),
    "http": (_http, "/"),
    "http by a stream": (_http, "/stream"),
    "http by callback": (_http, "/later"),
    "http by a redirect": (_http, "/redirect"),
    "http that is none": (_garbled, ""),
    "a2a by a stream": (_a2a, "streaming"),
    "a2a": (_a2a, ""),
    "llm with the deployment's key": (_llm, ""),
    "llm with its own key": (_llm, "acme/MODEL"),
    "llm whose tools refuse": (_llm_tools, "401 Unauthorized"),
    "llm whose tools fail": (_llm_tools, "200 OK"),
    "command": (_command, ""),
    "command in a workspace": (_command, "shop"),
}
#: What each kind's agent can be told to do.
_BOTH, _ALL = ("succeed", "fail"), ("succeed", "fail", "wait")
CONDUCTS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(KINDS, ("succeed",)),
    **dict.fromkeys(("python in the loop", "python in a process"), (*_ALL, "refuse")),
    **dict.fromkeys(("http", "http by a stream"), _BOTH),
    **dict.fromkeys(("a2a", "a2a by a stream"), _ALL),
    **dict.fromkeys(("llm with the deployment's key", "llm with its own key"), _ALL),
    **dict.fromkeys(("command", "command in a workspace"), _ALL),
}
