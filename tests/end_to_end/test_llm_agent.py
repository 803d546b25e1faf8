"""An llm agent from its creation to its bill, through the API: functions in processes, and a model's server."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal

from end_to_end.running_stack import RunningStack, running_dev
from executors.llm.llm_calls import MODEL
from executors.llm.model_server import KEY, ModelServer, Say, serving_model
from waiting import result_of

pytestmark = pytest.mark.slow


def test_a_model_is_run_resumed_cancelled_and_billed(tmp_path: Path) -> None:
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(serving_model()) as server:
        providers = {"openai-chat": {"key": KEY, "base_url": f"http://{server.address}/v1"}}
        with running_dev(tmp_path, TOCK_MODEL_PROVIDERS=json.dumps(providers)) as dev:
            made = dev.post("/agents", {"id": "writer", "kind": "llm", "config": {"model": MODEL}})
            assert made.status_code == 201, made.text

            first = _is_run(dev, server)
            _is_resumed(dev, server, first)
            _is_cancelled(dev, server)

            [spent] = dev.get("/usage", group_by="model")["groups"]
            assert KEY not in dev.output

    assert (spent["group"], spent["input_tokens"], spent["output_tokens"]) == (MODEL, 20, 10)


def _is_run(dev: RunningStack, server: ModelServer) -> dict[str, Any]:
    server.answers[:] = [Say(["Hello ", "Ada."])]

    run = dev.post("/agents/writer:run", {"input": {"message": "Greet Ada."}}).json()["id"]
    events = dev.streamed(run)

    ended = dev.settled(run)
    assert (ended["status"], ended["result"]) == ("succeeded", "Hello Ada.")
    assert ("message", {"role": "assistant", "text": "Hello Ada."}) in events
    assert [kind for kind, _ in events][-2:] == ["run.settled", "end"]
    return ended


def _is_resumed(dev: RunningStack, server: ModelServer, first: dict[str, Any]) -> None:
    server.answers[:] = [Say(["Hallo Ada."])]

    answer = dev.post(f"/runs/{first['id']}:resume", {"feedback": "Now in German."})

    assert answer.status_code == 202, answer.text
    ended = dev.settled(answer.json()["id"])
    assert (ended["status"], ended["result"], ended["session"]) == ("succeeded", "Hallo Ada.", first["session"])
    assert server.said == ["Greet Ada.", "Now in German."]


def _is_cancelled(dev: RunningStack, server: ModelServer) -> None:
    server.answers[:] = [Say(["one ", "two"], hold=asyncio.Event())]
    run = dev.post("/agents/writer:run", {"input": {"message": "Count."}}).json()["id"]
    result_of(lambda: [each for each in dev.get(f"/runs/{run}/events")["events"] if each["kind"] == "progress"])

    answer = dev.post(f"/runs/{run}:cancel", {"reason": "enough"})

    assert answer.status_code == 202, answer.text
    ended = dev.settled(run)
    assert (ended["status"], ended["reason"]) == ("cancelled", "enough")
    result_of(server.disconnected.is_set)
