"""Runs of commands on the real engine: what is kept of a workspace, and how a run is resumed from it."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest

from app.rig import AGENT, Rig, delivery_of
from app.scripted_executor import ScriptedExecutor
from executors.command.deployment import Remote, executor
from executors.python.processes import runs
from tock.app.execution.attempt.leased_attempt import FLUSH_EVERY
from tock.app.execution.cancel import cancel
from tock.app.services import Services
from tock.app.start.resume import ResumeOptions, resume
from tock.app.start.run_command import CommandOptions, run_command
from tock.app.start.run_now import RunOptions, run_agent
from tock.core.mask import Mask
from tock.core.run.outcome import AgentOutcome
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.executors.command.executor import CommandExecutor
from tock.executors.registry import Executors
from tock.ports.executor import Ability, RunContext
from tock.ports.executor import Command as FollowUp
from waiting import TIMEOUT

pytestmark = pytest.mark.anyio

SECRET = "sk-0123456789"
CONFIG = {"command": "work", "repository": "shop"}
CODE = """
if [ "$1" = serve ]; then echo "serves as $$"; exec sleep 1000; fi
echo "$TOCK_MESSAGE" >> tasks.txt; echo "key $KEY"
echo "{\\"event\\": \\"progress\\", \\"data\\": \\"$KEY\\"}"
echo "{\\"result\\": \\"$(tr '\\n' ',' < tasks.txt) with $KEY\\"}"
"""


class Command(ScriptedExecutor):
    """Takes the place of the rig's executor, whose agents it runs as commands."""

    command: CommandExecutor

    def abilities(self, _config: Mapping[str, Any]) -> frozenset[Ability]:
        return self.command.abilities(CONFIG)

    def command_config(self, command: FollowUp, *, project: str) -> Mapping[str, Any]:
        return self.command.command_config(command, project=project)

    async def execute(self, config: Mapping[str, Any], context: RunContext) -> AgentOutcome:
        return await self.command.execute(config or CONFIG, context)


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    return Remote(tmp_path / "there")


@pytest.fixture
def services(rig: Rig, tmp_path: Path, remote: Remote) -> Services:
    command = Command(rig.clock)
    command.command = executor(
        tmp_path,
        ["/bin/sh", "-ec", CODE, "sh"],
        arguments=1,
        url=remote.url,
        environment={"KEY": {"secret": "p/key"}},
        secrets={"p/key": SECRET},
    )
    return replace(rig.services(), executors=Executors([command]), mask=Mask([SECRET]))


async def _ended(rig: Rig, services: Services, run: Run) -> Run:
    await rig.execute(delivery_of(run), services=services)
    return await rig.run(run)


async def test_a_run_tells_what_it_left_and_a_resumed_run_goes_on_from_there(
    rig: Rig, services: Services, remote: Remote
) -> None:
    await rig.create_project("p")
    options = RunOptions(message="Add a till")
    started = await run_agent(services, project="p", agent=AGENT, options=options, key=None, by="ada")
    first = await _ended(rig, services, started.run)

    launched = await resume(
        services, project="p", run=first.id, options=ResumeOptions(feedback="Test it"), key=None, by="ada"
    )
    second = await _ended(rig, services, launched.run)

    assert (first.status, first.result) == (RunStatus.SUCCEEDED, "Add a till, with ***")
    assert (second.status, second.result) == (RunStatus.SUCCEEDED, "Add a till,Test it, with ***")
    assert first.workspace is not None
    assert second.workspace is not None
    assert (first.workspace.files, first.workspace.dirty) == (("tasks.txt",), True)
    assert (second.workspace.branch, second.workspace.commit) == (f"tock/{second.id}", first.workspace.commit)
    assert remote.show(f"refs/tock/runs/{first.id}:tasks.txt") == "Add a till"
    assert remote.show(f"refs/tock/runs/{second.id}:tasks.txt") == "Add a till\nTest it"


async def test_no_secret_appears_in_the_run_or_its_events(rig: Rig, services: Services) -> None:
    await rig.create_project("p")
    started = await run_agent(services, project="p", agent=AGENT, options=RunOptions(), key=None, by="ada")

    run = await _ended(rig, services, started.run)

    page = await rig.store.events("p", run.id, since=0, limit=100)
    assert ("log", {"level": "info", "text": "key ***", "stream": "stdout"}) in [
        (event.kind, event.data) for event in page.events
    ]
    assert SECRET not in run.model_dump_json()
    assert SECRET not in str(page.events)


async def test_what_a_command_after_a_run_prints_is_seen_while_it_works_and_it_is_stopped_on_request(
    rig: Rig, services: Services
) -> None:
    await rig.create_project("p")
    started = await run_agent(services, project="p", agent=AGENT, options=RunOptions(), key=None, by="ada")
    first = await _ended(rig, services, started.run)
    options = CommandOptions(command="work", arguments=("serve",))
    serve = (await run_command(services, project="p", run=first.id, options=options, key=None, by="ada")).run
    working = asyncio.create_task(rig.execute(delivery_of(serve), services=services))

    text = await _first_line(rig, serve)
    process = int(text.removeprefix("serves as "))
    assert runs(process)
    await cancel(services, project="p", run=serve.id, reason="enough", by="ada")
    await rig.advance(rig.timing.heartbeat)
    with anyio.fail_after(TIMEOUT):
        await working

    assert (await rig.run(serve)).status is RunStatus.CANCELLED
    assert not runs(process)


async def _first_line(rig: Rig, run: Run) -> str:
    """Return the first line that the run's program printed, as soon as it can be read."""
    with anyio.fail_after(TIMEOUT):
        while not (page := await rig.store.events("p", run.id, since=0, limit=1)).events:
            await rig.advance(FLUSH_EVERY / 20)
            await asyncio.sleep(0.02)
        return str(page.events[0].data["text"])
