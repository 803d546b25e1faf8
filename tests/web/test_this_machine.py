"""A local stack that asks for no key answers programs and pages of this machine, and no page of another site."""

from dataclasses import dataclass

import httpx
import pytest

from tock.app.services import Services
from tock.web.console.app import create_console
from tock.web.deployment import Access
from tock.web.functions.run import handle_run
from tock.web.this_machine import host_name
from web.console.visitors import token_of
from web.rig import ADMIN_KEY_HASH, LOCAL, RUN_TOKENS, Rig, client_of, function_app, make_rig, problem

pytestmark = pytest.mark.anyio

_OWN = [
    *("127.0.0.1", "127.0.0.1:8625", "localhost:1", "LocalHost", "[::1]", "[::1]:65535", "box.local:8625", "Box.Local"),
]
_FOREIGN = [
    *("evil.example", "evil.example:8625", "127.0.0.1.evil.example", "localhost.evil.example:8625", "localhost."),
    *("127.0.0.1@evil.example", "evil.example@127.0.0.1", "[::1].evil.example", "::1", "[::2]", "10.0.0.1", "", "["),
    *("127.0.0.1:8625:1", "127.0.0.1 ", "localhost/", "127.1", "0x7f.1"),
]
_DELIVERY = {"project": "acme", "run": "r1", "attempt": 1, "dispatch": 1}


@dataclass(frozen=True)
class Stack:
    """A local stack without keys, whose API is also reached at box.local."""

    rig: Rig
    console: httpx.AsyncClient
    run: httpx.AsyncClient

    async def read(self, **headers: str) -> list[httpx.Response]:
        return [
            await self.rig.api.get("/v1/projects", headers=headers),
            await self.console.get("/projects", headers=headers | {"Accept": "text/html"}),
        ]

    async def change(self, *, page_host: str = "127.0.0.1", **headers: str) -> list[httpx.Response]:
        """Start a run or change an agent by each surface, as a page of any site can: no request needs a JSON body.

        The form comes from the console's page at `page_host`: at each port its cookies have other names.
        """
        page = await self.console.get("/projects/acme/agents", headers={"Accept": "text/html", "Host": page_host})
        form = {"form_token": token_of(page)}
        return [
            await self.rig.api.post("/v1/projects/acme/agents/digest:run", headers=headers),
            await self.rig.trigger.post("/", json={"project": "acme", "agent": "digest"}, headers=headers),
            await self.rig.retry.post("/", json={"project": "acme", "run": "r1"}, headers=headers),
            await self.run.post("/", json=_DELIVERY, headers=headers),
            await self.console.post("/projects/acme/agents/digest/enable", data=form, headers=headers),
        ]


@pytest.fixture
async def stack(services: Services) -> Stack:
    access = Access(local=True, run_tokens=RUN_TOKENS, own_hosts=frozenset({"box.local:8625", "[no-host"}))
    rig = make_rig(services, access)
    await rig.make_project()
    console = httpx.AsyncClient(transport=httpx.ASGITransport(create_console(rig.deployment)), base_url=LOCAL)
    return Stack(rig, console, client_of(function_app(handle_run, rig.deployment), key=None, origin=LOCAL))


@pytest.mark.parametrize("host", _OWN)
async def test_every_name_of_this_machine_is_answered_at_any_port(stack: Stack, host: str) -> None:
    read = await stack.read(Host=host)
    changed = await stack.change(page_host=host, Host=host, Origin=f"http://{host}")

    assert [answer.status_code for answer in read] == [200, 200]
    assert [answer.status_code for answer in changed] == [202, 202, 404, 200, 303]


@pytest.mark.parametrize("host", _FOREIGN)
async def test_no_other_name_is_answered_and_the_refusal_says_what_to_do(stack: Stack, host: str) -> None:
    read, changed = await stack.read(Host=host), await stack.change(Host=host)

    for answer in (*read, *changed):
        assert answer.status_code == 400, answer.text
        assert "TOCK_ADMIN_KEY_HASH" in answer.text
        assert "127.0.0.1 or localhost" in answer.text
    assert problem(read[0], 400)["errors"][0]["field"] == "Host"


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "https://127.0.0.1.evil.example", "null", "", "file://", "http://localhost@evil.example"],
)
async def test_a_page_of_another_site_changes_nothing(stack: Stack, origin: str) -> None:
    changed = await stack.change(Origin=origin)

    assert [answer.status_code for answer in changed] == [403] * 5
    assert "may change nothing here, because this stack asks for no key" in problem(changed[0], 403)["detail"]
    assert (await stack.rig.api.get("/v1/projects/acme/runs")).json()["runs"] == []


async def test_a_link_from_another_site_may_be_followed(stack: Stack) -> None:
    read = await stack.read(Origin="https://docs.example")

    assert [answer.status_code for answer in read] == [200, 200]


async def test_where_a_key_is_needed_any_name_is_answered(services: Services) -> None:
    """Somebody else's page has no key, and a deployment is reached by whatever name people give it."""
    deployed = make_rig(services, Access(admin_key_hash=ADMIN_KEY_HASH, keys=True))
    local = make_rig(services, Access(local=True, admin_key_hash=ADMIN_KEY_HASH, keys=True))

    answers = [await rig.api.get("/v1/projects", headers={"Host": "tock.example"}) for rig in (deployed, local)]

    assert [answer.status_code for answer in answers] == [200, 200]


@pytest.mark.parametrize(
    ("host", "name"),
    [("[::1]:80", "::1"), ("a:1", "a"), ("a:", ""), ("a:x", ""), (":80", ""), ("[a", ""), ("A.B", "a.b")],
)
def test_the_name_of_a_host_has_no_port_and_no_brackets(host: str, name: str) -> None:
    assert host_name(host) == name
