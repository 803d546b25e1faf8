"""The deployment's secrets are masked in whatever an agent gives, however the agent works."""

from dataclasses import replace
from typing import Any

import pytest

from app.rig import Rig, delivery_of
from app.scripted_executor import Behaviour
from app.single_trigger import one_due_run
from tock.app.execution.execute import Receipt
from tock.core.mask import Mask
from tock.core.run.events.event import Event
from tock.core.run.outcome import Failed, Succeeded, Workspace
from tock.core.run.run import Run

pytestmark = pytest.mark.anyio
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


async def _ended(rig: Rig, outcome: Any, *, emits: Any = 0, leaves: Workspace | None = None) -> tuple[Run, list[Event]]:
    rig.executor.behaviour = lambda _: Behaviour(outcome, emits=emits, leaves=leaves)
    run = await one_due_run(rig)
    services = replace(rig.services(), mask=Mask([SECRET]))
    assert await rig.execute(delivery_of(run), services=services) is Receipt.SETTLED
    page = await rig.store.events(run.project, run.id, since=0, limit=100)
    return await rig.run(run), list(page.events)


async def test_a_result_is_masked(rig: Rig) -> None:
    run, _ = await _ended(rig, Succeeded({"key": [SECRET], SECRET: 1}))

    assert run.result == {"key": ["***"], "***": 1}


async def test_a_warning_is_masked(rig: Rig) -> None:
    _, events = await _ended(rig, Succeeded("done", warnings=(f"{SECRET} is odd",)))

    assert [event.data for event in events] == [{"text": "*** is odd"}]


async def test_a_workspace_is_masked(rig: Rig) -> None:
    left = Workspace("shop", "tock/run-1", None, files=(f"{SECRET}.txt",), warning=f"{SECRET} is odd")

    run, _ = await _ended(rig, Succeeded("done"), leaves=left)

    assert run.workspace is not None
    assert (run.workspace.files, run.workspace.warning) == (("***.txt",), "*** is odd")


@pytest.mark.parametrize(
    "failure",
    [Failed("Wrong", f"the key {SECRET} is wrong", retryable=False), ValueError(f"the key {SECRET} is wrong")],
    ids=["returned", "raised"],
)
async def test_an_error_is_masked(rig: Rig, failure: Any) -> None:
    run, _ = await _ended(rig, failure)

    [attempt] = run.attempts
    assert attempt.error is not None
    assert attempt.error.message == "the key *** is wrong"


async def test_an_event_is_masked_in_kind_and_data(rig: Rig) -> None:
    _, events = await _ended(rig, "done", emits=[(SECRET, {"tried": SECRET})])

    assert [(event.kind, event.data) for event in events] == [("***", {"tried": "***"})]


async def test_an_error_that_is_cut_inside_a_secret_is_masked(rig: Rig) -> None:
    run, _ = await _ended(rig, Failed("Wrong", "x" * 3_980 + SECRET, retryable=False))

    [attempt] = run.attempts
    assert attempt.error is not None
    assert attempt.error.message == "x" * 3_980 + "***"
