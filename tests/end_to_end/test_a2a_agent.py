"""An a2a agent from its creation to its bill, through the API: functions in processes, and a server of the SDK."""

from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal

from end_to_end.running_stack import RunningStack
from executors.a2a.a2a_server import Reviewer, serving_agent
from waiting import result_of


@pytest.mark.slow
def test_a_server_is_run_resumed_cancelled_and_billed(dev: RunningStack) -> None:
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(serving_agent()) as (reviewer, address),
    ):
        made = dev.post("/agents", {"id": "by-a2a", "kind": "a2a", "config": {"url": f"http://{address}"}})
        assert made.status_code == 201, made.text

        first = _is_run(dev)
        _is_resumed(dev, reviewer, first)
        _is_cancelled(dev, reviewer)

    [spent] = [each for each in dev.get("/usage", group_by="agent")["groups"] if each["group"] == "by-a2a"]
    assert (spent["input_tokens"], spent["output_tokens"]) == (7, 2)


def _is_run(dev: RunningStack) -> dict[str, Any]:
    run = dev.post("/agents/by-a2a:run", {"input": {"message": "spend"}}).json()["id"]
    events = dev.streamed(run)

    ended = dev.settled(run)
    assert (ended["status"], ended["result"]) == ("succeeded", "I say spend.")
    assert ("progress", {"state": "working", "text": "Reading."}) in events
    assert [kind for kind, _ in events][-2:] == ["run.settled", "end"]
    return ended


def _is_resumed(dev: RunningStack, reviewer: Reviewer, first: dict[str, Any]) -> None:
    answer = dev.post(f"/runs/{first['id']}:resume", {"feedback": "more"})

    assert answer.status_code == 202, answer.text
    ended = dev.settled(answer.json()["id"])
    assert (ended["status"], ended["result"], ended["session"]) == ("succeeded", "I say more.", first["session"])
    said, again = reviewer.messages
    assert said.context_id == again.context_id


def _is_cancelled(dev: RunningStack, reviewer: Reviewer) -> None:
    run = dev.post("/agents/by-a2a:run", {"input": {"message": "hang"}}).json()["id"]
    result_of(lambda: [each for each in dev.get(f"/runs/{run}/events")["events"] if each["kind"] == "progress"])

    answer = dev.post(f"/runs/{run}:cancel", {"reason": "enough"})

    assert answer.status_code == 202, answer.text
    ended = dev.settled(run)
    assert (ended["status"], ended["reason"]) == ("cancelled", "enough")
    result_of(lambda: reviewer.canceled)
