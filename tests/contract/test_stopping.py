"""How agents of every kind are stopped: their work really ends, within five seconds even if they refuse."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from mcp.client import stdio

from contract.conftest import Contract
from contract.kinds import KINDS
from tock.core.timing import Timing
from tock.executors.a2a import conversation as a2a
from tock.executors.command import attempt, program
from tock.executors.http import notify
from tock.executors.kept_process import ending as process
from tock.executors.llm import save, toolsets
from tock.executors.python.shared_process import ending as loop
from waiting import until

pytestmark = pytest.mark.anyio


def seconds(*parts: float) -> timedelta:
    return timedelta(seconds=sum(parts))


#: What stopping an agent takes at most, from the request that the runner has read to the end of its work.
LONGEST = {
    "python in the loop": loop.GRACE + 2 * loop.REST,
    "python in a process": process.GRACE,
    **dict.fromkeys(["http", "http by a stream", "http by callback"], seconds(notify.CANCEL_TIMEOUT)),
    "a2a": seconds(a2a.CANCEL_TIMEOUT),
    # Its servers end, and its conversation is saved, at the same time; a process ends as the SDK of MCP has it.
    "llm": max(
        seconds(save.SAVE_STOPPED),
        seconds(toolsets.GOODBYE),
        seconds(stdio._WRITER_FLUSH_TIMEOUT, stdio.PROCESS_TERMINATION_TIMEOUT, stdio.FORCE_KILL_TIMEOUT),
    ),
    "command": process.GRACE + program.LONGEST_DRAIN + attempt.KEEP_STOPPED,
}


def test_no_kind_takes_longer_to_stop_than_a_runner_has_before_its_lease_ends() -> None:
    assert LONGEST.keys() == KINDS.keys()
    assert max(LONGEST.values()) <= Timing().stop_margin == timedelta(seconds=5)


async def cancelled(contract: Contract, message: str) -> tuple[dict[str, Any], Any]:
    """Cancel a run with this message at work; return the run, and what the agent told of its work."""
    run = await contract.begin(message)
    running = asyncio.create_task(contract.rig.execute(run))
    told = await contract.at_work(run, contract.kind)
    answer = await contract.verb(run, "cancel", reason="enough")
    assert answer.status_code == 202, answer.text
    return await running, told


async def test_a_cancelled_run_is_stopped(contract: Contract) -> None:
    run, told = await cancelled(contract, "hang")

    assert (run["status"], run["reason"]) == ("cancelled", "enough")
    if contract.kind.is_service:
        await until(lambda: contract.kind.stopped(told))
    assert contract.kind.stopped(told)


@pytest.mark.slow
async def test_an_agent_that_refuses_its_stop_is_stopped(contract: Contract) -> None:
    if contract.kind.overcome is None:
        pytest.skip("nothing can stop such an agent: its process ends (app/execution/test_abandoned_work.py)")

    run, told = await cancelled(contract, "stubborn")

    assert (run["status"], run["reason"]) == ("cancelled", "enough")
    if contract.kind.is_service:
        overcome = contract.kind.overcome
        await until(lambda: overcome(told))
    assert contract.kind.overcome(told)
