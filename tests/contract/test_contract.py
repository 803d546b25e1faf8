"""What agents of every kind do, through the API and the engine; a kind refuses what it cannot do, and says who can."""

import asyncio
from typing import Any

import pytest

from contract.conftest import Contract
from tock.ports.executor import Ability
from web.rig import problem

pytestmark = pytest.mark.anyio


def refused(answer: Any, contract: Contract, *, verb: str) -> None:
    """Require the 409 that names the kind, the verb and a kind that can."""
    detail = problem(answer, 409)["detail"]
    assert f"of kind '{contract.kind.executor.kind}', which cannot {verb}" in detail
    assert "The kinds that can: " in detail
    assert "python" in detail.partition("The kinds that can: ")[2]


async def test_a_run_has_a_result_events_and_usage(contract: Contract) -> None:
    run = await contract.settled("work")

    assert (run["status"], run["error"]) == ("succeeded", None)
    assert run["result"] == contract.kind.results["work"]
    if contract.kind.callback is None:
        assert {name: run["usage"][name] for name in contract.kind.used} == contract.kind.used
    if contract.kind.tells:
        assert (await contract.events(run))[0]["kind"] in {"progress", "message"}


async def test_a_failure_has_its_type_and_message(contract: Contract) -> None:
    run = await contract.settled("fail")

    assert run["status"] == "failed"
    assert run["error"]["type"] == contract.kind.failure
    expected = "I say fail." if contract.kind.executor.kind == "a2a" else "no such page"
    assert expected in run["error"]["message"]


async def test_a_run_without_a_trace_of_work_is_no_success(contract: Contract) -> None:
    if not contract.kind.can_be_idle:
        pytest.skip("each run of this kind reports its steps")

    run = await contract.settled("nothing")

    assert (run["status"], run["error"]["type"]) == ("failed", "no_progress")


async def test_a_cancelled_run_is_stopped(contract: Contract) -> None:
    run = await contract.begin("hang")
    running = asyncio.create_task(contract.rig.execute(run))
    told = await contract.at_work(run)

    answer = await contract.verb(run, "cancel", reason="enough")
    ended = await running

    assert answer.status_code == 202, answer.text
    assert (ended["status"], ended["reason"]) == ("cancelled", "enough")
    assert contract.kind.stopped(told)


async def test_a_message_reaches_the_turn_under_way(contract: Contract) -> None:
    run = await contract.begin("listen" if Ability.STEER in contract.kind.abilities else "work")
    if Ability.STEER not in contract.kind.abilities:
        refused(await contract.verb(run, "steer", message="Only Monday."), contract, verb="steer")
        return
    running = asyncio.create_task(contract.rig.execute(run))
    await contract.at_work(run)

    answer = await contract.verb(run, "steer", message="Only Monday.")
    if contract.kind.tells:
        await contract.told(run)
    contract.kind.release()
    ended = await running

    assert answer.status_code == 202, answer.text
    assert (ended["status"], ended["result"]) == ("succeeded", contract.kind.results["listen"])


async def test_a_resumed_run_goes_on_with_the_conversation(contract: Contract) -> None:
    first = await contract.settled("work")
    contract.kind.prepare("more")

    answer = await contract.verb(first, "resume", feedback="more")

    if Ability.RESUME not in contract.kind.abilities:
        refused(answer, contract, verb="resume")
        return
    second = await contract.rig.execute(answer.json())
    assert (second["status"], second["result"]) == ("succeeded", contract.kind.results["more"])
    assert (second["session"], second["resumed_from"]) == (first["session"], first["id"])
    again = await contract.verb(first, "resume", feedback="more")
    assert again.is_client_error
    assert f"resumed by run {second['id']}" in again.json()["detail"]


async def test_a_waiting_run_goes_on_with_the_answer(contract: Contract) -> None:
    if Ability.WAIT not in contract.kind.abilities or contract.kind.callback is not None:
        pytest.skip("this agent does not wait, or it waits in each of its runs")
    waiting = await contract.rig.execute(await contract.begin("ask"))
    assert waiting["status"] == "waiting", waiting

    verb, body = contract.kind.answer
    answer = await contract.verb(waiting, verb, **body)
    ended = await contract.rig.execute(answer.json())

    assert (ended["status"], ended["result"]) == ("succeeded", contract.kind.results["ask"])
    assert [attempt["status"] for attempt in ended["attempts"]] == ["waiting", "succeeded"]
    assert ended["failures"] == 0
