"""The tools of an llm agent: MCP servers of the deployment and by URL, and calls that need an approval."""

import asyncio
import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from executors.asgi_server import serving_app
from executors.llm import mcp_program
from executors.llm.llm_calls import MODEL, SECRETS, executor
from executors.llm.model_server import Call, Refuse, Say, serving_model
from executors.recorder import Recorder
from tock.core.run.outcome import Failed, Succeeded, WaitFor, Waiting
from tock.executors.llm import conversation  # noqa: F401 - the import sets up what a test looks at
from tock.executors.llm.deployment_models import McpServer
from tock.executors.llm.history import messages_of
from tock.ports.executor import GivenAnswer, RunContext
from waiting import until

pytestmark = pytest.mark.anyio
PROGRAM = str(Path(__file__).with_name("notes_program.py"))
NOTES = McpServer(command=sys.executable, args=(PROGRAM,), env={"NOTES_TOKEN": SecretStr("token-of-the-notes")})
OF_THE_SDK = McpServer(command=sys.executable, args=(mcp_program.__file__,))
CONFIG = {"model": MODEL, "tools": [{"mcp": "notes"}]}


async def test_a_tool_of_the_deployments_server_is_called_and_reported(context: RunContext, recorder: Recorder) -> None:
    async with serving_model(Call([("add", {"a": 2, "b": 3})]), Say(["5"])) as server:
        outcome = await executor(server, servers={"notes": OF_THE_SDK}).execute(CONFIG, context)

    assert outcome == Succeeded("5")
    assert [event for event in recorder.events if event[0] == "tool"] == [
        ("tool", {"id": "call-0", "name": "add", "arguments": {"a": 2, "b": 3}}),
        ("tool", {"id": "call-0", "name": "add", "result": 5, "outcome": "success"}),
    ]
    assert {tool["function"]["name"] for tool in server.requests[0]["tools"]} >= {"add", "drop"}


