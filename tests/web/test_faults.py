"""Errors behind the functions are answered with a problem document, without a trace and without a crash."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from google.cloud.firestore import AsyncClient

from tock.core.run.outcome import Outcome, Succeeded
from tock.ports.executor import Ability, RunContext
from tock.store.firestore import FirestoreStore
from tock.web.deployment import Access
from web.rig import ADMIN_KEY_HASH, Rig, make_rig, problem

pytestmark = pytest.mark.anyio


class Defective:
    """An executor with a defect."""

    kind = "defective"

    def abilities(self, _config: Mapping[str, Any]) -> frozenset[Ability]:
        return frozenset(Ability)

    def check(self, config: Mapping[str, Any], *, project: str) -> None:
        raise RuntimeError(f"the secret of {project} is {config['secret']}")

    async def execute(self, config: Mapping[str, Any], context: RunContext) -> Outcome:
        return Succeeded([config, context.run])


@pytest.fixture
async def absent_store(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Rig]:
    """An API whose store does not answer: nobody listens on the discard port."""
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:9")
    client = AsyncClient(project="nowhere")
    yield make_rig(
        replace(rig.services, store=FirestoreStore(client, shards=8, timeout=timedelta(milliseconds=200))),
        Access(admin_key_hash=ADMIN_KEY_HASH),
    )
    await client._firestore_api.transport.close()


async def test_a_defect_is_logged_with_its_trace_and_tells_the_caller_nothing(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    defective = make_rig(replace(rig.services, executors={"defective": Defective()}), rig.deployment.access)
    body = {"kind": "defective", "config": {"secret": "hunter2"}}

    with caplog.at_level(logging.ERROR, logger="tock"):
        answer = await defective.api.post("/v1/projects/acme/agents", json=body)

    told = problem(answer, 500)
    assert (told["code"], told["transient"]) == ("internal", False)
    assert "hunter2" not in answer.text
    assert "RuntimeError" not in answer.text
    (logged,) = [record for record in caplog.records if record.getMessage() == "unhandled_error"]
    assert "RuntimeError" in logged.__dict__["fields"]["problem"]


async def test_a_store_that_does_not_answer_is_503_and_may_be_asked_again(absent_store: Rig) -> None:
    answers = await asyncio.gather(
        absent_store.api.get("/v1/projects/acme"),
        absent_store.trigger.post("/", json={"project": "acme", "agent": "digest"}),
    )

    for answer in answers:
        told = problem(answer, 503)
        assert (told["code"], told["transient"]) == ("unavailable", True)
        assert int(answer.headers["Retry-After"]) > 0


async def test_a_stored_document_that_no_longer_parses_is_named_and_stops_nothing_else(
    rig: Rig, firestore_client: AsyncClient
) -> None:
    await rig.make_trigger()
    await rig.make_trigger("evening")
    await firestore_client.document("projects", "acme", "triggers", "morning").update({"overlap": "sideways"})

    answer = await rig.api.get("/v1/projects/acme/triggers/morning")
    listed = await rig.api.get("/v1/projects/acme/triggers")

    assert "morning" in problem(answer, 409)["detail"]
    assert [trigger["id"] for trigger in listed.json()["triggers"]] == ["evening"]
