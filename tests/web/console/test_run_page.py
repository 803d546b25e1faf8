"""The page of one run over HTTP: what stands on it, and the forms that are refused."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from google.cloud.firestore import AsyncClient

from tock.core.errors import InvalidArgument
from tock.core.run.follow_up import FollowUp
from tock.core.run.run import RunWorkspace
from tock.executors.python.executor import PythonExecutor
from tock.executors.registry import Executors
from tock.ports.executor import Command
from tock.ports.store import Change
from tock.web.console.app import create_console
from tock.web.deployment import Access, Deployment
from web.rig import LOCAL, RUN_TOKENS, NobodyVerifies, Rig, created, ok

pytestmark = pytest.mark.anyio
_HIDDEN = re.compile(r'name="(form_token|key)" value="([^"]*)"')
_WORKSPACE = RunWorkspace(
    repository="shop",
    branch="tock/r",
    commit="2" * 40,
    dirty=True,
    files=("a.py",),
    changed=3,
    ref=None,
    warning="Not kept.",
)


@dataclass(frozen=True)
class Site:
    """The console of a deployment, as a browser without scripts uses it."""

    rig: Rig
    browser: httpx.AsyncClient

    async def show(self, run: str, *more: str, **headers: str) -> httpx.Response:
        return await self.browser.get(
            "/".join(("/projects/acme/runs", run, *more)), headers={"Accept": "text/html"} | headers
        )

    async def send(self, run: str, verb: str, **fields: str) -> httpx.Response:
        """Send the form of a verb, with what the page that holds it hides in it."""
        page = await self.show(run, *([verb] if verb in {"cancel", "retry", "resume", "exec"} else []))
        hidden = dict(_HIDDEN.findall(page.text))
        path = f"/projects/acme/runs/{run}/{verb}"
        return await self.browser.post(path, data=hidden | fields, headers={"Accept": "text/html"})

    async def settled(self, agent: str = "digest", **body: Any) -> dict[str, Any]:
        return await self.rig.execute(await self.rig.start(f"agents/{agent}", **body))

    async def change(self, run: str, **changes: Any) -> None:
        found = await self.rig.services.store.run("acme", run)
        assert found is not None
        await self.rig.services.store.commit([Change(before=found, after=found.value.model_copy(update=changes))])


class InWorkspaces(PythonExecutor):
    """Agents in Python, whose workspaces take the command `build`."""

    def command_config(self, command: Command, *, project: str) -> Mapping[str, Any]:
        if command.command != "build":
            raise InvalidArgument(field="command", value=command.command, remedy=f"{project} may run build only")
        return {"callable": "web.sample_agents:digest"}


@pytest.fixture
async def site(rig: Rig) -> Site:
    executors = Executors([InWorkspaces(modules=["web.sample_agents"])])
    deployment = Deployment(
        services=replace(rig.services, executors=executors),
        access=Access(local=True, run_tokens=RUN_TOKENS),
        tokens=NobodyVerifies(),
    )
    for name in ("asking", "questioning", "talking"):
        config = {"callable": f"web.sample_agents:{name}"}
        created(await rig.api.post("/v1/projects/acme/agents", json={"id": name, "kind": "python", "config": config}))
    transport = httpx.ASGITransport(app=create_console(deployment))
    return Site(rig, httpx.AsyncClient(transport=transport, base_url=LOCAL))


async def test_everything_that_is_known_of_a_run_stands_on_its_page(site: Site) -> None:
    run = await site.settled(input={"message": "Hello <b>you</b>", "payload": {"repo": "acme/shop"}, "model": "small"})
    await site.change(
        run["id"], workspace=_WORKSPACE, warnings=("{{payload.tea}} had no value.",), retried_by=("r7",), session="s1"
    )

    page = (await site.show(run["id"])).text

    for text in ("Hello &lt;b&gt;you&lt;/b&gt;", "acme/shop", "small", "Not kept.", "a.py", "and 2 more", "tock/r"):
        assert text in page
    for text in ("{{payload.tea}} had no value.", 'href="/projects/acme/runs/r7"', "It succeeded", "attempt 1"):
        assert text in page
    assert "<b>you</b>" not in page


async def test_a_message_to_a_run_that_has_not_begun_is_read_when_it_begins(site: Site) -> None:
    run = await site.rig.start("agents/digest")

    page = await site.show(run["id"])

    assert "The run has not begun: its agent reads the message when it begins." in page.text
    assert "now, while it works" not in page.text


async def test_a_wrong_field_is_told_beside_it_and_nothing_is_lost(site: Site) -> None:
    run = await site.settled()

    answer = await site.send(run["id"], "retry", model="m" * 300)

    assert answer.status_code == 400
    assert 'aria-invalid="true" aria-describedby="model-wrong"' in answer.text
    assert "must have at most 256 characters" in answer.text
    assert "m" * 300 in answer.text


async def test_an_answer_that_is_no_json_is_told_beside_it(site: Site) -> None:
    run = await site.settled("questioning")

    refused = await site.send(run["id"], "answer", **{"value": "{", "as": "json", "attempt": "1"})
    accepted = await site.send(run["id"], "answer", **{"value": "[3]", "as": "json", "attempt": "1"})

    assert (refused.status_code, 'aria-describedby="value-wrong"' in refused.text) == (400, True)
    assert accepted.status_code == 303
    found = await site.rig.services.store.run("acme", run["id"])
    assert found is not None
    assert found.value.answer == [3]


async def test_an_answer_to_an_earlier_question_answers_nothing(site: Site) -> None:
    run = await site.settled("asking")

    answer = await site.send(run["id"], "approve", attempt="7")

    assert answer.status_code == 409
    assert "does not wait for the approval of attempt 7" in answer.text
    assert "Approve or reject?" in answer.text


async def test_a_key_that_another_request_has_used_starts_nothing(site: Site) -> None:
    first, second = await site.settled(), await site.settled()
    key = dict(_HIDDEN.findall((await site.show(first["id"], "retry")).text))["key"]
    await site.send(first["id"], "retry", key=key)

    answer = await site.send(second["id"], "retry", key=key)

    assert answer.status_code == 409
    assert "which another request started" in answer.text
    assert f'name="key" value="{key}"' not in answer.text


async def test_a_conversation_is_resumed_with_feedback(site: Site) -> None:
    run = await site.settled("talking", input={"message": "Hello"})

    answer = await site.send(run["id"], "resume", feedback="Go on")

    assert answer.status_code == 303
    later = await site.rig.services.store.run("acme", answer.headers["Location"].rpartition("/")[2])
    assert later is not None
    assert (later.value.resumed_from, later.value.input.message) == (run["id"], "Go on")


async def test_a_run_is_repeated_with_the_current_configuration_of_its_trigger(site: Site) -> None:
    await site.rig.make_trigger(input={"message": "then"})
    run = await site.rig.execute(await site.rig.start("triggers/morning"))
    ok(await site.rig.api.patch("/v1/projects/acme/triggers/morning", json={"input": {"message": "now"}}))

    form, answer = (await site.show(run["id"], "retry")).text, await site.send(run["id"], "retry", config="current")

    assert "as the trigger morning has them now" in form
    again = await site.rig.services.store.run("acme", answer.headers["Location"].rpartition("/")[2])
    assert again is not None
    assert (again.value.retry_of, again.value.input.message) == (run["id"], "now")


async def test_a_command_is_run_in_the_workspace_with_an_argument_a_line(site: Site) -> None:
    run = await site.settled()
    without = (await site.show(run["id"])).text
    await site.change(run["id"], workspace=_WORKSPACE.model_copy(update={"ref": "refs/tock/runs/r"}))

    page, answer = (
        (await site.show(run["id"])).text,
        await site.send(run["id"], "exec", command="build", arguments="--all\r\ntwo words\r\n", timeout="90s"),
    )

    assert (f"/runs/{run['id']}/exec" in without, f"/runs/{run['id']}/exec" in page) == (False, True)
    assert answer.status_code == 303
    started = await site.rig.services.store.run("acme", answer.headers["Location"].rpartition("/")[2])
    assert started is not None
    assert started.value.follow_up == FollowUp(
        of=run["id"], repository="shop", command="build", arguments=("--all", "two words")
    )
    assert started.value.timeout == timedelta(seconds=90)


async def test_a_command_that_is_not_allowed_is_told_beside_its_field(site: Site) -> None:
    run = await site.settled()
    await site.change(run["id"], workspace=_WORKSPACE.model_copy(update={"ref": "refs/tock/runs/r"}))

    answer = await site.send(run["id"], "exec", command="erase", arguments="--all")

    assert answer.status_code == 400
    assert 'value="erase"' in answer.text
    assert 'aria-describedby="command-wrong"' in answer.text
    assert "--all</textarea>" in answer.text


async def test_a_verb_that_the_run_does_not_take_shows_the_run_and_why(site: Site) -> None:
    run = await site.settled()

    answer = await site.show(run["id"], "cancel")

    assert answer.status_code == 409
    assert "is succeeded already" in answer.text
    assert f"/runs/{run['id']}/cancel" not in answer.text


async def test_a_run_that_cannot_be_read_says_why_and_can_be_deleted(site: Site, firestore_client: AsyncClient) -> None:
    run = await site.settled()
    await firestore_client.document(f"projects/acme/runs/{run['id']}").update({"status": "dreaming"})

    page = await site.show(run["id"])
    deleted = await site.send(run["id"], "delete")

    assert "cannot be read" in page.text
    assert deleted.status_code == 303
    assert (await site.show(run["id"])).status_code == 404


async def test_a_run_that_can_be_read_is_not_deleted(site: Site) -> None:
    run = await site.settled()

    answer = await site.send(run["id"], "delete")

    assert answer.status_code == 409
    assert "can be read, so its record stays" in answer.text


async def test_the_whole_log_is_a_text(site: Site) -> None:
    run = await site.settled()

    answer = await site.show(run["id"], "log")

    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    lines = [line.split(maxsplit=3)[2:] for line in answer.text.splitlines()]
    assert lines[1:5] == [
        ["run.started", "attempt 1 started"],
        ["progress", '{"read":1}'],
        ["progress", '{"read":2}'],
        ["progress", '{"read":3}'],
    ]


@pytest.mark.parametrize("given", ["-1", "x", "1" * 16])
async def test_a_stream_from_no_event_is_refused(site: Site, given: str) -> None:
    run = await site.settled()

    answer = await site.show(run["id"], "events", **{"Last-Event-ID": given, "Accept": "text/event-stream"})

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "Last-Event-ID")


async def test_a_stream_goes_on_after_an_event(site: Site) -> None:
    run = await site.settled()

    answer = await site.show(run["id"], "events", **{"Last-Event-ID": "1000002", "Accept": "text/event-stream"})

    assert re.findall(r"^id: (\d+)$", answer.text, re.MULTILINE) == ["1000003", "1499998", "1999999"]
    assert "event: end\n" in answer.text