async def test_a_server_gets_its_own_environment_and_not_this_process_s(
    context: RunContext, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCK_TEST_SECRET", "hidden")
    calls = [("seen_environment", {"name": name}) for name in ("NOTES_TOKEN", "TOCK_TEST_SECRET")]
    async with serving_model(Call(calls), Say(["ok"])) as server:
        await executor(server, servers={"notes": NOTES}).execute(CONFIG, context)

    results = {data["id"]: data["result"] for kind, data in recorder.events if kind == "tool" and "result" in data}
    assert results == {"call-0": "token-of-the-notes", "call-1": "nothing"}


async def test_what_a_server_writes_to_its_standard_error_is_logged(context: RunContext, recorder: Recorder) -> None:
    async with serving_model(Call([("complain", {"text": "low on ink"})]), Say(["ok"])) as server:
        await executor(server, servers={"notes": NOTES}).execute(CONFIG, context)

    assert ("info", "low on ink") in recorder.logged


async def test_the_attempt_after_one_that_failed_calls_no_tool_again(
    context_with: Callable[..., RunContext], recorder: Recorder
) -> None:
    async with serving_model(Call([("add", {"a": 2, "b": 3})]), Refuse(503), Say(["5"])) as server:
        failed = await executor(server, servers={"notes": NOTES}).execute(CONFIG, context_with())
        state = recorder.states[-1]
        outcome = await executor(server, servers={"notes": NOTES}).execute(CONFIG, context_with(state=state))

    assert isinstance(failed, Failed)
    assert (failed.retryable, outcome) == (True, Succeeded("5"))
    assert [each["role"] for each in server.requests[-1]["messages"]] == ["system", "user", "assistant", "tool"]
    assert [data["name"] for kind, data in recorder.events if kind == "tool" and "result" in data] == ["add"]


async def test_a_failed_tool_is_the_models_to_deal_with(context: RunContext, recorder: Recorder) -> None:
    async with serving_model(Call([("fail", {"reason": "no paper"})]), Say(["sorry"])) as server:
        outcome = await executor(server, servers={"notes": NOTES}).execute(CONFIG, context)

    assert outcome == Succeeded("sorry")
    assert [data for kind, data in recorder.events if kind == "tool"][-1]["outcome"] == "retried"


async def test_a_server_that_does_not_start_fails_the_attempt(context: RunContext) -> None:
    broken = McpServer(command=sys.executable, args=("-c", "raise SystemExit('no config')"))
    async with serving_model() as server:
        outcome = await executor(server, servers={"notes": broken}).execute(CONFIG, context)

    assert isinstance(outcome, Failed)
    assert (outcome.type, outcome.retryable) == ("tool_server_failed", True)


async def test_a_cancelled_attempt_ends_the_server_and_its_children(context: RunContext, tmp_path: Path) -> None:
    file = tmp_path / "ids"
    async with serving_model(Call([("hang", {"file": str(file)})])) as server:
        running = asyncio.create_task(executor(server, servers={"notes": OF_THE_SDK}).execute(CONFIG, context))
        await until(lambda: file.exists() and len(file.read_text().split()) == 2)
        processes = file.read_text().split()

        running.cancel()

        with pytest.raises(asyncio.CancelledError):
            await running
    assert [process for process in processes if _is_alive(process)] == []


def _is_alive(process: str) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return False


async def test_a_server_by_url_is_called_with_its_token(context: RunContext, recorder: Recorder) -> None:
    seen: list[str] = []
    app = mcp_program.server.streamable_http_app()

    async def noting(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            seen.extend(value.decode() for name, value in scope["headers"] if name == b"authorization")
        await app(scope, receive, send)

    async with (
        serving_app(noting, lifespan="on") as address,
        serving_model(Call([("add", {"a": 2, "b": 3})]), Say(["5"])) as server,
    ):
        tools = [{"mcp_url": f"http://{address}/mcp", "auth": "acme/MCP"}]
        llm = executor(server, allowed_hosts=(address,))
        outcome = await llm.execute({"model": MODEL, "tools": tools}, context)

    assert outcome == Succeeded("5")
    assert recorder.events[1][1]["result"] == 5
    assert set(seen) == {f"Bearer {SECRETS['acme/MCP']}"}


async def test_a_server_whose_name_leads_to_a_private_address_is_not_called(context: RunContext) -> None:
    async def resolve(host: str, port: int) -> list[str]:  # noqa: ARG001 - the guard's signature
        return ["127.0.0.1"]

    async with serving_model() as server:
        tools = [{"mcp_url": "https://notes.example.com/mcp"}]
        outcome = await executor(server, resolve=resolve).execute({"model": MODEL, "tools": tools}, context)

    assert isinstance(outcome, Failed)
    assert (outcome.type, outcome.retryable) == ("address_refused", False)
    assert "notes.example.com resolves to 127.0.0.1" in outcome.message


async def test_a_redirect_to_a_private_address_is_not_followed(context: RunContext) -> None:
    from starlette.responses import RedirectResponse  # noqa: PLC0415 - only this test's

    async with serving_app(RedirectResponse("http://127.0.0.2:9/mcp", 307)) as address, serving_model() as server:
        tools = [{"mcp_url": f"http://{address}/mcp"}]
        llm = executor(server, allowed_hosts=(address,))
        outcome = await llm.execute({"model": MODEL, "tools": tools}, context)

    assert isinstance(outcome, Failed)
    assert outcome.type in {"address_refused", "tool_server_failed"}


APPROVED = {**CONFIG, "approve": ["drop"]}


def answered(*, approved: bool) -> GivenAnswer:
    return GivenAnswer(
        approved=approved, note="Not that one.", by="user:ann@example.com", at=datetime(2027, 3, 28, tzinfo=UTC)
    )


@pytest.mark.parametrize(("approved", "told"), [(True, "dropped plan"), (False, "The call was refused. Not that one.")])
async def test_a_call_that_needs_an_approval_waits_and_the_next_leg_goes_on(
    approved: bool,  # noqa: FBT001 - a parameter of the test
    told: str,
    recorder: Recorder,
    context_with: Callable[..., RunContext],
) -> None:
    calls = Call([("add", {"a": 1, "b": 1}), ("drop", {"name": "plan"})])
    async with serving_model(calls, Say(["ready"])) as server:
        llm = executor(server, servers={"notes": NOTES})

        waiting = await llm.execute(APPROVED, context_with())
        (state,) = recorder.states
        outcome = await llm.execute(APPROVED, context_with(state=state, answer=answered(approved=approved)))

    assert isinstance(waiting, Waiting)
    assert (waiting.wait_for, waiting.question) == (
        WaitFor.APPROVAL,
        'May the agent call drop({"name":"plan"})?',
    )
    assert outcome == Succeeded("ready")
    last = [each for each in server.requests[-1]["messages"] if each["role"] == "tool"]
    assert told in last[-1]["content"]
    assert len(last) == 2


async def test_a_conversation_that_is_too_large_to_keep_fails_the_run(
    context: RunContext, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tock.core.run.gate import state_of  # noqa: PLC0415 - what the real host does

    async def checkpoint(state: Any) -> None:
        recorder.states.append(state_of(state))

    monkeypatch.setattr(recorder, "checkpoint", checkpoint)
    async with serving_model(Call([("drop", {"name": "x" * 300_000})])) as server:
        outcome = await executor(server, servers={"notes": NOTES}).execute(APPROVED, context)

    assert isinstance(outcome, Failed)
    assert (outcome.type, outcome.retryable) == ("conversation_too_large", False)
    assert recorder.states == []


@pytest.mark.parametrize(
    "state", [{"other": 1}, {"messages": [{"kind": "?"}], "waiting": []}], ids=["other", "messages"]
)
async def test_a_state_that_is_not_a_conversation_is_final(state: Any, context_with: Callable[..., RunContext]) -> None:
    async with serving_model() as server:
        outcome = await executor(server).execute({"model": MODEL}, context_with(state=state))

    assert isinstance(outcome, Failed)
    assert (outcome.type, outcome.retryable) == ("invalid_state", False)


def test_no_state_is_an_empty_conversation() -> None:
    assert messages_of(None) == ([], [])


def test_fastmcp_prints_no_log_of_its_own() -> None:
    handlers = [type(handler).__name__ for handler in logging.getLogger("fastmcp").handlers]

    assert "NullHandler" in handlers
    assert "RichHandler" not in handlers
