"""What people say to agents of every kind that can hear it: into a turn, after it, in answer to it, after its end."""

import asyncio

import pytest

from contract.conftest import Contract
from tock.ports.executor import Ability

pytestmark = pytest.mark.anyio


def require(contract: Contract, ability: Ability) -> None:
    """Skip the test if the kind lacks this ability; `test_abilities.py` shows that it says so."""
    if ability not in contract.kind.abilities:
        pytest.skip(f"this agent cannot {ability}")


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["steer", "follow_up"])
async def test_a_message_reaches_the_agent_at_work(contract: Contract, mode: str) -> None:
    require(contract, Ability.STEER)
    run = await contract.begin("listen")
    running = asyncio.create_task(contract.rig.execute(run))
    await contract.at_work(run, contract.kind)

    answer = await contract.verb(run, "steer", message="Only Monday.", mode=mode)
    if contract.kind.tells:
        await contract.told(run)
    contract.kind.release()
    ended = await running

    assert answer.status_code == 202, answer.text
    assert (ended["status"], ended["result"]) == ("succeeded", contract.kind.results[mode])


async def test_a_resumed_run_goes_on_with_the_conversation(contract: Contract) -> None:
    require(contract, Ability.RESUME)
    first = await contract.settled("work")
    contract.kind.prepare("more")

    answer = await contract.verb(first, "resume", feedback="more")

    second = await contract.rig.execute(answer.json())
    assert (second["status"], second["result"]) == ("succeeded", contract.kind.results["more"])
    assert (second["session"], second["resumed_from"]) == (first["session"], first["id"])
    again = await contract.verb(first, "resume", feedback="more")
    assert again.is_client_error
    assert f"resumed by run {second['id']}" in again.json()["detail"]


async def test_a_run_that_failed_for_good_is_resumed_too(contract: Contract) -> None:
    require(contract, Ability.RESUME)
    first = await contract.settled("fail")
    contract.kind.prepare("more")

    answer = await contract.verb(first, "resume", feedback="more")

    assert answer.status_code == 202, answer.text
    second = await contract.rig.execute(answer.json())
    assert (first["status"], second["status"]) == ("failed", "succeeded")
    assert second["result"] == contract.kind.results["mended"]


async def test_a_waiting_run_goes_on_with_the_answer(contract: Contract) -> None:
    require(contract, Ability.WAIT)
    if contract.kind.callback is not None:
        pytest.skip("this agent waits in each of its runs")
    waiting = await contract.rig.execute(await contract.begin("ask"))
    assert waiting["status"] == "waiting", waiting

    verb, body = contract.kind.answer
    answer = await contract.verb(waiting, verb, **body)
    ended = await contract.rig.execute(answer.json())

    assert (ended["status"], ended["result"]) == ("succeeded", contract.kind.results["ask"])
    assert [attempt["status"] for attempt in ended["attempts"]] == ["waiting", "succeeded"]
    assert ended["failures"] == 0
