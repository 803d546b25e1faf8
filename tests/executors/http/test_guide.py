"""The receivers in docs/agents/http.md verify what Tock sends, answer at once, and call back."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from documentation.pages import codes
from executors.http.http_calls import SECRET, executor, real_now
from executors.http.http_server import Server, answer, serving
from tock.core.run.outcome import Succeeded, WaitFor, Waiting
from tock.core.run.run_token import RunTokens
from tock.executors.callbacks import Callbacks
from tock.local.tcp_ports import unused_port
from tock.ports.executor import RunContext
from waiting import TIMEOUT, until

pytestmark = pytest.mark.anyio
GUIDE = "docs/agents/http.md"
NODE = Path(__file__).with_name("node")
TOKENS = RunTokens("k" * 32)


@pytest.fixture(scope="session")
def node_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which Node finds the library that the guide says to install."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("Node and npm are not installed: https://nodejs.org/")
    folder: Path = tmp_path_factory.mktemp("node")
    for file in NODE.iterdir():
        shutil.copy(file, folder)
    subprocess.run(
        [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, check=True, capture_output=True
    )
    return folder


def block(language: str) -> str:
    """Return the receiver that the guide shows in this language."""
    [code] = codes(GUIDE, language)
    return code


@pytest.fixture(params=["python", "js"])
async def receiver(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """The URL of a running receiver."""
    if request.param == "python":
        file, program = tmp_path / "receiver.py", sys.executable
    else:
        file, program = request.getfixturevalue("node_folder") / "receiver.mjs", "node"
    file.write_text(block(request.param))
    port = unused_port()
    with running([program, str(file)], AGENT_SECRET=SECRET, PORT=str(port)):
        await until(lambda: answers(f"http://127.0.0.1:{port}/"))
        yield f"http://127.0.0.1:{port}/"


@contextmanager
def running(command: list[str], **variables: str) -> Iterator[None]:
    process = subprocess.Popen(command, env=os.environ | variables)
    try:
        yield
    finally:
        process.kill()
        process.wait(TIMEOUT)


def answers(url: str) -> bool:
    try:
        return httpx.post(url, content=b"", trust_env=False).status_code > 0
    except httpx.TransportError:
        return False


async def test_a_request_without_a_valid_signature_is_refused(receiver: str, context: RunContext) -> None:
    unsigned = await executor(now=real_now).execute({"url": receiver}, context)
    other = {"acme/DIGEST": "whsec_" + "A" * 32}
    foreign = await executor(now=real_now, secrets=other).execute({"url": receiver, "secret": "acme/DIGEST"}, context)

    assert (unsigned.type, foreign.type) == ("http_401", "http_401")
    assert "signature is not valid" in unsigned.message


async def test_a_receiver_answers_at_once(receiver: str, context: RunContext) -> None:
    outcome = await executor(now=real_now).execute({"url": receiver, "secret": "acme/DIGEST"}, context)

    assert outcome == Succeeded({"words": 3})


async def test_a_receiver_calls_back_with_events_before(receiver: str, context_with: Callable[..., RunContext]) -> None:
    async with serving(answer("200 OK", b"{}")) as api:
        callbacks = Callbacks(url=f"http://127.0.0.1:{api.port}", tokens=TOKENS)
        config = {"url": receiver, "secret": "acme/DIGEST", "answers": "callback"}

        outcome = await executor(now=real_now, callbacks=callbacks).execute(config, context_with(message="one two"))
        await until(lambda: len(api.requests) == 2)

    assert isinstance(outcome, Waiting)
    assert outcome.wait_for is WaitFor.CALLBACK
    assert sent(api) == [
        ("/events", {"events": [{"kind": "progress", "data": {"step": "counting"}}]}),
        (":callback?attempt=2", {"words": 2}),
    ]
    token = TOKENS.token(project="acme", run="run-1")
    assert {request.headers["authorization"] for request in api.requests} == {f"Bearer {token}"}


async def test_a_receiver_comes_again_when_tock_says_so(receiver: str, context: RunContext) -> None:
    async with serving(answer("503 Service Unavailable", b"{}", retry_after="2")) as api:
        callbacks = Callbacks(url=f"http://127.0.0.1:{api.port}", tokens=TOKENS)
        config = {"url": receiver, "secret": "acme/DIGEST", "answers": "callback"}

        await executor(now=real_now, callbacks=callbacks).execute(config, context)
        await until(lambda: api.requests)
        api.answer = answer("200 OK", b"{}")
        await until(lambda: len(api.requests) == 3)

    assert [where for where, _ in sent(api)] == ["/events", "/events", ":callback?attempt=2"]


def sent(api: Server) -> list[tuple[str, object]]:
    start = "POST /v1/projects/acme/runs/run-1"
    return [
        (request.line.removeprefix(start).removesuffix(" HTTP/1.1"), json.loads(request.body))
        for request in api.requests
    ]
