"""What the log says of forms that are refused, and of forms that somebody still fills in."""

import logging

import pytest

from web.console.visitors import Visitor, signed_in
from web.rig import Rig, ok

pytestmark = pytest.mark.anyio

_NEW_AGENT = "/projects/acme/agents/new"


def _refusals(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.__dict__["fields"]["route"] for record in caplog.records if record.msg == "request_refused"]


@pytest.fixture
async def somebody(rig: Rig, caplog: pytest.LogCaptureFixture) -> Visitor:
    await rig.make_trigger()
    caplog.set_level(logging.INFO, logger="tock")
    return await signed_in(rig.deployment)


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        (f"{_NEW_AGENT}/check", {"id": "__a__", "kind": "x", "config": "{"}),
        ("/projects/acme/agents/digest/run/check", {"input__payload": "["}),
        ("/projects/acme/triggers/morning/run/check", {"input__payload": "["}),
        ("/projects/acme/triggers/morning/duplicate/check", {"id": "morning"}),
    ],
)
async def test_what_a_check_would_refuse_is_said_and_not_logged(
    somebody: Visitor, caplog: pytest.LogCaptureFixture, path: str, fields: dict[str, str]
) -> None:
    answer = ok(await somebody.post(path, page="/projects/acme/agents", **fields))

    assert answer["fields"] or answer["others"]
    assert _refusals(caplog) == []


@pytest.mark.parametrize("path", ["triggers/new/preview", "triggers/morning/edit/preview"])
async def test_a_preview_of_what_would_be_refused_is_not_logged(
    somebody: Visitor, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    fields = {"agent": "", "timeout": "x", "schedule__cron": "99 * * * *", "schedule__kind": "cron"}

    answer = await somebody.post(f"/projects/acme/{path}", page="/projects/acme/agents", **fields)

    assert answer.status_code == 200
    assert _refusals(caplog) == []


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("agents/new", {"id": "__a__", "kind": "x", "config": "{"}),
        ("agents/{agent}/run", {"input__payload": "["}),
        ("triggers/{trigger}/duplicate", {"id": "morning"}),
    ],
)
async def test_a_form_that_was_sent_and_refused_leaves_one_line(
    somebody: Visitor, caplog: pytest.LogCaptureFixture, path: str, fields: dict[str, str]
) -> None:
    there = path.format(agent="digest", trigger="morning")

    answer = await somebody.post(f"/projects/acme/{there}", page="/projects/acme/agents", **fields)

    assert answer.status_code in {400, 409}
    assert _refusals(caplog) == [f"/projects/{{project}}/{path}"]
