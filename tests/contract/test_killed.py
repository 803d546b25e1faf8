"""The process that runs agents of every kind is killed (kill -9): each run goes on in another one, and ends once."""

import os
import signal
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

import tock
from contract.kinds import KINDS, Kind
from contract.project import PROJECT, Project
from executors.python.processes import runs
from tock.local.stack.stack import Stack
from waiting import TIMEOUT, until
from web.rig import created, ok

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
every_kind = pytest.mark.parametrize("name", KINDS)
ENTRY_MODULE = Path(tock.__file__).parents[1] / "main.py"
#: Kinds whose agents have processes of their own; those start a child in a session of its own.
OF_PROCESSES = ["python in a process", "command"]


@dataclass(frozen=True)
class Survivor:
    """A run that was at work when its process was killed, what its agent had told then, and the run at its end."""

    kind: Kind
    told: Any
    run: dict[str, Any]
    events: list[dict[str, Any]]


@pytest.fixture(scope="module")
async def survivors(
    firestore_emulator: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[dict[str, Survivor]]:
    """Start a run of each kind, kill the process in which all of them are at work, and wait for their ends."""
    folder = tmp_path_factory.mktemp("killed")
    async with AsyncExitStack() as parts:
        kinds = {name: await parts.enter_async_context(_set_up(name, folder)) for name in KINDS}
        settings = {name: value for kind in kinds.values() for name, value in kind.settings.items()}
        stack = await parts.enter_async_context(
            Stack(
                data=folder / "stack",
                entry_module=ENTRY_MODULE,
                log=lambda *_: None,
                period=timedelta(seconds=1),
                path=[Path(__file__).parents[1]],
                environment={
                    **settings,
                    "FIRESTORE_EMULATOR_HOST": firestore_emulator,
                    "GOOGLE_CLOUD_PROJECT": f"test-{uuid.uuid4().hex[:20]}",
                    "TOCK_HEARTBEAT": "PT2S",
                    "TOCK_LEASE": "PT10S",
                },
            )
        )
        api = await parts.enter_async_context(
            httpx.AsyncClient(base_url=stack.urls["api"], timeout=TIMEOUT, trust_env=False)
        )
        created(await api.post("/v1/projects", json={"id": "acme"}))
        project = Project(api)
        begun = {name: await _begun(project, name, kind) for name, kind in kinds.items()}
        told = {name: await project.at_work(run, kinds[name]) for name, run in begun.items()}

        killed = stack.processes["run"].pid
        assert killed is not None
        os.killpg(killed, signal.SIGKILL)

        yield {name: await _survivor(project, begun[name], kinds[name], told[name]) for name in kinds}


def _set_up(name: str, folder: Path) -> Any:
    set_up, how = KINDS[name]
    own = folder / _agent(name)
    own.mkdir()
    return set_up(own, how)


def _agent(name: str) -> str:
    return name.replace(" ", "-")


async def _begun(project: Project, name: str, kind: Kind) -> dict[str, Any]:
    """Return a run of an agent of this kind; what a command left in its first leg is not to be lost with the second."""
    agent = {"id": _agent(name), "kind": kind.executor.kind, "config": kind.config}
    created(await project.api.post(f"{PROJECT}/agents", json=agent))
    kind.prepare("survive")
    given = {"message": "survive", "payload": {"child": name in OF_PROCESSES}}
    run = await project.start(_agent(name), "survive", input=given)
    if kind.kept is not None:
        await project.once(run, "waiting")
        ok(await project.verb(run, "answer", value="main"))
    return run


async def _survivor(project: Project, begun: dict[str, Any], kind: Kind, told: Any) -> Survivor:
    """Return the run once it has ended; an agent that calls back does so first."""
    run = await project.once(begun, "succeeded", "failed", "waiting")
    if kind.callback is not None and run["status"] == "waiting":
        call = kind.callback()
        headers = {"Authorization": f"Bearer {call['token']}"}
        ok(await project.api.post(call["url"], json=kind.results["survive"], headers=headers))
        run = await project.once(begun, "succeeded", "failed")
    return Survivor(kind, told, run, await project.all_events(run))


@every_kind
async def test_the_next_attempt_succeeds_and_nothing_else_is_the_outcome(
    name: str, survivors: dict[str, Survivor]
) -> None:
    survivor = survivors[name]
    run, statuses = survivor.run, [attempt["status"] for attempt in survivor.run["attempts"]]

    assert (run["status"], run["error"], run["failures"]) == ("succeeded", None, 0), run
    assert run["result"] == survivor.kind.results["survive"]
    assert statuses.count("succeeded") == 1
    assert statuses[-1] == "succeeded"
    assert set(statuses[:-1]) - {"waiting"} == {"lost"}
    assert [event["kind"] for event in survivor.events].count("run.settled") == 1


@pytest.mark.parametrize("name", OF_PROCESSES)
async def test_no_process_of_the_agent_is_left(name: str, survivors: dict[str, Survivor]) -> None:
    told = survivors[name].told

    await until(lambda: not runs(told["process"]) and not runs(told["child"]))


async def test_what_an_earlier_leg_kept_in_the_workspace_is_not_lost(survivors: dict[str, Survivor]) -> None:
    survivor = survivors["command"]
    assert survivor.kind.kept is not None

    assert survivor.run["workspace"]["ref"] == f"refs/tock/runs/{survivor.run['id']}"
    assert survivor.kind.kept(survivor.run["id"], "first.txt") == "of the first leg"


async def test_a_model_calls_no_tool_again(survivors: dict[str, Survivor]) -> None:
    called = [event for event in survivors["llm"].events if event["kind"] == "tool" and "result" in event["data"]]

    assert [event["data"]["name"] for event in called] == ["add"]
