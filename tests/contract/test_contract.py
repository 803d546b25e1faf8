"""What agents of every kind do, through the API and the engine: results, failures, events, usage and states."""

import pytest

from contract.conftest import Contract

pytestmark = pytest.mark.anyio


async def test_a_run_has_a_result_events_and_usage(contract: Contract) -> None:
    run = await contract.settled("work")

    assert (run["status"], run["error"]) == ("succeeded", None)
    assert run["result"] == contract.kind.results["work"]
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


async def test_an_attempt_goes_on_with_the_state_that_the_one_before_it_saved(contract: Contract) -> None:
    if contract.kind.callback is None and (contract.kind.is_service and contract.kind.executor.kind != "llm"):
        pytest.skip("the service answers each attempt from the beginning, and keeps its own state")
    run = await contract.begin("again", retry={"max_retries": 1, "delay": "1s"})

    first = await contract.rig.execute(run)
    if contract.kind.callback is not None:
        await contract.as_agent("checkpoint_url", {"state": {"step": 2}})
        busy = {"error": {"type": "busy", "message": "busy", "retryable": True}}
        first = await contract.called_back(first, busy)
    second = await contract.rig.execute(first)
    if contract.kind.callback is not None:
        assert contract.kind.state() == {"step": 2}
        second = await contract.called_back(second, contract.kind.results["again"])

    assert (first["status"], first["failures"]) == ("queued", 1)
    assert (second["status"], second["result"]) == ("succeeded", contract.kind.results["again"])
    called = [event for event in await contract.events(run) if "outcome" in (event["data"] or {})]
    assert len(called) == (contract.kind.executor.kind == "llm")
